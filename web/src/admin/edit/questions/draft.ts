/** A question while it is edited: what its line says, and its values as forms hold them. */

import type { Json } from "../../../api/http";
import {
  type Condition,
  type Kind,
  parseQuestions,
  type Question,
} from "../../../scoring/questions";

/** Every type, by its number on the wire. */
export const TYPE_NAMES: readonly string[] = [
  "FreeText",
  "Integer",
  "Real",
  "DropDown",
  "PositiveNegative",
  "Intensities",
  "Percentage",
  "Checkbox",
  "ClickFriendly",
  "PercentageOnly",
  "IntensitiesOnly",
  "PositiveNegativeOnly",
  "ClickFriendlyOnly",
  "ClickFriendlyPollOnly",
  "Explanation",
  "HScore",
  "HScoreOnly",
  "AnnoPoints",
  "AnnoMeasure",
  "AnnoShapes",
];

export interface Draft {
  name: string;
  typeName: string;
  /** The third field of the line. */
  values: string;
  isMandatory: boolean;
  isPerCase: boolean;
  condition: Condition | null;
}

export interface Row {
  id: number;
  draft: Draft;
  answerCount: number;
}

/** How a form holds the values of a type. */
export type ValueForm = "none" | "range" | "options" | "steps" | "text" | "colour";

const FORMS: Partial<Record<string, ValueForm>> = {
  Integer: "range",
  Real: "range",
  DropDown: "options",
  ClickFriendly: "options",
  ClickFriendlyOnly: "options",
  ClickFriendlyPollOnly: "options",
  Percentage: "steps",
  PercentageOnly: "steps",
  Explanation: "text",
  AnnoPoints: "colour",
  AnnoMeasure: "colour",
  AnnoShapes: "colour",
};

export const NEW_DRAFT: Draft = {
  name: "",
  typeName: "ClickFriendly",
  values: "",
  isMandatory: false,
  isPerCase: false,
  condition: null,
};

export function formOf(typeName: string): ValueForm {
  return FORMS[typeName] ?? "none";
}

export function draftOf(question: Question): Draft {
  const { name, typeName, values, isMandatory, isPerCase, condition } = question;
  return { name, typeName, values, isMandatory, isPerCase, condition };
}

/** Return questions as the sheet shows them. */
export function asked(rows: readonly Row[]): Question[] {
  return parseQuestions(
    rows.map(({ id, draft }): Json => {
      const type = TYPE_NAMES.indexOf(draft.typeName);
      const { name, typeName, values, isMandatory, isPerCase, condition } = draft;
      const told = { id, name, type, typeName, valuesAllowed: values };
      return {
        ...told,
        mandatory: isMandatory,
        perCase: isPerCase,
        condition: condition && { ...condition },
      };
    }),
  );
}

export function kindOf(draft: Draft): Kind {
  return asked([{ id: 1, draft, answerCount: 0 }])[0]?.kind ?? "none";
}

/** Write the line that a `.scores` file has for a question. */
export function lineOf(draft: Draft): string {
  const flags = flagsOf(draft);
  const fields = [plain(draft.name), draft.typeName];
  if (draft.values || flags) fields.push(plain(draft.values));
  if (flags) fields.push(flags);
  return fields.join("\t");
}

export function textOf(rows: readonly Row[]): string {
  return rows.map(({ draft }) => `${lineOf(draft)}\n`).join("");
}

/** A field of a line holds neither tabs nor line breaks. */
function plain(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

function flagsOf({ isMandatory, isPerCase, condition }: Draft): string {
  const flags = [isMandatory ? "mandatory" : "", isPerCase ? "per case" : ""];
  if (condition) {
    const { question, comparison, answer } = condition;
    flags.push(`if ${quoted(question)} ${comparison} ${quoted(answer)}`);
  }
  return flags.filter(Boolean).join("; ");
}

function quoted(text: string): string {
  return `"${plain(text).replaceAll('"', '""')}"`;
}

/** One thing to choose; buttons may have an extra, of which the sheet shows nothing. */
export interface Option {
  text: string;
  extra: string;
}

export function readOptions(typeName: string, values: string): Option[] {
  const parts = values.split(";").map((part) => part.trim());
  const isPaired = typeName !== "DropDown" && values.includes(";;");
  const found = isPaired
    ? parts.flatMap((text, index) => (index % 2 ? [] : [{ text, extra: parts[index + 1] ?? "" }]))
    : parts.map((text) => ({ text, extra: "" }));
  return found.filter(({ text }) => text !== "");
}

export function writeOptions(typeName: string, options: readonly Option[]): string {
  const there = options.map(({ text, extra }) => ({ text: plain(text), extra }));
  const named = there.filter(({ text }) => text !== "");
  if (typeName === "DropDown") return named.map(({ text }) => text).join(";");
  const pairs = named.map(({ text, extra }) => `${text};${extra};`).join("");
  // A pair without an extra tells the form; where each has one, an empty pair at the end does.
  return pairs === "" || pairs.includes(";;") ? pairs : `${pairs};`;
}

/** Return the values for another type: options stay options, all else begins anew. */
export function convertedValues(draft: Draft, typeName: string): string {
  const [before, after] = [formOf(draft.typeName), formOf(typeName)];
  if (before !== after) return "";
  if (after !== "options") return draft.values;
  return writeOptions(typeName, readOptions(draft.typeName, draft.values));
}

/** Return rows in which conditions follow a question to its new name. */
export function renamed(rows: readonly Row[], before: string, after: string): Row[] {
  return rows.map((row) => {
    const { condition } = row.draft;
    if (condition?.question !== before) return row;
    return { ...row, draft: { ...row.draft, condition: { ...condition, question: after } } };
  });
}

export function isSameDraft(a: Draft, b: Draft): boolean {
  return lineOf(a) === lineOf(b);
}
