/** Which questions are asked, which are needed, and how far somebody is with them. */

import type { Mark } from "./api";
import { isAsked, type Question } from "./questions";

export interface Line {
  question: Question;
  isAsked: boolean;
}

type AnswerTo = (name: string) => string;

export function linesOf(questions: readonly Question[], answerTo: AnswerTo): Line[] {
  return questions.map((question) => {
    const { condition } = question;
    return { question, isAsked: isAsked(condition, condition ? answerTo(condition.question) : "") };
  });
}

/** Questions that want an answer before one goes on: the mandatory ones, else all that are asked. */
export function neededOf(lines: readonly Line[]): Question[] {
  const asked = lines.filter(({ question, isAsked: is }) => is && question.kind !== "none");
  const mandatory = asked.filter(({ question }) => question.isMandatory);
  return (mandatory.length > 0 ? mandatory : asked).map(({ question }) => question);
}

/** How far the answers are, counted as the server does. */
export function markOf(lines: readonly Line[], answerTo: AnswerTo): Mark {
  const isBegun = lines.some(({ question }) => answerTo(question.name) !== "");
  if (!isBegun) return "open";
  // A question that hangs on another answer holds nothing up.
  const counted = neededOf(lines.filter(({ question }) => question.condition === null));
  return counted.every(({ name }) => answerTo(name) !== "") ? "done" : "partly";
}
