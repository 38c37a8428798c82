/** The page of a study: its slides with how far the reader is, and what can be done with it. */

import { useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { root } from "../api/http";
import { listSlides, listStudies, type Slide, type Study as StudyEntry } from "../api/studies";
import { type Mark, type Rights, readMarks, readQuestions, readRights } from "../scoring/api";
import type { Question } from "../scoring/questions";
import { type Problem, problemOf } from "../ui/failure";
import { Icon } from "../ui/Icon";
import { PageBar } from "../ui/PageBar";
import { Refusal } from "../ui/Refusal";
import { words as common } from "../ui/words";
import { Aside } from "./Aside";
import { Gallery } from "./Gallery";
import { Heading } from "./Heading";
import { Insight } from "./Insight";
import { type Filter, matching, nextOf } from "./slides";
import { words } from "./words";

/** What the page knows of its study. */
export interface Known {
  study: StudyEntry;
  slides: readonly Slide[];
  rights: Rights;
  questions: readonly Question[];
  marks: ReadonlyMap<number, Mark>;
}

export function Study() {
  const known = useSignal<Known | null>(null);
  const problem = useSignal<Problem | null>(null);
  const filter = useSignal<Filter>("all");
  const query = useSignal("");
  const asked = new URLSearchParams(location.search);
  const tab = asked.get("tab");
  const isByCase = useSignal(asked.get("by") === "case");

  useEffect(() => {
    read()
      .then((found) => {
        known.value = found;
        document.title = common.title(found.study.label);
      })
      .catch((error: unknown) => {
        problem.value = problemOf(error, new Date());
      });
  }, []);

  const found = useComputed(() => {
    if (!known.value) return [];
    return matching(known.value.slides, known.value.marks, filter.value, query.value);
  });
  const at = known.value;
  const next = at && nextOf(at.slides, at.marks);
  return (
    <>
      <PageBar
        crumbs={[
          { name: words.studies, address: `${root}/` },
          { name: at?.study.label ?? words.unnamed, address: null },
        ]}
      />
      {problem.value && (
        <main>
          <Refusal problem={problem.value} heading={words.failed} onRetry={() => location.reload()}>
            <a class="button" href={`${root}/`}>
              {words.toStudies}
            </a>
          </Refusal>
        </main>
      )}
      {!at && !problem.value && <p class="waiting">{words.loading}</p>}
      {at && (
        <>
          <Heading known={at} next={next} />
          {tab === "agreement" && at.rights.canGetResults ? (
            <main>
              <Insight known={at} />
            </main>
          ) : (
            <div class="study-body">
              <main>
                {at.slides.length === 0 ? (
                  <Empty studyId={at.study.id} canEdit={at.rights.canEdit} />
                ) : (
                  <Gallery
                    known={at}
                    found={found.value}
                    next={next}
                    filter={filter}
                    query={query}
                    isByCase={isByCase}
                  />
                )}
              </main>
              <Aside known={at} />
            </div>
          )}
        </>
      )}
    </>
  );
}

async function read(): Promise<Known> {
  const parameters = [...new URLSearchParams(location.search)];
  const id = parameters.find(([name]) => name.toLowerCase() === "studyid")?.[1];
  const studyId = Number(id);
  const [rights, slides, studies, questions] = await Promise.all([
    readRights(studyId),
    listSlides(studyId),
    listStudies(),
    readQuestions(studyId),
  ]);
  const study = studies.find((entry) => entry.id === studyId);
  if (!study) throw new TypeError("the study is not in the list");
  const marks = rights.canScore ? await readMarks(studyId, rights.email) : new Map();
  return { study, slides, rights, questions, marks };
}

function Empty({ studyId, canEdit }: { studyId: number; canEdit: boolean }) {
  return (
    <section class="empty">
      <Icon name="slides" />
      <h2>{words.empty}</h2>
      <p>{canEdit ? words.emptyEditor : words.emptyReader}</p>
      {canEdit && (
        <a class="button primary" href={`${root}/Study/Edit?studyId=${studyId}&tab=slides`}>
          {words.addSlides}
        </a>
      )}
    </section>
  );
}
