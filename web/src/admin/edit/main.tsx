/** The pages with which a study is set up. */

import "../../ui/tokens.css";
import "../../ui/base.css";
import "../../ui/pagebar.css";
import "./edit.css";
import "./slides/slides.css";
import "./config/config.css";
import "./tabs.css";
import "../../scoring/marks.css";
import "../../study/insight.css";
import "../../study/agreement/agreement.css";
import "../../study/progress/progress.css";
import "../../study/sessions/sessions.css";
import { render } from "preact";
import { Edit } from "./Edit";
import { NewStudy } from "./NewStudy";
import { QuestionsPage } from "./QuestionsPage";
import { Studio } from "./studio";

const place = document.getElementById("app");
const wanted = new URLSearchParams(location.search);
const studyId = Number(
  [...wanted].find(([name]) => name.toLowerCase() === "studyid")?.[1] ?? Number.NaN,
);

function page() {
  if (/\/questions\/edit\/?$/i.test(location.pathname)) return <QuestionsPage />;
  return Number.isInteger(studyId) ? <Edit studio={new Studio(studyId)} /> : <NewStudy />;
}

if (place) render(page(), place);
