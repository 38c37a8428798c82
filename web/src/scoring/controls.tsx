/** The controls of the sheet, by what a question asks for. */

import { useSignal } from "@preact/signals";
import { words } from "../ui/words";
import { hScore, readTyped } from "./answering";
import type { Others } from "./others";
import { EXTRAS, type Question } from "./questions";
import type { Sheet } from "./sheet";
import { fillHScore } from "./sheetkeys";
import { sheetWords } from "./words";

export interface ControlProps {
  sheet: Sheet;
  question: Question;
  answer: string;
  isOff: boolean;
  isActive: boolean;
  labelledBy: string;
  /** What others answered; null: not to be shown. */
  others: Others | null;
}

export function Control(props: ControlProps) {
  const { question } = props;
  switch (question.kind) {
    case "none":
      return <p class="explanation">{question.values}</p>;
    case "text":
    case "integer":
    case "real":
      return <TypedField {...props} />;
    case "percentage":
      return <Percentage {...props} />;
    case "hScore":
      return <HScore {...props} />;
    case "choice":
      return question.typeName === "DropDown" && question.options.length > 7 ? (
        <LongChoice {...props} />
      ) : (
        <Options {...props} options={question.options} />
      );
    case "yesNo":
      return <Options {...props} options={["yes", "no"]} />;
    default:
      return <Drawn {...props} />;
  }
}

const MOST_DOTS = 4;
const SWATCHES = ["#dcd6ec", "#d9b58c", "#a8663a", "#572711"];

function Options(props: ControlProps & { options: readonly string[] }) {
  const { sheet, question, answer, isOff, labelledBy, options, others } = props;
  const longest = Math.max(0, ...options.map((option) => option.length));
  const isRow = question.typeName === "DropDown";
  const isIntensity = question.typeName.startsWith("Intensities");
  const columns = isIntensity
    ? 2
    : isRow || longest > 22
      ? 1
      : longest > 10
        ? 2
        : Math.min(4, options.length);
  return (
    <div
      role="radiogroup"
      aria-labelledby={labelledBy}
      class="options"
      style={{ "--columns": Math.max(1, columns) }}
    >
      {options.map((option, index) => (
        <Option
          key={option}
          {...{ sheet, question, answer, isOff, others }}
          value={option}
          shown={words.scoring.optionNames[option] ?? option}
          swatch={isIntensity ? SWATCHES[index] : undefined}
          cap={capOf(question, index)}
        />
      ))}
      <Extras {...props} />
    </div>
  );
}

function capOf(question: Question, index: number): string {
  if (question.typeName.startsWith("Intensities")) return String(index);
  if (question.kind === "yesNo") return index === 0 ? "1" : "0";
  return index < 9 ? String(index + 1) : index === 9 ? "0" : "";
}

interface OptionProps {
  sheet: Sheet;
  question: Question;
  answer: string;
  isOff: boolean;
  others: Others | null;
  value: string;
  shown: string;
  cap?: string;
  swatch?: string | undefined;
  isExtra?: boolean;
}

function Option(props: OptionProps) {
  const { sheet, question, answer, isOff, value, shown, cap, swatch, isExtra, others } = props;
  const count = others?.counts.get(value) ?? 0;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a button takes no part in a form, and shows at once
    <button
      type="button"
      role="radio"
      class={isExtra ? "option extra" : "option"}
      aria-checked={answer === value}
      aria-label={shown}
      aria-keyshortcuts={cap || undefined}
      disabled={isOff}
      onClick={() => sheet.answer(question, answer === value ? "" : value, answer !== value)}
    >
      {cap && <kbd class="cap">{cap.replace("Shift+", "⇧")}</kbd>}
      {swatch && <i class="swatch" style={{ background: swatch }} />}
      <span>{shown}</span>
      {count > 0 && (
        <span class="dots" role="img" aria-label={sheetWords.dots(count)}>
          {"•".repeat(Math.min(count, MOST_DOTS))}
          {count > MOST_DOTS && `+${count - MOST_DOTS}`}
        </span>
      )}
    </button>
  );
}

function Extras({ sheet, question, answer, isOff, others }: ControlProps) {
  if (!question.hasExtras) return null;
  const said = words.scoring.extras;
  return (
    <div class="extras">
      <Option
        {...{ sheet, question, answer, isOff, others }}
        value={EXTRAS.notRepresentative}
        shown={said.notRepresentative}
        cap="X"
        isExtra
      />
      <Option
        {...{ sheet, question, answer, isOff, others }}
        value={EXTRAS.missing}
        shown={said.missing}
        cap="Shift+X"
        isExtra
      />
    </div>
  );
}

function LongChoice({ sheet, question, answer, isOff, labelledBy }: ControlProps) {
  return (
    <select
      class="field"
      aria-labelledby={labelledBy}
      disabled={isOff}
      value={answer}
      onChange={(event) => sheet.answer(question, event.currentTarget.value, true)}
    >
      <option value="">{words.scoring.choose}</option>
      {question.options.map((option) => (
        <option key={option} value={option}>
          {option}
        </option>
      ))}
    </select>
  );
}

function TypedField(props: ControlProps) {
  const { question } = props;
  return question.kind === "text" ? <FreeText {...props} /> : <NumberField {...props} />;
}

