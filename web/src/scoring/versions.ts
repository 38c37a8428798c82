/** Versions of answers: which belong to what, and how the newest one joins them. */

import type { Waiting } from "./answerstore";
import type { Version } from "./api";

export type Core = { row: number; column: number } | null;

/** What answers are about: a slide with its case, or one core of it. */
export interface Subject {
  slideId: number;
  caseId: number | null;
  core: Core;
}

/** Whose answer to which question about what. */
export interface Place {
  question: string;
  email: string;
  isAboutCase: boolean;
  core: Core;
}

export function isSame(a: Subject, b: Subject | null): boolean {
  return b !== null && a.slideId === b.slideId && isCore(a.core, b.core);
}

/** Tell whether a version answers what a place names. */
export function isAt(version: Version, place: Place): boolean {
  return (
    version.question === place.question &&
    version.email === place.email &&
    version.isAboutCase === place.isAboutCase &&
    (place.isAboutCase || isCore(version.core, place.core))
  );
}

/** Return the versions with the one that the server has just kept, at their end. */
export function withSaved(
  versions: readonly Version[],
  { question, email, answer, tmaRow, tmaCol, slideId }: Waiting,
  id: number,
  changedOn: Date,
): Version[] {
  const isAboutCase = slideId === null;
  const core = tmaRow === null || tmaCol === null ? null : { row: tmaRow, column: tmaCol };
  const place = { question, email, isAboutCase, core };
  const others = versions.filter((version) => version.id !== id);
  const before = others.find((version) => version.isCurrent && isAt(version, place));
  return [
    ...others.map((version) => (version === before ? { ...version, isCurrent: false } : version)),
    {
      ...place,
      id,
      answer,
      isCurrent: true,
      previous: before?.answer ?? null,
      changedBy: email,
      changedOn,
    },
  ];
}

function isCore(a: Core, b: Core): boolean {
  return a?.row === b?.row && a?.column === b?.column;
}
