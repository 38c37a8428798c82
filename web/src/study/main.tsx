/** Starts the page of a study. */

import "../ui/tokens.css";
import "../ui/base.css";
import "../ui/pagebar.css";
import "../scoring/marks.css";
import "./study.css";
import "../ui/theme";
import { render } from "preact";
import { Study } from "./Study";

const place = document.getElementById("app");
if (place) render(<Study />, place);
