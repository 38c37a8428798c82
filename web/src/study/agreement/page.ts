/** The tab "Agreement" with its looks, for a page that fetches it late. */

import "../insight.css";
import "./agreement.css";

export { AgreementTab } from "./AgreementTab";
