/** What keys do to the active question of a sheet. */

import type { KeyPress } from "../viewer/keys";
import { answerOfKey, digitOf, hScore, percentOf, stepOf } from "./answering";
import { EXTRAS, isDrawn, type Question } from "./questions";
import type { Sheet } from "./sheet";

/** Answer the active question by a key; tells whether the key was one. */
export function pressOn(sheet: Sheet, press: KeyPress): boolean {
  const question = sheet.activeQuestion();
  if (!question || !sheet.canAnswer.value) return false;
  if (press.code === "KeyX" && question.hasExtras) {
    answerExtra(sheet, question, press.shiftKey);
    return true;
  }
  if (press.code === "Backspace" && !isDrawn(question)) {
    sheet.hScoreRows.clear(question.name);
    sheet.answer(question, "");
    return true;
  }
  const digit = digitOf(press);
  if (question.kind === "hScore" && digit !== null) {
    const { row } = sheet.hScoreRows.of(question.name);
    fillHScore(sheet, question, row, percentOf(digit, press.shiftKey), row === 2);
    return true;
  }
  const answer = answerOfKey(question, press);
  if (answer === null) return false;
  sheet.answer(question, answer, true);
  return true;
}

/** Fill a row of an H-score; the score is the answer as soon as the rows make one. */
export function fillHScore(
  sheet: Sheet,
  question: Question,
  row: number,
  percent: number,
  moves: boolean,
): void {
  if (!sheet.canAnswer.value || sheet.isLocked(question)) return;
  const score = hScore(sheet.hScoreRows.fill(question.name, row, percent).parts);
  if (score !== null) sheet.answer(question, String(score), moves);
}

/** Move the active answer one step along its options. */
export function stepOn(sheet: Sheet, step: 1 | -1): void {
  const question = sheet.activeQuestion();
  if (!question) return;
  const wanted = stepOf(question, sheet.answerTo(question.name), step);
  if (wanted !== null) sheet.answer(question, wanted);
}

function answerExtra(sheet: Sheet, question: Question, isMissing: boolean): void {
  if (isMissing && sheet.subject.value?.core) missCore(sheet);
  else sheet.answer(question, isMissing ? EXTRAS.missing : EXTRAS.notRepresentative, true);
}

/** A core that is not there answers every question that can say so, by one key. */
function missCore(sheet: Sheet): void {
  const asked = sheet.lines.value.filter((line) => line.isAsked && line.question.hasExtras);
  for (const { question } of asked) sheet.answer(question, EXTRAS.missing, true);
}
