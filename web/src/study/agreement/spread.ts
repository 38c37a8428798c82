/** The answers to a question by what they are about: how far apart, and what most said. */

import type { Given, Scale } from "./api";

export interface Subject {
  key: string;
  label: string;
  slideId: number | null;
  core: Given["core"];
  /** Answers by reader. */
  answers: ReadonlyMap<string, string>;
  /** What most readers said, or the median; empty: a tie. */
  consensus: string;
  /** From 0: all said the same. Comparable within a question only. */
  spread: number;
}

/** Group answers by subject, widest spread first; one reader's alone has none. */
export function bySpread(
  given: readonly Given[],
  scale: Scale,
  categories: readonly string[],
): Subject[] {
  const groups = new Map<string, Given[]>();
  for (const one of given) {
    if (one.answer === "") continue;
    const key = keyOf(one);
    const group = groups.get(key) ?? [];
    group.push(one);
    groups.set(key, group);
  }
  return [...groups]
    .map(([key, group]) => subjectOf(key, group, scale, categories))
    .filter(({ answers }) => answers.size > 1)
    .sort((one, other) => other.spread - one.spread);
}

function keyOf({ label, slideId, core }: Given): string {
  return core ? `${slideId}:${core.row}:${core.column}` : `${slideId ?? label}`;
}

function subjectOf(
  key: string,
  group: readonly Given[],
  scale: Scale,
  categories: readonly string[],
): Subject {
  const [first] = group;
  const answers = new Map(group.map(({ email, answer }) => [email, answer]));
  const said = [...answers.values()];
  const { label = "", slideId = null, core = null } = first ?? {};
  return { key, label, slideId, core, answers, ...summary(said, scale, categories) };
}

function summary(said: readonly string[], scale: Scale, categories: readonly string[]) {
  if (scale === "interval") {
    const numbers = said.map(numberOf).filter((value) => value !== null);
    numbers.sort((one, other) => one - other);
    const spread = (numbers.at(-1) ?? 0) - (numbers[0] ?? 0);
    return { consensus: median(numbers), spread };
  }
  const votes = counted(said);
  const most = Math.max(...votes.values());
  const winners = [...votes].filter(([, count]) => count === most).map(([answer]) => answer);
  const dissent = 1 - most / said.length;
  const places = said.map((answer) => categories.indexOf(answer)).filter((place) => place >= 0);
  const reach = scale === "ordinal" ? Math.max(0, ...places) - Math.min(...places, Infinity) : 0;
  return {
    consensus: winners.length === 1 ? (winners[0] ?? "") : "",
    spread: (Number.isFinite(reach) ? Math.max(0, reach) : 0) + dissent,
  };
}

/** Count how often each answer was given, in the order of the question's options. */
export function counted(
  said: readonly string[],
  categories: readonly string[] = [],
): Map<string, number> {
  const votes = new Map(categories.map((category) => [category, 0]));
  for (const answer of said) votes.set(answer, (votes.get(answer) ?? 0) + 1);
  return votes;
}

export function numberOf(answer: string): number | null {
  const value = Number(answer.replace(",", "."));
  return answer.trim() !== "" && Number.isFinite(value) ? value : null;
}

function median(sorted: readonly number[]): string {
  const middle = (sorted.length - 1) / 2;
  const [low, high] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
  return low === undefined || high === undefined ? "" : String((low + high) / 2);
}

export interface Difference {
  subject: Subject;
  mean: number;
  /** First reader's less the second's. */
  difference: number;
}

/** What a Bland–Altman plot shows: of each subject that both answered, mean and difference. */
export function differences(
  subjects: readonly Subject[],
  [first, second]: readonly [string, string],
): Difference[] {
  return subjects.flatMap((subject) => {
    const one = numberOf(subject.answers.get(first) ?? "");
    const other = numberOf(subject.answers.get(second) ?? "");
    if (one === null || other === null) return [];
    return [{ subject, mean: (one + other) / 2, difference: one - other }];
  });
}
