/** How well readers agree about a question, and who answered what, as the Api tells it. */

import {
  ask,
  Failure,
  isObject,
  type Json,
  type JsonObject,
  number,
  objects,
  text,
} from "../../api/http";

/** What may be done with the answers: tell apart, put in order, subtract, or lay over each other. */
export type Scale = "nominal" | "ordinal" | "interval" | "drawn";

export interface Statistic {
  name: string;
  label: string;
  variant: string;
  /** The two readers it is about; null: all. */
  readers: readonly [string, string] | null;
  subjects: number;
  value: number | null;
  low: number | null;
  high: number | null;
  /** Why there is no value or no interval. */
  reason: string;
}

export interface Confusion {
  /** Null: all pairs together. */
  readers: readonly [string, string] | null;
  counts: readonly (readonly number[])[];
}

export interface Agreement {
  question: string;
  typeName: string;
  /** Null where agreement about such questions is not measured. */
  scale: Scale | null;
  reason: string;
  readers: readonly { email: string; answers: number }[];
  subjects: number;
  missing: number;
  categories: readonly string[];
  statistics: readonly Statistic[];
  confusions: readonly Confusion[];
}

/** One answer to a question: who said what about which slide, core or case. */
export interface Given {
  email: string;
  answer: string;
  label: string;
  /** Null where the answer is about a case. */
  slideId: number | null;
  core: { row: number; column: number } | null;
}

const SCALES: readonly Scale[] = ["nominal", "ordinal", "interval", "drawn"];

/** Ask how well readers agree; no readers named: all who answered. */
export async function readAgreement(
  studyId: number,
  question: string,
  readers: readonly string[],
): Promise<Agreement> {
  const only = readers.length > 0 ? { readers: readers.join(";") } : {};
  const reply = await ask("Agreement", { studyId, question, ...only });
  if (!isObject(reply)) throw new Failure("server", "");
  return {
    question,
    typeName: text(reply.typeName),
    scale: SCALES.find((scale) => scale === reply.scale) ?? null,
    reason: text(reply.reason),
    readers: objects(reply.readers).map((entry) => ({
      email: text(entry.email),
      answers: number(entry.answers) ?? 0,
    })),
    subjects: number(reply.subjects) ?? 0,
    missing: number(reply.missing) ?? 0,
    categories: Array.isArray(reply.categories) ? reply.categories.map(text) : [],
    statistics: objects(reply.statistics).map(statisticOf),
    confusions: objects(reply.confusion).map((entry) => ({
      readers: pairOf(entry.readers),
      counts: rowsOf(entry.counts),
    })),
  };
}

/** Read every current answer to a question. */
export async function readGiven(studyId: number, question: string): Promise<Given[]> {
  return objects(await ask("Scores", { studyId, question })).map((entry) => {
    const row = number(entry.tmaRow);
    const column = number(entry.tmaCol);
    return {
      email: text(entry.user),
      answer: text(entry.answer),
      label: text(entry.imageName) || text(entry.caseName),
      slideId: number(entry.imageID),
      core: row === null || column === null ? null : { row, column },
    };
  });
}

function statisticOf(entry: JsonObject): Statistic {
  return {
    name: text(entry.name),
    label: text(entry.label),
    variant: text(entry.variant),
    readers: pairOf(entry.readers),
    subjects: number(entry.subjects) ?? 0,
    value: number(entry.value),
    low: number(entry.low),
    high: number(entry.high),
    reason: text(entry.reason),
  };
}

function pairOf(value: Json | undefined): readonly [string, string] | null {
  return Array.isArray(value) && value.length === 2 ? [text(value[0]), text(value[1])] : null;
}

function rowsOf(value: Json | undefined): number[][] {
  if (!Array.isArray(value)) return [];
  return value.map((row) => (Array.isArray(row) ? row.map((cell) => number(cell) ?? 0) : []));
}
