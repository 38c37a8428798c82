/** The letter that reminds readers who are behind. */

import { root } from "../../api/http";
import type { Reader } from "./api";
import { words } from "./words";

export interface Draft {
  to: readonly string[];
  subject: string;
  body: string;
}

/** Readers who have not done every slide. */
export function behind(readers: readonly Reader[]): Reader[] {
  return readers.filter(({ marks, done }) => done < marks.length);
}

/** Where a reader goes on with a study. */
export function startAddress(studyId: number): string {
  return `${location.origin}${root}/Study/Details?studyId=${studyId}`;
}

export function draftFor(to: readonly Reader[], label: string, studyId: number): Draft {
  return {
    to: to.map(({ email }) => email),
    subject: words.letter.subject(label),
    body: words.letter.body(label, startAddress(studyId)),
  };
}

/** The same letter for the mail program of who writes it; addresses are kept from each other. */
export function mailAddress({ to, subject, body }: Draft): string {
  const query = new URLSearchParams({ bcc: to.join(","), subject, body });
  // Mail programs read a plus as a plus.
  return `mailto:?${query.toString().replaceAll("+", "%20")}`;
}
