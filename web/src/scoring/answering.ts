/** How keys and typed texts become answers, by type of question. */

import type { KeyPress } from "../viewer/keys";
import type { Question } from "./questions";

/** Per cents of cells by intensity 1+, 2+ and 3+; the rest is negative. */
export type HScoreParts = readonly [number, number, number];

/** Return the H-score, 0 to 300, or null where the per cents exceed 100. */
export function hScore(parts: HScoreParts): number | null {
  const [weak, moderate, strong] = parts;
  return weak + moderate + strong > 100 ? null : weak + 2 * moderate + 3 * strong;
}

const DIGIT = /^(?:Digit|Numpad)(\d)$/;

/** Return the digit of a key by its place, or null. */
export function digitOf(press: KeyPress): number | null {
  if (press.ctrlKey || press.altKey || press.metaKey) return null;
  const found = DIGIT.exec(press.code);
  return found ? Number(found[1]) : null;
}

/** Return the per cent that a digit stands for: tens alone, units with Shift, 100 with Shift 0. */
export function percentOf(digit: number, isShifted: boolean): number {
  if (!isShifted) return digit * 10;
  return digit === 0 ? 100 : digit;
}

/** Return the answer that a key gives to a question, or null where it gives none. */
export function answerOfKey(question: Question, press: KeyPress): string | null {
  const digit = digitOf(press);
  if (digit === null) return null;
  switch (question.kind) {
    case "percentage":
      return String(percentOf(digit, press.shiftKey));
    case "yesNo":
      if (press.shiftKey) return null;
      return digit === 1 ? "yes" : digit === 0 ? "no" : null;
    case "choice":
      return press.shiftKey ? null : choiceOf(question, digit);
    default:
      return null;
  }
}

function choiceOf(question: Question, digit: number): string | null {
  // Intensities go by value: 0 is negative, not the tenth option.
  if (question.typeName.startsWith("Intensities")) return question.options[digit] ?? null;
  return question.options[digit === 0 ? 9 : digit - 1] ?? null;
}

/** Return the neighbour of an answer among the steps of a question, or null where there is none. */
export function stepOf(question: Question, answer: string, step: 1 | -1): string | null {
  if (question.kind === "integer" || question.kind === "real") {
    const now = answer === "" ? (question.range?.[0] ?? 0) - step : Number(answer);
    const [least, most] = question.range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    const wanted = Math.min(most, Math.max(least, Math.round(now) + step));
    return Number.isFinite(wanted) ? String(wanted) : null;
  }
  const options = question.kind === "yesNo" ? ["yes", "no"] : question.options;
  if (options.length === 0) return null;
  const at = options.indexOf(answer);
  if (at < 0) return options[step > 0 ? 0 : options.length - 1] ?? null;
  return options[at + step] ?? null;
}

export type Typed = { answer: string } | { problem: "number" | "whole" | "range" | "percent" };

/** Read a typed text as an answer; a comma is a decimal point. */
export function readTyped(question: Question, typed: string): Typed {
  const said = typed.trim();
  if (said === "") return { answer: "" };
  if (question.kind === "text") return { answer: said.replace(/\s+/g, " ") };
  const plain = said.replace(",", ".");
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return { problem: "number" };
  const value = Number(plain);
  if (question.kind === "percentage" && !(value >= 0 && value <= 100)) {
    return { problem: "percent" };
  }
  if (question.kind === "integer" && !/^[+-]?\d+$/.test(plain)) return { problem: "whole" };
  const [least, most] = question.range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  return value < least || value > most ? { problem: "range" } : { answer: plain };
}
