/** Tokens, people, uploads and the audit trail. */

import "../../ui/tokens.css";
import "../../ui/base.css";
