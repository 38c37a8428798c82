/** The head of the page: what the study is, and what to do with it next. */

import { root } from "../api/http";
import type { Slide } from "../api/studies";
import { slideAddress } from "../scoring/api";
import { Icon } from "../ui/Icon";
import type { Known } from "./Study";
import { words } from "./words";

export function Heading({ known, next }: { known: Known; next: Slide | null }) {
  const { study, slides, rights, questions } = known;
  const sentences = [
    `${words.slides(slides.length)}, ${words.questions(questions.length)}.`,
    rights.canScore ? "" : words.viewOnly,
  ];
  return (
    <section class="study-head" aria-labelledby="study-label">
      <div class="study-title">
        <h1 id="study-label">{study.label}</h1>
        <span class="tag state" data-draft={study.publishedOn === null}>
          <Icon name={study.publishedOn ? "check" : "draft"} small />
          {study.publishedOn ? words.published : words.draft}
        </span>
        {study.tags.map((tag) => (
          <span key={tag} class="tag">
            {tag}
          </span>
        ))}
        <p>{sentences.filter(Boolean).join(" ")}</p>
      </div>
      <div class="study-acts">
        {rights.canGetResults && (
          <a class="button" href={`${root}/Study/Details?studyId=${study.id}&tab=agreement`}>
            {words.agreement}
          </a>
        )}
        {rights.canEdit && (
          <a class="button" href={`${root}/Study/Edit?studyId=${study.id}`}>
            <Icon name="edit" /> {words.edit}
          </a>
        )}
        <Onward known={known} next={next} />
      </div>
    </section>
  );
}

function Onward({ known, next }: { known: Known; next: Slide | null }) {
  const { study, slides, rights, marks } = known;
  const first = slides[0];
  if (!first) return null;
  if (!rights.canScore || !next) {
    return (
      <a class="button large" href={slideAddress(study.id, first.id)}>
        {words.look}
      </a>
    );
  }
  const isBegun = [...marks.values()].some((mark) => mark !== "open");
  return (
    <a class="button primary large" href={slideAddress(study.id, next.id)}>
      {isBegun ? words.goOn(next.name) : words.start}
    </a>
  );
}
