/** The controls of the sheet, by what a question asks for. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { words } from "../ui/words";
import { type HScoreParts, hScore, readTyped } from "./answering";
import { EXTRAS, type Question } from "./questions";
import type { Sheet } from "./sheet";

export interface ControlProps {
  sheet: Sheet;
  question: Question;
  answer: string;
  isOff: boolean;
  isActive: boolean;
  labelledBy: string;
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

const SWATCHES = ["#dcd6ec", "#d9b58c", "#a8663a", "#572711"];

function Options(props: ControlProps & { options: readonly string[] }) {
  const { sheet, question, answer, isOff, labelledBy, options } = props;
  const longest = Math.max(0, ...options.map((option) => option.length));
  const isRow = question.typeName === "DropDown";
  const columns = isRow || longest > 22 ? 1 : longest > 10 ? 2 : Math.min(4, options.length);
  const isIntensity = question.typeName.startsWith("Intensities");
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
          {...{ sheet, question, answer, isOff }}
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
  value: string;
  shown: string;
  cap?: string;
  swatch?: string | undefined;
  isExtra?: boolean;
}

function Option(props: OptionProps) {
  const { sheet, question, answer, isOff, value, shown, cap, swatch, isExtra } = props;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a button takes no part in a form, and shows at once
    <button
      type="button"
      role="radio"
      class={isExtra ? "option extra" : "option"}
      aria-checked={answer === value}
      aria-keyshortcuts={cap || undefined}
      disabled={isOff}
      onClick={() => sheet.answer(question, answer === value ? "" : value, answer !== value)}
    >
      {swatch && <i class="swatch" style={{ background: swatch }} />}
      {shown}
    </button>
  );
}

function Extras({ sheet, question, answer, isOff }: ControlProps) {
  if (!question.hasExtras) return null;
  const said = words.scoring.extras;
  return (
    <div class="extras">
      <Option
        {...{ sheet, question, answer, isOff }}
        value={EXTRAS.notRepresentative}
        shown={said.notRepresentative}
        cap="X"
        isExtra
      />
      <Option
        {...{ sheet, question, answer, isOff }}
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
  return (
    <textarea
      class="field text"
      rows={2}
      aria-labelledby={labelledBy}
      placeholder={question.isMandatory ? "" : words.scoring.optional}
      readOnly={isOff}
      value={answer}
      data-exact
      onChange={(event) => {
        const typed = readTyped(question, event.currentTarget.value);
        if ("answer" in typed) sheet.answer(question, typed.answer);
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape" || (event.key === "Enter" && event.ctrlKey)) {
          event.currentTarget.blur();
          event.stopPropagation();
        }
      }}
    />
  );
}

function NumberField({ sheet, question, answer, isOff, labelledBy }: ControlProps) {
  const problem = useSignal("");
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
        value={answer}
        data-exact
        onChange={(event) => commit(event.currentTarget)}
        onKeyDown={(event) => {
          if (event.key === "Escape") event.currentTarget.value = answer;
          if (event.key !== "Escape" && event.key !== "Enter") return;
          commit(event.currentTarget);
          if (problem.value === "") event.currentTarget.blur();
          event.stopPropagation();
        }}
      />
      {problem.value && <span class="problem">{problem}</span>}
    </span>
  );
}

function Percentage(props: ControlProps) {
  const { sheet, question, answer, isOff, labelledBy } = props;
  return (
    <div class="percentage">
      <div class="percent-steps">
        <div role="radiogroup" aria-labelledby={labelledBy} class="unboxed">
          {question.options.map((option) => (
            <Option
              key={option}
              {...{ sheet, question, answer, isOff }}
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
  const { sheet, question, answer, isOff, labelledBy } = props;
  const said = words.scoring;
  const parts = useSignal<HScoreParts>([0, 0, 0]);
  const score = hScore(parts.value);
  const subject = sheet.subject.value;
  const shown = useRef(subject);
  useEffect(() => {
    // The score alone is kept: another slide begins with empty rows.
    if (shown.current !== subject) parts.value = [0, 0, 0];
    shown.current = subject;
  }, [subject, parts]);
  const set = (index: number, text: string) => {
    const value = Math.min(100, Math.max(0, Math.round(Number(text.replace(",", ".")) || 0)));
    const [a, b, c] = parts.value;
    const wanted: HScoreParts = [
      index === 0 ? value : a,
      index === 1 ? value : b,
      index === 2 ? value : c,
    ];
    parts.value = wanted;
    const total = hScore(wanted);
    if (total !== null) sheet.answer(question, String(total));
  };
  const sum = parts.value.reduce((a, b) => a + b, 0);
  return (
    <fieldset class="h-score" aria-labelledby={labelledBy}>
      {["1+", "2+", "3+"].map((name, index) => (
        <label key={name}>
          <i class="swatch" style={{ background: SWATCHES[index + 1] }} /> {name}
          <input
            class="field"
            inputMode="numeric"
            readOnly={isOff}
            value={parts.value[index] || ""}
            placeholder="%"
            data-exact={index === 0 ? true : undefined}
            onChange={(event) => set(index, event.currentTarget.value)}
          />
        </label>
      ))}
      <output data-wrong={score === null}>
        {score === null ? said.tooMuch(sum - 100) : said.hScore(answer)}
      </output>
      <div class="options" style={{ "--columns": 2 }}>
        <Extras {...props} />
      </div>
    </fieldset>
  );
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
