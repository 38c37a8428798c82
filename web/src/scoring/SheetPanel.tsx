/** The tab "Score": questions, and how far the reader is. */

import type { Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { root } from "../api/http";
import { Icon } from "../ui/Icon";
import { words } from "../ui/words";
import { coreWords } from "../viewer/tma/words";
import { QuestionCard } from "./QuestionCard";
import type { Sheet } from "./sheet";
import { sheetWords } from "./words";

// Without controls in it the keyboard must reach the questions themselves, to scroll them.
const READ_ONLY = { role: "region", tabIndex: 0, "aria-label": words.viewer.tabs.score } as const;

/** How far somebody is with what they read: slides, or the cores of one. */
export interface Reach {
  done: number;
  all: number;
  isCores: boolean;
  /** Whether the page goes on by itself after the last answer. */
  goesOn: Signal<boolean>;
}

export function SheetPanel({ sheet, reach }: { sheet: Sheet; reach: Reach }) {
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
  if (sheet.isBetween.value && rights.value) {
    return <p class="sheet-note">{coreWords.choose}</p>;
  }
  if (rights.value && sheet.questions.value.length === 0) {
    return <p class="sheet-note">{said.noQuestions}</p>;
  }
  return (
    <>
      <div class="scroll" {...(sheet.canAnswer.value ? {} : READ_ONLY)}>
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
      {sheet.canAnswer.value && <Foot sheet={sheet} reach={reach} />}
    </>
  );
}

function Foot({ sheet, reach }: { sheet: Sheet; reach: Reach }) {
  const said = words.scoring;
  const { done, all, isCores, goesOn } = reach;
  const percent = all > 0 ? Math.floor((100 * done) / all) : 0;
  return (
    <footer class="sheet-foot">
      <label class="goes-on">
        <input
          type="checkbox"
          checked={goesOn.value}
          onChange={(event) => {
            goesOn.value = event.currentTarget.checked;
          }}
        />
        {sheetWords.goesOn[isCores ? "core" : "slide"]}
      </label>
      <p class="progress-line">
        <span>
          <strong>{said.done(done, all)}</strong> {isCores ? sheetWords.coresDone : said.slidesDone}
        </span>
        <span class="percent">{percent} %</span>
      </p>
      <span class="progress-bar">
        <i style={{ width: `${percent}%` }} />
      </span>
      {done === all && all > 0 && !isCores && (
        <p class="all-done" role="status">
          {sheetWords.allDone(all)} {sheetWords.thanks}{" "}
          <a href={`${root}/`}>{sheetWords.backToStudies}</a>
        </p>
      )}
      <div class="foot-acts">
        <button type="button" class="button primary" onClick={() => sheet.finish()}>
          {isCores ? sheetWords.nextCore : said.nextUnscored} <kbd>↵</kbd>
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
