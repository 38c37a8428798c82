/** When a question is asked: always, or only after a certain answer to one above it. */

import { useId } from "preact/hooks";
import type { QuestionDesk } from "./desk";
import { asked, type Row } from "./draft";
import { words } from "./words";

export function Condition({ desk, row }: { desk: QuestionDesk; row: Row }) {
  const id = useId();
  const { condition } = row.draft;
  const above = desk.above(row.id);
  const named = above.find(({ draft }) => draft.name === condition?.question);
  if (above.length === 0 && !condition) {
    return (
      <div class="field-group">
        <p class="group-name">{words.onlyWhen}</p>
        <p class="hint">{words.nothingAbove}</p>
      </div>
    );
  }
  return (
    <div class="field-group">
      <label for={id}>{words.onlyWhen}</label>
      <div class="condition-line">
        <select
          id={id}
          class="field"
          value={condition?.question ?? ""}
          onChange={(event) => {
            const question = event.currentTarget.value;
            const first = answersOf(above.find(({ draft }) => draft.name === question))[0] ?? "1";
            desk.set({
              condition: question === "" ? null : { question, comparison: "is", answer: first },
            });
          }}
        >
          <option value="">{words.always}</option>
          {condition && !named && <option value={condition.question}>{condition.question}</option>}
          {above.map(({ id: key, draft }) => (
            <option key={key} value={draft.name}>
              {draft.name}
            </option>
          ))}
        </select>
        {condition && (
          <>
            <select
              class="field"
              aria-label={words.comparison}
              value={condition.comparison}
              onChange={(event) =>
                desk.set({ condition: { ...condition, comparison: event.currentTarget.value } })
              }
            >
              {words.comparisons.map((comparison) => (
                <option key={comparison}>{comparison}</option>
              ))}
            </select>
            <input
              class="field"
              aria-label={words.wantedAnswer}
              list={`${id}-answers`}
              value={condition.answer}
              onInput={(event) =>
                desk.edit({ condition: { ...condition, answer: event.currentTarget.value } })
              }
              onChange={() => void desk.commit()}
            />
            <datalist id={`${id}-answers`}>
              {answersOf(named).map((answer) => (
                <option key={answer} value={answer} />
              ))}
            </datalist>
          </>
        )}
      </div>
      <p class="hint">{condition ? words.dimmed : ""}</p>
    </div>
  );
}

/** What can be answered to a question, where that is a list. */
function answersOf(row: Row | undefined): readonly string[] {
  const question = row && asked([row])[0];
  if (!question) return [];
  return question.kind === "yesNo" ? ["yes", "no"] : question.options;
}
