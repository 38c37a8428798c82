/** How far readers are with the slides of a study, as the Api tells it. */

import { ask, isObject, type Json, number, objects, text } from "../../api/http";
import type { Mark } from "../../scoring/api";

export interface Reader {
  email: string;
  /** In the order of the slides. */
  marks: readonly Mark[];
  done: number;
  partly: number;
}

export interface Matrix {
  slides: readonly { id: number; name: string; caseName: string }[];
  readers: readonly Reader[];
}

export async function readMatrix(studyId: number): Promise<Matrix> {
  return matrixOf(await ask("Progress", { studyId }));
}

/** Take readers who may score and their slides from a reply; rows about cases are left out. */
export function matrixOf(reply: Json): Matrix {
  if (!isObject(reply)) return { slides: [], readers: [] };
  const rows = objects(reply.rows).filter((row) => number(row.imageID) !== null);
  const readers = objects(reply.readers).flatMap((reader, at) => {
    if (reader.canScore !== true) return [];
    const marks = rows.map((row) => markOf(row, at));
    const count = (mark: Mark) => marks.filter((one) => one === mark).length;
    return [{ email: text(reader.email), marks, done: count("done"), partly: count("partly") }];
  });
  const slides = rows.map((row) => ({
    id: number(row.imageID) ?? 0,
    name: text(row.imageName),
    caseName: text(row.caseName),
  }));
  return { slides, readers };
}

function markOf(row: { [name: string]: Json }, at: number): Mark {
  const needed = number(row.needed) ?? 0;
  const count = (cells: Json | undefined) => (Array.isArray(cells) ? (number(cells[at]) ?? 0) : 0);
  if (needed > 0 && count(row.done) >= needed) return "done";
  return count(row.answered) > 0 ? "partly" : "open";
}

/** Slides in a row that a reader is equally far with. */
export interface Run {
  mark: Mark;
  from: number;
  length: number;
}

/** Join neighbours of the same mark, so that a thousand slides are few shapes. */
export function runsOf(marks: readonly Mark[]): Run[] {
  const runs: Run[] = [];
  for (const [at, mark] of marks.entries()) {
    const last = runs.at(-1);
    if (last?.mark === mark) last.length += 1;
    else runs.push({ mark, from: at, length: 1 });
  }
  return runs;
}

/** Rows of a long table that are in sight, with a few more at both ends. */
export function inSight(
  scrolled: number,
  height: number,
  rowHeight: number,
  count: number,
): { from: number; to: number } {
  const from = Math.max(0, Math.floor(scrolled / rowHeight) - 8);
  return { from, to: Math.min(count, Math.ceil((scrolled + height) / rowHeight) + 8) };
}
