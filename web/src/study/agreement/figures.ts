/** Which of the many statistics of a question is shown, and what is drawn of it. */

import type { Agreement, Confusion, Statistic } from "./api";

/** Name and variant of the statistic that suits answers with and without gaps. */
function headlineName({ scale, missing }: Agreement): readonly [string, string] | null {
  switch (scale) {
    case "nominal":
      return missing > 0 ? ["krippendorffAlpha", "nominal"] : ["fleissKappa", "unweighted"];
    case "ordinal":
      return missing > 0 ? ["krippendorffAlpha", "ordinal"] : ["fleissKappa", "quadratic"];
    case "interval":
      return missing > 0 ? ["krippendorffAlpha", "interval"] : ["icc21", ""];
    default:
      return null;
  }
}

const DRAWN = ["dice", "pointF1"];

/** The one number that stands for a question: of all readers together. */
export function headline(agreement: Agreement): Statistic | null {
  const named = headlineName(agreement);
  const ofAll = agreement.statistics.filter(({ readers }) => readers === null);
  if (named) {
    return ofAll.find(({ name, variant }) => name === named[0] && variant === named[1]) ?? null;
  }
  return ofAll.find(({ name, value }) => DRAWN.includes(name) && value !== null) ?? null;
}

/** The share of pairs of readers with the same answer; null where exact matches mean little. */
export function sameAnswer({ scale, statistics }: Agreement): number | null {
  if (scale !== "nominal" && scale !== "ordinal") return null;
  return statistics.find(({ name }) => name === "percentAgreement")?.value ?? null;
}

const PAIRED: Record<string, readonly [string, string]> = {
  nominal: ["cohenKappa", "unweighted"],
  ordinal: ["cohenKappa", "quadratic"],
  interval: ["bias", ""],
};

/** What each two readers are compared by. */
export function paired(agreement: Agreement): readonly Statistic[] {
  const of = agreement.statistics.filter(({ readers }) => readers !== null);
  const named = agreement.scale ? PAIRED[agreement.scale] : undefined;
  if (named) return of.filter(({ name, variant }) => name === named[0] && variant === named[1]);
  const drawn = DRAWN.find((wanted) => of.some(({ name }) => name === wanted));
  return of.filter(({ name }) => name === drawn);
}

/** Whether a statistic is about these two readers, in either order. */
export function isOf(pair: readonly [string, string], readers: Statistic["readers"]): boolean {
  return readers !== null && pair.every((email) => readers.includes(email));
}

/** The table of two readers' answers, its rows those of the first one named. */
export function confusionOf(
  { confusions }: Agreement,
  pair: readonly [string, string],
): Confusion | null {
  const found = confusions.find(({ readers }) => isOf(pair, readers));
  if (!found?.readers) return null;
  if (found.readers[0] === pair[0]) return found;
  const turned = found.counts.map((_, row) => found.counts.map((line) => line[row] ?? 0));
  return { readers: pair, counts: turned };
}

/** Step from 0 (nothing) to 4 (all) with which a share is tinted. */
export function tint(share: number): number {
  return Math.max(0, Math.min(4, Math.floor(share * 5)));
}

/** Round numbers between two bounds, about as many as wanted. */
export function ticks(low: number, high: number, wanted: number): number[] {
  const span = high - low;
  if (!(span > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(span / wanted));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((s) => span / s <= wanted);
  const size = step ?? 10 * power;
  const found: number[] = [];
  for (let at = Math.ceil(low / size) * size; at <= high + size / 1e6; at += size) {
    found.push(Number(at.toPrecision(12)));
  }
  return found;
}
