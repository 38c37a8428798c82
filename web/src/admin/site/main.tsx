/** Starts the pages of tokens, people and the audit trail. */

import "../../ui/tokens.css";
import "../../ui/base.css";
import "../../ui/pagebar.css";
import "../../viewer/keysheet.css";
import "./site.css";
import "../../ui/theme";
import { render } from "preact";
import { Site } from "./Site";

const place = document.getElementById("app");
if (place) render(<Site />, place);
