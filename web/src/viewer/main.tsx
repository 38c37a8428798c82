/** Starts the viewer. */

import "../ui/tokens.css";
import "../ui/base.css";
import "./viewer.css";
import { render } from "preact";
import { Viewer } from "./Viewer";

const place = document.getElementById("app");
if (place) render(<Viewer />, place);
