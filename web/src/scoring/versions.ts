/** Versions of answers: which belong to what, and how the newest one joins them. */

import type { Waiting } from "./answerstore";
import type { Version } from "./api";
import type { Question } from "./questions";

export type Core = { row: number; column: number } | null;

/** What answers are about: a slide with its case, or one core of it. */
export interface Subject {
  slideId: number;
  caseId: number | null;
  core: Core;
}

/** An answer as the sheet shows it, and the version that the server has of it. */
export interface Given {
  answer: string;
  version: number | null;
}

/** Whose answers, in which study. */
export interface Reader {
  email: string;
  studyId: number;
}

export function isSame(a: Subject, b: Subject | null): boolean {
  return b !== null && a.slideId === b.slideId && isCore(a.core, b.core);
}

export function isCore(a: Core, b: Core): boolean {
  return a?.row === b?.row && a?.column === b?.column;
}

/** Where the answer to a question about a subject is kept: one key for each answer of a reader. */
export function keyOf({ email, studyId }: Reader, question: Question, subject: Subject): string {
  const { core, slideId, caseId } = subject;
  const isCase = question.isPerCase && caseId !== null;
  const place = isCase
    ? `case:${caseId}`
    : `slide:${slideId}${core ? `/${core.row},${core.column}` : ""}`;
  return `${email}|${studyId}|${place}|${question.name}`;
}

/** Return the key of a version that the server told, for the slide or case it was asked about. */
export function keyOfVersion(studyId: number, version: Version, subject: Subject): string {
  const place = version.isAboutCase
    ? `case:${subject.caseId}`
    : `slide:${version.slideId}${version.core ? `/${version.core.row},${version.core.column}` : ""}`;
  return `${version.email}|${studyId}|${place}|${version.question}`;
}

/** Tell whether a version answers a question about a subject, whoever gave it. */
export function isAbout(version: Version, question: Question, subject: Subject): boolean {
  if (version.question !== question.name) return false;
  if (question.isPerCase && subject.caseId !== null) return version.isAboutCase;
  return version.slideId === subject.slideId && isCore(version.core, subject.core);
}

/** Return the versions with the one that the server has just kept, at their end. */
export function withSaved(
  versions: readonly Version[],
  waiting: Waiting,
  id: number,
  changedOn: Date,
): Version[] {
  const { question, email, answer, tmaRow, tmaCol, slideId } = waiting;
  const core = tmaRow === null || tmaCol === null ? null : { row: tmaRow, column: tmaCol };
  const others = versions.filter((version) => version.id !== id);
  const before = others.find(
    (version) =>
      version.isCurrent &&
      version.question === question &&
      version.email === email &&
      version.slideId === slideId &&
      isCore(version.core, core),
  );
  return [
    ...others.map((version) => (version === before ? { ...version, isCurrent: false } : version)),
    {
      id,
      email,
      question,
      answer,
      core,
      slideId,
      isAboutCase: slideId === null,
      isCurrent: true,
      previous: before?.answer ?? null,
      changedBy: email,
      changedOn,
    },
  ];
}