function FreeText({ sheet, question, answer, isOff, labelledBy }: ControlProps) {
  // What is half written outlives the sheet's news of other answers.
  const draft = useSignal<string | null>(null);
  return (
    <textarea
      class="field text"
      rows={2}
      aria-labelledby={labelledBy}
      placeholder={question.isMandatory ? "" : words.scoring.optional}
      readOnly={isOff}
      value={draft.value ?? answer}
      data-exact
      onInput={(event) => {
        draft.value = event.currentTarget.value;
      }}
      onBlur={() => {
        draft.value = null;
      }}
      onChange={(event) => {
        const typed = readTyped(question, event.currentTarget.value);
        if ("answer" in typed) sheet.answer(question, typed.answer);
      }}
      onKeyDown={(event) => {
        const isDone = event.key === "Enter" && (event.ctrlKey || event.metaKey);
        if (event.key !== "Escape" && !isDone) return;
        // Leaving the field keeps what was written.
        event.currentTarget.blur();
        event.stopPropagation();
        event.preventDefault();
        if (isDone) sheet.leave(question);
      }}
    />
  );
}

function NumberField({ sheet, question, answer, isOff, labelledBy }: ControlProps) {
  const problem = useSignal("");
  const draft = useSignal<string | null>(null);
  const said = words.scoring;
  const commit = (field: HTMLInputElement) => {
    const typed = readTyped(question, field.value);
    problem.value = "answer" in typed ? "" : said.problems[typed.problem](question.range);
    if ("answer" in typed) sheet.answer(question, typed.answer);
  };
  const isPercent = question.kind === "percentage";
  return (
    <span class="number-line">
      <input
        class="field"
        inputMode="decimal"
        aria-labelledby={labelledBy}
        aria-invalid={problem.value !== ""}
        placeholder={isPercent ? "%" : question.range?.join(" – ")}
        readOnly={isOff}
        value={draft.value ?? answer}
        data-exact
        onInput={(event) => {
          draft.value = event.currentTarget.value;
        }}
        onBlur={() => {
          if (problem.value === "") draft.value = null;
        }}
        onChange={(event) => commit(event.currentTarget)}
        onKeyDown={(event) => {
          if (event.key === "Escape") {
            event.currentTarget.value = answer;
            draft.value = null;
          }
          if (event.key !== "Escape" && event.key !== "Enter") return;
          commit(event.currentTarget);
          event.stopPropagation();
          if (problem.value !== "") return;
          event.currentTarget.blur();
          if (event.key === "Enter") sheet.leave(question);
        }}
      />
      {problem.value && <span class="problem">{problem}</span>}
    </span>
  );
}

function Percentage(props: ControlProps) {
  const { sheet, question, answer, isOff, labelledBy, others } = props;
  return (
    <div class="percentage">
      <div class="percent-steps">
        <div role="radiogroup" aria-labelledby={labelledBy} class="unboxed">
          {question.options.map((option) => (
            <Option
              key={option}
              {...{ sheet, question, answer, isOff, others }}
              value={option}
              shown={option}
            />
          ))}
        </div>
        <NumberField {...props} />
      </div>
      <div class="options" style={{ "--columns": 2 }}>
        <Extras {...props} />
      </div>
    </div>
  );
}

function HScore(props: ControlProps) {
  const { sheet, question, answer, isOff, isActive, labelledBy } = props;
  const said = words.scoring;
  const { parts, row } = sheet.hScoreRows.of(question.name);
  const sum = parts.reduce((a, b) => a + b, 0);
  const isTooMuch = hScore(parts) === null;
  return (
    <fieldset class="h-score" aria-labelledby={labelledBy}>
      {["1+", "2+", "3+"].map((name, index) => (
        <label key={name} data-next={isActive && index === row}>
          <i class="swatch" style={{ background: SWATCHES[index + 1] }} /> {name}
          <input
            class="field"
            inputMode="numeric"
            readOnly={isOff}
            value={parts[index] || ""}
            placeholder="%"
            data-exact={index === row ? true : undefined}
            onChange={(event) => fillHScore(sheet, question, index, wholePercent(event), false)}
            onKeyDown={(event) => {
              if (event.key !== "Escape" && event.key !== "Enter") return;
              event.stopPropagation();
              const next = index === 2 || event.key === "Escape" ? null : nextField(event);
              if (next) next.focus();
              else event.currentTarget.blur();
              if (event.key === "Enter" && index === 2) sheet.leave(question);
            }}
          />
        </label>
      ))}
      <output data-wrong={isTooMuch}>
        {isTooMuch ? said.tooMuch(sum - 100) : said.hScore(answer)}
        {sum > 0 && !isTooMuch && <span class="late"> {sheetWords.hSum(sum)}</span>}
      </output>
      <div class="options" style={{ "--columns": 2 }}>
        <Extras {...props} />
      </div>
    </fieldset>
  );
}

function wholePercent(event: { currentTarget: HTMLInputElement }): number {
  const typed = Number(event.currentTarget.value.replace(",", "."));
  return Math.min(100, Math.max(0, Math.round(typed || 0)));
}

function nextField(event: { currentTarget: HTMLElement }): HTMLElement | null {
  return event.currentTarget.closest("label")?.nextElementSibling?.querySelector("input") ?? null;
}

/** What is drawn on the slide is counted here; the tools draw it. */
function Drawn({ question, answer }: ControlProps) {
  return (
    <p class="drawn">
      <i class="swatch" style={{ background: question.colour }} />
      {words.scoring.drawn(countOf(answer))}
    </p>
  );
}

function countOf(answer: string): number {
  if (answer === "") return 0;
  try {
    const shapes: unknown = JSON.parse(answer);
    return Array.isArray(shapes) ? shapes.length : 0;
  } catch {
    return 0;
  }
}
