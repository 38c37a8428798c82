/** What other readers answered, shown only beside an answer of one's own. */

import type { Version } from "./api";
import type { Question } from "./questions";
import { isAbout, type Subject } from "./versions";

/** How many other readers gave each answer, and which answer most of them gave. */
export interface Others {
  counts: ReadonlyMap<string, number>;
  readers: number;
  /** Empty where no answer has more readers than every other. */
  majority: string;
  ofMajority: number;
}

/** Count the others' answers to a question about a subject. */
export function othersOn(
  versions: readonly Version[],
  question: Question,
  subject: Subject,
  email: string,
): Others {
  const counts = new Map<string, number>();
  for (const version of versions) {
    const isTheirs = version.isCurrent && version.email !== email && version.answer !== "";
    if (!isTheirs || !isAbout(version, question, subject)) continue;
    counts.set(version.answer, (counts.get(version.answer) ?? 0) + 1);
  }
  const readers = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const most = Math.max(0, ...counts.values());
  const leading = [...counts].filter(([, count]) => count === most).map(([answer]) => answer);
  const majority = leading.length === 1 ? (leading[0] ?? "") : "";
  return { counts, readers, majority, ofMajority: most };
}
