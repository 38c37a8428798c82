/** The pages with which a study is set up. */

import "../../ui/tokens.css";
import "../../ui/base.css";
