/** The form of one question: its text, type, values, and when it is asked. */

import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { isDrawn } from "../../../scoring/questions";
import { Icon } from "../../../ui/Icon";
import { IconButton } from "../../../ui/IconButton";
import { Confirm, Tell } from "../Dialogs";
import { Condition } from "./Condition";
import { NEW_ID, type QuestionDesk, type State } from "./desk";
import { asked, convertedValues, type Row, TYPE_NAMES } from "./draft";
import { ValueFields } from "./ValueFields";
import { words } from "./words";

export function QuestionForm({ desk, row }: { desk: QuestionDesk; row: Row }) {
  const { draft } = row;
  const isAnswered = draft.typeName !== "Explanation";
  return (
    <section class="question-form" aria-label={draft.name || words.newQuestion}>
      <Head desk={desk} row={row} />
      <Told desk={desk} row={row} />
      <Name desk={desk} row={row} />
      <Types desk={desk} row={row} />
      <div class="form-columns">
        <ValueFields key={draft.typeName} desk={desk} draft={draft} />
        {isAnswered && (
          <div class="field-column">
            <Asked desk={desk} row={row} />
            <Condition desk={desk} row={row} />
          </div>
        )}
      </div>
    </section>
  );
}

interface Props {
  desk: QuestionDesk;
  row: Row;
}

function Head({ desk, row }: Props) {
  const asks = useSignal(false);
  const isNew = row.id === NEW_ID;
  const place = desk.rows.value.indexOf(row) + 1;
  return (
    <header class="form-head">
      <h2>{isNew ? words.newQuestion : words.question(place)}</h2>
      {row.answerCount > 0 && (
        <span class="tag" data-state="warn">
          <Icon name="warning" small /> {words.answers(row.answerCount)}
        </span>
      )}
      <span class="form-state" role="status" data-state={desk.state.value}>
        {stateText(desk.state.value, isNew)}
      </span>
      <IconButton
        icon="up"
        name={words.moveUp}
        cap="Alt ↑"
        disabled={isNew || place === 1}
        onClick={() => void desk.move(row.id, place - 2)}
      />
      <IconButton
        icon="down"
        name={words.moveDown}
        cap="Alt ↓"
        disabled={isNew || place >= desk.keeper.rows.value.length}
        onClick={() => void desk.move(row.id, place)}
      />
      <button
        type="button"
        class="button small"
        disabled={isNew}
        onClick={() => void desk.duplicate()}
      >
        <Icon name="copy" small /> {words.duplicate}
      </button>
      <button
        type="button"
        class="button small danger"
        onClick={() => {
          asks.value = true;
        }}
      >
        <Icon name="close" small /> {words.remove}
      </button>
      {asks.value && (
        <Removing
          desk={desk}
          row={row}
          onClose={() => {
            asks.value = false;
          }}
        />
      )}
    </header>
  );
}

function stateText(state: State, isNew: boolean): string {
  return isNew && state === "saved" ? "" : words.states[state];
}

function Removing({ desk, row, onClose }: Props & { onClose: () => void }) {
  const { name } = row.draft;
  const title = words.removeTitle(name || words.newQuestion);
  const needing = desk.rows.value
    .filter(({ draft }) => draft.condition?.question === name && name !== "")
    .map(({ draft }) => draft.name);
  if (row.answerCount > 0) {
    return <Tell title={title} text={words.removeStays(name, row.answerCount)} onClose={onClose} />;
  }
  const text = row.id === NEW_ID ? words.removeNew : words.removeText(needing);
  if (needing.length > 0) return <Tell title={title} text={text} onClose={onClose} />;
  return (
    <Confirm
      title={title}
      text={text}
      act={words.remove}
      onCancel={onClose}
      onDone={() => {
        onClose();
        void desk.remove();
      }}
    />
  );
}

/** Why the question is not saved, and what can be done about it. */
function Told({ desk }: Props) {
  const [mistakes, risks] = [desk.mistakes.value, desk.risks.value];
  if (mistakes.length + risks.length === 0) return null;
  const isBad = mistakes.length > 0;
  return (
    <div class="banner" data-kind={isBad ? "bad" : "warn"} role="alert">
      <Icon name="warning" />
      <div class="grow">
        {[...mistakes, ...risks].map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
        <p class="banner-acts">
          {!isBad && (
            <button type="button" class="button small" onClick={() => void desk.commit(true)}>
              {words.saveAnyway}
            </button>
          )}
          <button type="button" class="button small" onClick={() => desk.putBack()}>
            {words.putBack}
          </button>
        </p>
      </div>
    </div>
  );
}

function Name({ desk, row }: Props) {
  const id = useId();
  return (
    <div class="field-group">
      <label for={id}>{words.name}</label>
      <input
        id={id}
        class="field"
        maxLength={400}
        value={row.draft.name}
        onInput={(event) => desk.edit({ name: event.currentTarget.value })}
        onChange={() => void desk.commit()}
      />
    </div>
  );
}

function Types({ desk, row }: Props) {
  const { draft } = row;
  return (
    <fieldset class="field-group types">
      <legend>{words.type}</legend>
      <div class="type-grid">
        {TYPE_NAMES.map((typeName) => (
          <label key={typeName} data-on={typeName === draft.typeName}>
            <input
              type="radio"
              name="type"
              checked={typeName === draft.typeName}
              onChange={() => desk.set({ typeName, values: convertedValues(draft, typeName) })}
            />
            {typeName}
          </label>
        ))}
      </div>
      <p class="hint">{words.about(draft.typeName)}</p>
    </fieldset>
  );
}

function Asked({ desk, row }: Props) {
  const { draft } = row;
  const question = asked([row])[0];
  return (
    <>
      <fieldset class="field-group">
        <legend>{words.asked}</legend>
        <div class="asked-line">
          {[false, true].map((isPerCase) => (
            <label key={String(isPerCase)} data-on={draft.isPerCase === isPerCase}>
              <input
                type="radio"
                name="asked"
                disabled={isPerCase && question !== undefined && isDrawn(question)}
                checked={draft.isPerCase === isPerCase}
                onChange={() => desk.set({ isPerCase })}
              />
              {isPerCase ? words.perCaseLong : words.perSlide}
            </label>
          ))}
        </div>
      </fieldset>
      <div class="field-group">
        <label class="switch-line">
          <input
            type="checkbox"
            class="switch"
            checked={draft.isMandatory}
            onChange={(event) => desk.set({ isMandatory: event.currentTarget.checked })}
          />
          {words.mandatoryLong}
        </label>
        <p class="hint">{words.mandatoryHint}</p>
      </div>
    </>
  );
}
