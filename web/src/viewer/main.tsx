/** Starts the viewer. */

import "../ui/tokens.css";
import "../ui/base.css";
import "./bars.css";
import "./panel.css";
import "./keysheet.css";
import "../scoring/marks.css";
import "../drawing/drawing.css";
import "../layers/layers.css";
import "../scoring/sheet.css";
import "./viewer.css";
import "./tma/tma.css";
import "./panes/panes.css";
import "./dialog.css";
import { render } from "preact";
import { Viewer } from "./Viewer";

const place = document.getElementById("app");
if (place) render(<Viewer />, place);
