/** The values of a question, as each type holds them: options, steps, a range, a colour, a text. */

import { useSignal } from "@preact/signals";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { COLOURS } from "../../../scoring/questions";
import { Icon } from "../../../ui/Icon";
import { IconButton } from "../../../ui/IconButton";
import type { QuestionDesk } from "./desk";
import { type Draft, formOf, type Option, readOptions, writeOptions } from "./draft";
import { words } from "./words";

interface Props {
  desk: QuestionDesk;
  draft: Draft;
}

export function ValueFields(props: Props) {
  switch (formOf(props.draft.typeName)) {
    case "options":
      return <Options {...props} />;
    case "steps":
      return <Steps {...props} />;
    case "range":
      return <Range {...props} />;
    case "text":
      return <Explanation {...props} />;
    case "colour":
      return <Colour {...props} />;
    default:
      return null;
  }
}

const EMPTY: Option = { text: "", extra: "" };

function Options({ desk, draft }: Props) {
  // An option without a text has its field already, but no place in the values.
  const options = useSignal<readonly Option[]>(readOptions(draft.typeName, draft.values));
  const problem = useSignal("");
  const lines = useRef<HTMLFieldSetElement>(null);
  const wanted = useRef<number | null>(null);
  // With the field itself, not a frame later: who types fast would write on in the one before.
  useLayoutEffect(() => {
    if (wanted.current === null) return;
    const fields = lines.current?.querySelectorAll<HTMLInputElement>(".option-line input");
    fields?.[wanted.current]?.focus();
    wanted.current = null;
  });
  const take = (next: readonly Option[], isWhole: boolean) => {
    options.value = next;
    problem.value = problemOf(next);
    if (problem.value) return;
    const values = writeOptions(draft.typeName, next);
    if (isWhole) desk.set({ values });
    else desk.edit({ values });
  };
  const change = (index: number, text: string) =>
    take(options.value.with(index, { ...(options.value[index] ?? EMPTY), text }), false);
  const without = (index: number) => options.value.filter((_, at) => at !== index);
  const up = (index: number) => {
    const next = [...options.value];
    next.splice(index - 1, 0, ...next.splice(index, 1));
    take(next, true);
  };
  return (
    <fieldset class="field-group options-field" ref={lines}>
      <legend>{words.options}</legend>
      {options.value.map((option, index) => (
        <div key={index} class="option-line">
          <kbd>{index < 9 ? index + 1 : index === 9 ? 0 : "–"}</kbd>
          <input
            class="field"
            aria-label={words.option(index + 1)}
            value={option.text}
            onInput={(event) => change(index, event.currentTarget.value)}
            onChange={() => problem.value === "" && void desk.commit()}
            onKeyDown={(event) => {
              if (event.key !== "Enter") return;
              event.preventDefault();
              wanted.current = index + 1;
              take(
                [...options.value.slice(0, index + 1), EMPTY, ...options.value.slice(index + 1)],
                true,
              );
            }}
          />
          <IconButton
            icon="up"
            name={words.optionUp(option.text)}
            disabled={index === 0}
            onClick={() => up(index)}
          />
          <IconButton
            icon="close"
            name={words.removeOption(option.text)}
            onClick={() => take(without(index), true)}
          />
        </div>
      ))}
      <button
        type="button"
        class="button small"
        onClick={() => {
          wanted.current = options.value.length;
          options.value = [...options.value, EMPTY];
        }}
      >
        <Icon name="plus" small /> {words.addOption}
      </button>
      <p class="wrong" role={problem.value ? "alert" : undefined}>
        {problem.value || (options.value.length === 0 ? words.noOptions : "")}
      </p>
    </fieldset>
  );
}

function problemOf(options: readonly Option[]): string {
  const texts = options.map(({ text }) => text.trim()).filter(Boolean);
  if (texts.some((text) => /[;\t]/.test(text))) return words.separator;
  const twice = texts.find((text, index) => texts.indexOf(text) !== index);
  return twice === undefined ? "" : words.twice(twice);
}

