/** The pages with which a study is set up. */

import "../../ui/tokens.css";
import "../../ui/base.css";
import "../../ui/pagebar.css";
import "../../scoring/sheet.css";
import "./edit.css";
import "./slides/slides.css";
import "./config/config.css";
import "./tabs.css";
import "./questions/questions.css";
import "./tma/tma.css";
import "../../scoring/marks.css";
import "../../study/insight.css";
import "../../study/agreement/agreement.css";
import "../../study/progress/progress.css";
import "../../study/sessions/sessions.css";
import "../../ui/theme";
import { render } from "preact";
import { Edit } from "./Edit";
import { NewStudy } from "./NewStudy";
import { QuestionsPage } from "./QuestionsPage";
import { Studio } from "./studio";
import { UploadsPage } from "./uploads/UploadsPage";

const place = document.getElementById("app");
const wanted = new URLSearchParams(location.search);
const studyId = Number(
  [...wanted].find(([name]) => name.toLowerCase() === "studyid")?.[1] ?? Number.NaN,
);

function page() {
  if (/\/questions\/edit\/?$/i.test(location.pathname)) return <QuestionsPage />;
  if (/\/uploads\/?$/i.test(location.pathname)) return <UploadsPage />;
  return Number.isInteger(studyId) ? <Edit studio={new Studio(studyId)} /> : <NewStudy />;
}

if (place) render(page(), place);
