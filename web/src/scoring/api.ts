/** Calls of the scoring sheet. */

import {
  ask,
  Failure,
  isObject,
  type Json,
  type JsonObject,
  number,
  objects,
  root,
  send,
  text,
} from "../api/http";
import type { Waiting } from "./answerstore";
import { parseQuestions, type Question } from "./questions";
import type { Sent } from "./queue";

/** What this person may do in a study. */
export interface Rights {
  email: string;
  canScore: boolean;
  canEdit: boolean;
  canGetResults: boolean;
  /** Answers that were given stay as they are. */
  isFinal: boolean;
  /** Slides are scored in order, and none is looked at twice. */
  isOneWay: boolean;
  seesOthers: boolean;
  /** Labels of slides, which name the patient, may be seen. */
  showsLabels: boolean;
  /** Slides may be shown to people without an account. */
  sharesSlides: boolean;
  /** Where the reader looks is recorded. */
  recordsSessions: boolean;
  /** Cores of a microarray are scored several at once. */
  scoresCoresAtOnce: boolean;
}

/** One version of an answer, of any reader whose answers may be seen. */
export interface Version {
  id: number;
  email: string;
  question: string;
  answer: string;
  /** Of a core; null where the answer is about the slide or its case. */
  core: { row: number; column: number } | null;
  /** Null where the answer is about a case. */
  slideId: number | null;
  isAboutCase: boolean;
  isCurrent: boolean;
  previous: string | null;
  changedBy: string;
  changedOn: Date | null;
}

/** How far a reader is with one slide. */
export type Mark = "open" | "partly" | "done";

export async function readRights(studyId: number): Promise<Rights> {
  const reply = await ask("StudyRights", { studyId });
  if (!isObject(reply)) throw new Failure("server", "");
  return {
    email: text(reply.email),
    canScore: reply.canScore === true,
    canEdit: reply.canEdit === true,
    canGetResults: reply.canGetResults === true,
    isFinal: reply.answersAreFinal === true,
    isOneWay: reply.oneWay === true,
    seesOthers: reply.seesOthers === true,
    showsLabels: reply.showsLabels === true,
    sharesSlides: reply.sharesSlides === true,
    recordsSessions: reply.recordsSessions === true,
    scoresCoresAtOnce: reply.scoreTmaCoresAtOnce === true,
  };
}

export async function readQuestions(studyId: number): Promise<Question[]> {
  return parseQuestions(await ask("Questions", { studyId }));
}

/** Read every version of the answers about a slide, or about a case and its slides. */
export async function readVersions(
  studyId: number,
  about: { imageId: number } | { caseId: number },
): Promise<Version[]> {
  return objects(await ask("ScoreHistory", { studyId, ...about })).flatMap((entry) => {
    const id = number(entry.id);
    if (id === null) return [];
    const row = number(entry.tmaRow);
    const column = number(entry.tmaCol);
    const changedOn = new Date(text(entry.changedOn));
    return [
      {
        id,
        email: text(entry.user),
        question: text(entry.question),
        answer: text(entry.answer),
        core: row === null || column === null ? null : { row, column },
        slideId: number(entry.imageID),
        isAboutCase: number(entry.imageID) === null,
        isCurrent: entry.isCurrent === true,
        previous: typeof entry.previousAnswer === "string" ? entry.previousAnswer : null,
        changedBy: text(entry.changedByName),
        changedOn: Number.isNaN(changedOn.getTime()) ? null : changedOn,
      },
    ];
  });
}

/** Read how far this reader is with each slide. */
export async function readMarks(studyId: number, email: string): Promise<Map<number, Mark>> {
  const reply = await ask("Progress", { studyId });
  const marks = new Map<number, Mark>();
  if (!isObject(reply)) return marks;
  const reader = objects(reply.readers).findIndex((entry) => text(entry.email) === email);
  for (const row of objects(reply.rows)) {
    const slideId = number(row.imageID);
    if (slideId === null) continue;
    marks.set(slideId, markOf(at(row.answered, reader), at(row.done, reader), number(row.needed)));
  }
  return marks;
}

function markOf(answered: number, done: number, needed: number | null): Mark {
  if (needed !== null && needed > 0 && done >= needed) return "done";
  return answered > 0 ? "partly" : "open";
}

function at(cells: Json | undefined, index: number): number {
  return Array.isArray(cells) ? (number(cells[index]) ?? 0) : 0;
}

/** Return the next slide with something to answer, and how many there are; null: none is left. */
export async function findNext(
  studyId: number,
  after: number | null,
): Promise<{ slideId: number; core: { row: number; column: number } | null } | null> {
  const reply = await ask("NextUnscored", after === null ? { studyId } : { studyId, after });
  if (!isObject(reply)) throw new Failure("server", "");
  const slideId = number(reply.imageID);
  if (slideId === null) return null;
  const row = number(reply.tmaRow);
  const column = number(reply.tmaCol);
  return { slideId, core: row === null || column === null ? null : { row, column } };
}

/** Send one answer; the request goes on when the page is left. */
export async function sendAnswer(waiting: Waiting): Promise<Sent> {
  const { status, reply } = await send("SaveAnswer", formOf(waiting));
  if (status === 409 && isObject(reply) && "current" in reply) {
    return { clash: clashOf(isObject(reply.current) ? reply.current : {}) };
  }
  const id = isObject(reply) ? number(reply.id) : null;
  if (status === 200 && id !== null) return { id };
  const reason = isObject(reply) ? text(reply.error) : "";
  throw new Failure(status >= 500 ? "server" : "refused", reason, status);
}

function formOf(waiting: Waiting): Record<string, string> {
  const { studyId, question, answer, version, slideId, caseId, tmaRow, tmaCol } = waiting;
  const numbers = { version, imageId: slideId, caseId, tmaRow, tmaCol };
  const there = Object.entries(numbers).filter(([, value]) => value !== null);
  return {
    studyId: String(studyId),
    question,
    answer,
    ...Object.fromEntries(there.map(([name, value]) => [name, String(value)])),
  };
}

function clashOf(current: JsonObject) {
  return {
    id: number(current.id),
    answer: text(current.answer),
    changedBy: text(current.changedByName),
  };
}

/** Where somebody sees a slide; for the addresses of links. */
export function slideAddress(studyId: number, slideId: number): string {
  return `${root}/Image/Details?imageId=${slideId}&studyId=${studyId}`;
}
