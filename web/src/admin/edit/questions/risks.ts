/** What a change to a question means for the answers it has. */

import { EXTRAS } from "../../../scoring/questions";
import { asked, type Draft, formOf, type Row } from "./draft";
import { words } from "./words";

/** How often an answer counts. */
export interface Usage {
  answer: string;
  count: number;
}

/**
 * Return a sentence for each thing that is other for given answers; none: the change is safe.
 * `usage` is null where it is not known.
 */
export function risksOf(row: Row, after: Draft, usage: readonly Usage[] | null): string[] {
  const { draft: before, answerCount } = row;
  if (answerCount === 0) return [];
  const said = words.risks;
  return [
    before.name !== after.name.trim() ? said.rename(before.name, answerCount) : "",
    before.isPerCase !== after.isPerCase ? said.perCase(answerCount) : "",
    lostOptions(row, after, usage),
    outOfRange(row, after, usage),
  ].filter(Boolean);
}

function lostOptions(row: Row, after: Draft, usage: readonly Usage[] | null): string {
  const [before, now] = [offered(row.draft), offered(after)];
  if (before.size === 0 || formOf(after.typeName) === "steps") return "";
  const gone = new Set([...before].filter((option) => !now.has(option)));
  if (gone.size === 0) return "";
  if (usage === null) return words.risks.unknown;
  const lost = usage.filter(({ answer }) => gone.has(answer));
  return lost.length === 0
    ? ""
    : words.risks.lost(
        lost.reduce((sum, { count }) => sum + count, 0),
        lost.map(({ answer }) => answer),
      );
}

function offered(draft: Draft): Set<string> {
  const [question] = asked([{ id: 1, draft, answerCount: 0 }]);
  const extras = question?.hasExtras ? Object.values(EXTRAS) : [];
  return new Set([...(question?.options ?? []), ...extras]);
}

function outOfRange(row: Row, after: Draft, usage: readonly Usage[] | null): string {
  const [question] = asked([{ id: 1, draft: after, answerCount: 0 }]);
  if (!question?.range || row.draft.values === after.values) return "";
  const [least, most] = question.range;
  const count = (usage ?? [])
    .filter(({ answer }) => Number(answer) < least || Number(answer) > most)
    .reduce((sum, entry) => sum + entry.count, 0);
  return count === 0 ? "" : words.risks.range(count);
}
