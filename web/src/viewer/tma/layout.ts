/** The cores of a tissue microarray: where they lie, what they are called, and which comes next. */

import { ask, isObject, type JsonObject, number, objects, text } from "../../api/http";

/** One core; row and column from 0, as its map has it. */
export interface CorePlace {
  row: number;
  column: number;
  /** Empty where the study hides samples. */
  sample: string;
  /** Its middle, in level-0 pixels. */
  x: number;
  y: number;
  isMissing: boolean;
  isControl: boolean;
  isIgnored: boolean;
}

export interface CoreLayout {
  rows: number;
  columns: number;
  /** Level-0 pixels. */
  diameter: number;
  /** µm; null without µm/px. */
  diameterUm: number | null;
  cores: readonly CorePlace[];
}

export type Step = { rows: number; columns: number };

export async function readLayout(slideId: number): Promise<CoreLayout> {
  const reply = await ask("GetTMACores", { imageId: slideId });
  return layoutOf(isObject(reply) ? reply : {});
}

/** Read where cores lie from what the server tells of a slide. */
export function layoutOf(found: JsonObject): CoreLayout {
  return {
    rows: number(found.rows) ?? 0,
    columns: number(found.cols) ?? 0,
    diameter: number(found.coreDiameter) ?? 0,
    diameterUm: number(found.coreDiameterUM),
    cores: objects(found.cores).flatMap((entry) => corePlace(entry) ?? []),
  };
}

function corePlace(entry: JsonObject): CorePlace | null {
  const [row, column] = [number(entry.row), number(entry.col)];
  const [x, y] = [number(entry.x), number(entry.y)];
  if (row === null || column === null || x === null || y === null) return null;
  return {
    row,
    column,
    sample: text(entry.sampleID),
    x,
    y,
    isMissing: entry.isMissing === true,
    isControl: entry.isControl === true,
    isIgnored: entry.isIgnored === true,
  };
}

/** Name a row by letters: A to Z, then AA. */
export function rowName(row: number): string {
  const last = String.fromCharCode(65 + (row % 26));
  return row < 26 ? last : rowName(Math.floor(row / 26) - 1) + last;
}

export function coreName({ row, column }: { row: number; column: number }): string {
  return rowName(row) + String(column + 1);
}

/** Whether a core is there to be scored. */
export function isScored(core: CorePlace): boolean {
  return !core.isMissing && !core.isControl && !core.isIgnored;
}

/** How often the slide is turned by 90° clockwise. */
export function quarterOf(rotation: number): number {
  return ((Math.round(rotation / 90) % 4) + 4) % 4;
}

/** Return where a core of the map is seen in the grid when the slide is turned. */
export function seenAt(
  { row, column }: { row: number; column: number },
  { rows, columns }: { rows: number; columns: number },
  quarter: number,
): { row: number; column: number } {
  if (quarter === 1) return { row: column, column: rows - 1 - row };
  if (quarter === 2) return { row: rows - 1 - row, column: columns - 1 - column };
  if (quarter === 3) return { row: columns - 1 - column, column: row };
  return { row, column };
}

/** Return the nearest core in a direction as it is seen, or null at the edge. */
export function neighbour(
  layout: CoreLayout,
  from: CorePlace,
  step: Step,
  quarter: number,
): CorePlace | null {
  const seen = (core: CorePlace) => seenAt(core, layout, quarter);
  const here = seen(from);
  let best: CorePlace | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const core of layout.cores) {
    const there = seen(core);
    const [down, right] = [there.row - here.row, there.column - here.column];
    const isOnLine = step.rows === 0 ? down === 0 : right === 0;
    const distance = step.rows * down + step.columns * right;
    if (!isOnLine || distance <= 0 || distance >= least) continue;
    [best, least] = [core, distance];
  }
  return best;
}

/** Return the next core, row by row and around the end, that `isWanted`; null: there is none. */
export function nextCore(
  layout: CoreLayout,
  from: CorePlace | null,
  isWanted: (core: CorePlace) => boolean,
): CorePlace | null {
  const inOrder = [...layout.cores].sort((a, b) => a.row - b.row || a.column - b.column);
  const at = from ? inOrder.indexOf(from) : -1;
  const around = [...inOrder.slice(at + 1), ...inOrder.slice(0, Math.max(0, at))];
  return around.find((core) => isScored(core) && isWanted(core)) ?? null;
}
