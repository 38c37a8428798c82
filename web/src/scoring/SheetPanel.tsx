/** The tab "Score": questions, and how far the reader is. */

import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../ui/Icon";
import { words } from "../ui/words";
import { QuestionCard } from "./QuestionCard";
import type { Sheet } from "./sheet";

export function SheetPanel({ sheet, slideCount }: { sheet: Sheet; slideCount: number }) {
  const list = useRef<HTMLOListElement>(null);
  const active = sheet.active.value;

  useEffect(() => {
    list.current
      ?.querySelector("[data-active='true']")
      ?.scrollIntoView({ block: "nearest", behavior: "instant" });
  }, [active]);

  const said = words.scoring;
  const { rights } = sheet;
  if (sheet.problem.value) {
    return <p class="sheet-note">{sheet.problem.value.message || said.noSheet}</p>;
  }
  if (rights.value && sheet.questions.value.length === 0) {
    return <p class="sheet-note">{said.noQuestions}</p>;
  }
  return (
    <>
      <div class="scroll">
        {rights.value && !sheet.canAnswer.value && <p class="sheet-note">{said.viewOnly}</p>}
        <ol class="questions" ref={list}>
          {sheet.lines.value.map(({ question, isAsked }) => (
            <QuestionCard
              key={question.id}
              sheet={sheet}
              question={question}
              isAsked={isAsked}
              isActive={question.name === active && isAsked}
            />
          ))}
        </ol>
      </div>
      {sheet.canAnswer.value && <Foot sheet={sheet} slideCount={slideCount} />}
    </>
  );
}

function Foot({ sheet, slideCount }: { sheet: Sheet; slideCount: number }) {
  const said = words.scoring;
  const done = sheet.doneCount.value;
  const percent = slideCount > 0 ? Math.floor((100 * done) / slideCount) : 0;
  return (
    <footer class="sheet-foot">
      <p class="progress-line">
        <span>
          <strong>{said.done(done, slideCount)}</strong> {said.slidesDone}
        </span>
        <span class="percent">{percent} %</span>
      </p>
      <span class="progress-bar">
        <i style={{ width: `${percent}%` }} />
      </span>
      <div class="foot-acts">
        <button type="button" class="button primary" onClick={() => sheet.finish()}>
          {said.nextUnscored} <kbd>↵</kbd>
        </button>
        <button
          type="button"
          class="button square"
          aria-label={said.undo}
          title={`${said.undo} (Ctrl Z)`}
          onClick={() => sheet.undo()}
        >
          <Icon name="undo" />
        </button>
      </div>
    </footer>
  );
}
