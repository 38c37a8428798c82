/** The page of one study. */

import "../ui/tokens.css";
import "../ui/base.css";