function Steps({ desk, draft }: Props) {
  const problem = useSignal("");
  const id = useId();
  const take = (typed: string) => {
    const steps = typed.split(/[\s,;]+/).filter(Boolean);
    const isRight = steps.every((step) => /^\d{1,3}$/.test(step) && Number(step) <= 100);
    problem.value = isRight ? "" : words.stepsWrong;
    if (isRight) desk.edit({ values: steps.join(";") });
  };
  return (
    <Labelled label={words.steps} hint={words.stepsHint} problem={problem.value} id={id}>
      <input
        id={id}
        class="field"
        inputMode="numeric"
        defaultValue={draft.values.replaceAll(";", " ")}
        aria-describedby={`${id}-hint`}
        aria-invalid={problem.value !== ""}
        onInput={(event) => take(event.currentTarget.value)}
        onChange={() => problem.value === "" && void desk.commit()}
      />
    </Labelled>
  );
}

function Range({ desk, draft }: Props) {
  const [first = "", second = ""] = draft.values.split(";");
  const least = useSignal(first.trim());
  const most = useSignal(second.trim());
  const problem = useSignal("");
  const id = useId();
  const take = () => {
    const ends = [least.value, most.value].map((end) => end.trim().replace(",", "."));
    const [from, to] = ends.map(Number);
    const isEmpty = ends.every((end) => end === "");
    const isRight = isEmpty || (ends.every((end) => end !== "") && Number(from) < Number(to));
    problem.value = isRight ? "" : words.rangeWrong;
    if (isRight) desk.edit({ values: isEmpty ? "" : ends.join(";") });
  };
  return (
    <Labelled label={words.least} hint={words.rangeHint} problem={problem.value} id={id}>
      <div class="range-line">
        {[least, most].map((end, index) => (
          <input
            key={index}
            id={index === 0 ? id : undefined}
            class="field"
            inputMode="decimal"
            placeholder={index === 0 ? words.least : words.most}
            aria-label={index === 0 ? undefined : words.most}
            aria-describedby={`${id}-hint`}
            aria-invalid={problem.value !== ""}
            value={end.value}
            onInput={(event) => {
              end.value = event.currentTarget.value;
              take();
            }}
            onChange={() => problem.value === "" && void desk.commit()}
          />
        ))}
      </div>
    </Labelled>
  );
}

function Explanation({ desk, draft }: Props) {
  const id = useId();
  return (
    <Labelled label={words.explanation} id={id}>
      <textarea
        id={id}
        class="field"
        rows={4}
        value={draft.values}
        onInput={(event) => desk.edit({ values: event.currentTarget.value.replace(/\s+/g, " ") })}
        onChange={() => void desk.commit()}
      />
    </Labelled>
  );
}

function Colour({ desk, draft }: Props) {
  const [now = "", ...rest] = draft.values.split(";");
  const take = (colour: string) => desk.set({ values: [colour, ...rest].join(";") });
  const isOwn = now !== "" && !COLOURS.includes(now.toLowerCase());
  return (
    <fieldset class="field-group colours">
      <legend>{words.colour}</legend>
      {COLOURS.map((colour) => (
        <label key={colour} title={words.colourName(colour)}>
          <input
            type="radio"
            name="colour"
            aria-label={words.colourName(colour)}
            checked={now.toLowerCase() === colour}
            onChange={() => take(colour)}
          />
          <i style={{ background: colour }} />
        </label>
      ))}
      <label class="own-colour">
        <input
          type="color"
          value={isOwn ? now : "#e6194b"}
          onChange={(event) => take(event.currentTarget.value)}
        />
        {words.ownColour}
      </label>
      <label class="own-colour">
        <input type="radio" name="colour" checked={now === ""} onChange={() => take("")} />
        {words.autoColour}
      </label>
    </fieldset>
  );
}

interface LabelledProps {
  label: string;
  hint?: string;
  problem?: string;
  id: string;
  children: preact.ComponentChildren;
}

function Labelled({ label, hint, problem, id, children }: LabelledProps) {
  return (
    <div class="field-group">
      <label for={id}>{label}</label>
      {children}
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {problem !== undefined && (
        <p class="wrong" role={problem ? "alert" : undefined}>
          {problem}
        </p>
      )}
    </div>
  );
}
