/** Questions of a scoring sheet: what each asks for, and when it is asked. */

import { isObject, type Json, type JsonObject, number, objects, text } from "../api/http";

export type Kind =
  | "none"
  | "text"
  | "integer"
  | "real"
  | "choice"
  | "percentage"
  | "yesNo"
  | "hScore"
  | "points"
  | "lines"
  | "shapes";

export interface Condition {
  question: string;
  comparison: string;
  answer: string;
}

export interface Question {
  id: number;
  name: string;
  typeName: string;
  kind: Kind;
  /** The third field of the `.scores` line, as the study has it. */
  values: string;
  /** What a choice offers, or the steps of a percentage. */
  options: readonly string[];
  /** Least and greatest number; null where the question names none. */
  range: readonly [number, number] | null;
  /** In which answers are drawn; empty where nothing is drawn. */
  colour: string;
  /** Whether "not representative" and "missing" are answers too. */
  hasExtras: boolean;
  isMandatory: boolean;
  isPerCase: boolean;
  condition: Condition | null;
}

/** The extra answers, as the server knows them. */
export const EXTRAS = { notRepresentative: "not representative", missing: "missing" } as const;

const KINDS: readonly Kind[] = [
  "text",
  "integer",
  "real",
  "choice",
  "choice",
  "choice",
  "percentage",
  "yesNo",
  "choice",
  "percentage",
  "choice",
  "choice",
  "choice",
  "choice",
  "none",
  "hScore",
  "hScore",
  "points",
  "lines",
  "shapes",
];
const WITH_EXTRAS = new Set([
  "PositiveNegative",
  "Intensities",
  "Percentage",
  "ClickFriendly",
  "HScore",
]);
const PERCENT_STEPS = [0, 1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100].map(String);
const DRAWN: readonly Kind[] = ["points", "lines", "shapes"];
/** Of questions that name no colour, in their order. */
export const COLOURS = [
  "#ffd60a",
  "#1fd3ff",
  "#62f05c",
  "#ff9f1c",
  "#f2f2f2",
  "#c8ff2e",
  "#8fb4ff",
  "#19e6b3",
];

export function parseQuestions(reply: Json | undefined): Question[] {
  const found = objects(reply).flatMap((entry) => question(entry) ?? []);
  let drawn = 0;
  return found.map((entry) => {
    if (!DRAWN.includes(entry.kind)) return entry;
    const colour = entry.colour || (COLOURS[drawn % COLOURS.length] ?? "#ffd60a");
    drawn += 1;
    return { ...entry, colour };
  });
}

/** Whether answers are drawn on the slide. */
export function isDrawn(question: Question): boolean {
  return DRAWN.includes(question.kind);
}

function question(entry: JsonObject): Question | null {
  const id = number(entry.id);
  const type = number(entry.type);
  const kind = type === null ? undefined : KINDS[type];
  if (id === null || kind === undefined) return null;
  const typeName = text(entry.typeName);
  const values = text(entry.valuesAllowed);
  return {
    id,
    name: text(entry.name),
    typeName,
    kind,
    values,
    options: optionsOf(kind, typeName, values),
    range: kind === "integer" || kind === "real" ? rangeOf(values) : null,
    colour: DRAWN.includes(kind) ? colourOf(values) : "",
    hasExtras: WITH_EXTRAS.has(typeName),
    isMandatory: entry.mandatory === true,
    isPerCase: entry.perCase === true,
    condition: isObject(entry.condition)
      ? {
          question: text(entry.condition.question),
          comparison: text(entry.condition.comparison),
          answer: text(entry.condition.answer),
        }
      : null,
  };
}

function optionsOf(kind: Kind, typeName: string, values: string): string[] {
  if (typeName.startsWith("PositiveNegative")) return ["positive", "negative"];
  if (typeName.startsWith("Intensities")) return ["0", "1+", "2+", "3+"];
  const parts = values.split(";").map((part) => part.trim());
  if (kind === "percentage") {
    const steps = parts.filter((part) => /^\d{1,3}$/.test(part) && Number(part) <= 100);
    return steps.length > 0 ? steps : PERCENT_STEPS;
  }
  if (kind !== "choice") return [];
  // Options of buttons come in pairs, "Yes;;No;;": every second part is the option's extra.
  const isPaired = typeName !== "DropDown" && values.includes(";;");
  return parts.filter((part, index) => part !== "" && (!isPaired || index % 2 === 0));
}

function rangeOf(values: string): readonly [number, number] | null {
  const [least, most] = values.split(";").map((part) => Number.parseFloat(part));
  if (least === undefined || most === undefined) return null;
  return Number.isFinite(least) && Number.isFinite(most) ? [least, most] : null;
}

function colourOf(values: string): string {
  const first = values.split(";")[0]?.trim() ?? "";
  return /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.test(first) ? first : "";
}

/** Tell whether a question is asked, given the answers to those above it. */
export function isAsked(condition: Condition | null, answer: string): boolean {
  if (!condition) return true;
  const wanted = condition.answer.trim();
  const given = answer.trim();
  if (given === "") return false;
  const [a, b] = [Number(given.replace(/\+$/, "")), Number(wanted.replace(/\+$/, ""))];
  const areNumbers = given !== "" && wanted !== "" && Number.isFinite(a) && Number.isFinite(b);
  const order = areNumbers ? a - b : given.toLowerCase().localeCompare(wanted.toLowerCase());
  switch (condition.comparison) {
    case "is":
      return order === 0;
    case "is not":
      return order !== 0;
    case "above":
      return areNumbers && order > 0;
    case "below":
      return areNumbers && order < 0;
    case "at least":
      return areNumbers && order >= 0;
    case "at most":
      return areNumbers && order <= 0;
    default:
      return true;
  }
}
