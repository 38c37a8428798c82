/** Starts the list of studies. */

import "../ui/tokens.css";
import "../ui/base.css";
import "../ui/pagebar.css";
import "./table.css";
import "./home.css";
import "../ui/theme";
import { render } from "preact";
import { Home } from "./Home";

const place = document.getElementById("app");
if (place) render(<Home />, place);
