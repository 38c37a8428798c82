/** One question of the sheet: its name, its control, and what became of its answer. */

import { Icon } from "../ui/Icon";
import { words } from "../ui/words";
import { Control } from "./controls";
import type { Others } from "./others";
import type { Question } from "./questions";
import type { SaveState } from "./queue";
import type { Sheet } from "./sheet";
import { sheetWords } from "./words";

interface Props {
  sheet: Sheet;
  question: Question;
  isAsked: boolean;
  isActive: boolean;
}

export function QuestionCard({ sheet, question, isAsked, isActive }: Props) {
  const said = words.scoring;
  const id = `question-${question.id}`;
  const answer = sheet.answerTo(question.name);
  const isLocked = sheet.isLocked(question);
  const isMissing = sheet.showsMissing.value && sheet.missing.value.includes(question);
  const isOff = !isAsked || isLocked || !sheet.canAnswer.value;
  const state = sheet.stateOf(question);
  const others = sheet.othersOn(question);
  return (
    // The keyboard has its own way to a question; a click anywhere in it is the mouse's.
    // biome-ignore lint/a11y/useKeyWithClickEvents: ↑ and ↓ do the same
    <li
      class="question"
      data-active={isActive}
      data-missing={isMissing}
      data-off={!isAsked}
      data-kind={question.kind}
      onClick={() => {
        if (isAsked && question.kind !== "none") sheet.active.value = question.name;
      }}
    >
      <div class="question-head">
        <h2 id={id}>
          {question.name}
          {question.isMandatory && (
            <abbr class="mandatory" title={said.mandatory}>
              *
            </abbr>
          )}
          {question.isPerCase && <span class="tag">{said.perCase}</span>}
        </h2>
        {isLocked ? <Locked /> : <State state={state} answer={answer} />}
      </div>
      {!isAsked && question.condition && <p class="hint">{said.askedWhen(question.condition)}</p>}
      {sheet.canAnswer.value || question.kind === "none" ? (
        <Control
          sheet={sheet}
          question={question}
          answer={answer}
          isOff={isOff}
          isActive={isActive}
          labelledBy={id}
          others={others}
        />
      ) : (
        <p class="hint">{question.options.join(" · ")}</p>
      )}
      {sheet.canAnswer.value && <Keys question={question} />}
      {sheet.rights.value?.seesOthers && question.options.length > 0 && (
        <p class="majority">{others && majority(others)}</p>
      )}
      <Trouble sheet={sheet} question={question} state={state} answer={answer} />
    </li>
  );
}

function Locked() {
  return (
    <span class="saved-state" title={words.scoring.final}>
      <Icon name="lock" small /> {words.scoring.finalShort}
    </span>
  );
}

function State({ state, answer }: { state: SaveState | null; answer: string }) {
  const said = words.scoring.states;
  if (!state) {
    return answer === "" ? null : (
      <span class="saved-state">
        <Icon name="check" small /> {said.saved}
      </span>
    );
  }
  const icons = {
    saved: "check",
    saving: "saving",
    kept: "kept",
    clash: "warning",
    refused: "warning",
  } as const;
  return (
    <span class="saved-state" data-state={state.is}>
      <Icon name={icons[state.is]} small /> {said[state.is]}
    </span>
  );
}

/** Which keys answer a question; seen only while it is active, with their place always kept. */
function Keys({ question }: { question: Question }) {
  const said = words.scoring.keys;
  const caps: [string, string][] = [];
  if (question.kind === "percentage") {
    caps.push(["0 – 9", said.tens], ["⇧1 – ⇧9", said.units], ["⇧0", "100"], ["F2", said.exact]);
  }
  if (question.kind === "hScore") caps.push(["0 – 9", said.tens], ["⇧1 – ⇧9", said.units]);
  if (question.kind === "text") caps.push(["F2", said.type], ["Ctrl ↵", said.done]);
  if (caps.length === 0) return null;
  return (
    <p class="caps" aria-hidden="true">
      {caps.map(([cap, does]) => (
        <span key={cap}>
          <kbd>{cap}</kbd> {does}
        </span>
      ))}
    </p>
  );
}

function majority({ majority: answer, ofMajority, readers }: Others): string {
  return answer ? sheetWords.majority(answer, ofMajority, readers) : sheetWords.noMajority(readers);
}

interface TroubleProps {
  sheet: Sheet;
  question: Question;
  state: SaveState | null;
  answer: string;
}

function Trouble({ sheet, question, state, answer }: TroubleProps) {
  const said = words.scoring;
  if (state?.is === "refused") {
    return (
      <p class="trouble" role="alert">
        {said.refused(answer, state.reason)}
        <button type="button" class="button small" onClick={() => void sheet.giveUp(question)}>
          {said.takeBack}
        </button>
      </p>
    );
  }
  if (state?.is === "clash") {
    return (
      <p class="trouble" role="alert">
        {said.clash(state.current.answer, state.current.changedBy)}
        <button type="button" class="button small" onClick={() => void sheet.insist(question)}>
          {said.keepMine(answer)}
        </button>
        <button type="button" class="button small" onClick={() => void sheet.giveUp(question)}>
          {said.takeTheirs(state.current.answer)}
        </button>
      </p>
    );
  }
  return null;
}
