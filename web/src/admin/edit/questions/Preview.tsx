/** The sheet as readers see it, with the very controls of the viewer; nothing is stored. */

import { useEffect, useMemo } from "preact/hooks";
import { MemoryStore } from "../../../scoring/answerstore";
import { QuestionCard } from "../../../scoring/QuestionCard";
import { AnswerQueue } from "../../../scoring/queue";
import { Sheet } from "../../../scoring/sheet";
import { pressOn, stepOn } from "../../../scoring/sheetkeys";
import type { QuestionDesk } from "./desk";
import { lineOf } from "./draft";
import { words } from "./words";

/** Takes answers and lets them be. */
class NoQueue extends AnswerQueue {
  constructor() {
    super(async () => ({ id: 1 }), new MemoryStore());
  }

  override async put(): Promise<void> {}
}

function previewSheet(): Sheet {
  const sheet = new Sheet(new NoQueue());
  sheet.rights.value = {
    email: "",
    canScore: true,
    canEdit: false,
    canGetResults: false,
    isFinal: false,
    isOneWay: false,
    seesOthers: false,
    showsLabels: false,
    sharesSlides: false,
    recordsSessions: false,
    scoresCoresAtOnce: false,
  };
  sheet.subject.value = { slideId: 1, caseId: 1, core: null };
  return sheet;
}

export function Preview({ desk }: { desk: QuestionDesk }) {
  const sheet = useMemo(previewSheet, []);
  const { asked, row } = { asked: desk.asked.value, row: desk.row.value };
  useEffect(() => {
    sheet.questions.value = asked;
  }, [asked, sheet]);
  useEffect(() => {
    sheet.active.value = row?.draft.name ?? "";
  }, [row?.id, row?.draft.name, sheet]);

  const press = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (target.closest("input, textarea, select")) return;
    if (turn(sheet, event)) event.preventDefault();
  };
  return (
    <aside class="preview" aria-label={words.preview}>
      <header>
        <h2>{words.preview}</h2>
        <span class="aside">{words.tryIt}</span>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: its keys answer, and it scrolls */}
      <section class="preview-sheet" tabIndex={0} aria-label={words.previewKeys} onKeyDown={press}>
        {asked.length === 0 && <p class="sheet-note">{words.previewEmpty}</p>}
        <ol class="questions">
          {sheet.lines.value.map(({ question, isAsked }) => (
            <QuestionCard
              key={question.id}
              sheet={sheet}
              question={question}
              isAsked={isAsked}
              isActive={question.name === sheet.active.value && isAsked}
            />
          ))}
        </ol>
      </section>
      {row && (
        <footer>
          <h3>{words.line}</h3>
          <p class="mono config-line">{lineOf(row.draft).replaceAll("\t", ` ${words.tab} `)}</p>
        </footer>
      )}
    </aside>
  );
}

function turn(sheet: Sheet, event: KeyboardEvent): boolean {
  switch (event.key) {
    case "ArrowUp":
    case "ArrowDown":
      sheet.move(event.key === "ArrowUp" ? -1 : 1);
      return true;
    case "ArrowLeft":
    case "ArrowRight":
      stepOn(sheet, event.key === "ArrowLeft" ? -1 : 1);
      return true;
    default:
      return pressOn(sheet, event);
  }
}
