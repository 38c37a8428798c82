/** Starts the viewer. */

import "../ui/tokens.css";
import "../ui/base.css";
import "./bars.css";
import "./panel.css";
import "./keysheet.css";
import "../scoring/sheet.css";
import "./viewer.css";
import { render } from "preact";
import { Viewer } from "./Viewer";

const place = document.getElementById("app");
if (place) render(<Viewer />, place);
