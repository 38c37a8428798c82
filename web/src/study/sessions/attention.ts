/** How long each place of a slide was looked at, and how closely. */

import type { Look } from "./api";

export interface Grid {
  columns: number;
  rows: number;
  /** Seconds per cell, row by row; a wide view is spread over what it shows. */
  seconds: Float64Array;
  most: number;
}

/** A pause longer than this is not looking: somebody left the desk. */
const LONGEST_LOOK_MS = 60_000;

/** How long a look lasted, in milliseconds. */
export function lasted(looks: readonly Look[], at: number): number {
  const [look, next] = [looks[at], looks[at + 1]];
  return look && next ? Math.min(LONGEST_LOOK_MS, Math.max(0, next.at - look.at)) : 0;
}

/** Spread the time of each look evenly over the part of the slide that was in view. */
export function attention(
  looks: readonly Look[],
  slide: { width: number; height: number },
  columns = 96,
): Grid {
  const rows = Math.max(1, Math.round((columns * slide.height) / slide.width));
  const seconds = new Float64Array(columns * rows);
  for (const [at, look] of looks.entries()) {
    const box = cellsOf(look, slide, columns, rows);
    const count = (box.right - box.left) * (box.bottom - box.top);
    if (count <= 0) continue;
    const share = lasted(looks, at) / 1000 / count;
    for (let row = box.top; row < box.bottom; row += 1) {
      const from = row * columns;
      for (let column = box.left; column < box.right; column += 1) {
        seconds[from + column] = (seconds[from + column] ?? 0) + share;
      }
    }
  }
  return { columns, rows, seconds, most: seconds.reduce((most, one) => Math.max(most, one), 0) };
}

function cellsOf(
  look: Look,
  slide: { width: number; height: number },
  columns: number,
  rows: number,
) {
  const within = (value: number, most: number) => Math.max(0, Math.min(most, value));
  const [across, down] = [columns / slide.width, rows / slide.height];
  return {
    left: within(Math.floor(look.x * across), columns),
    right: within(Math.ceil((look.x + look.width) * across), columns),
    top: within(Math.floor(look.y * down), rows),
    bottom: within(Math.ceil((look.y + look.height) * down), rows),
  };
}

/** The view at a time of a session. */
export function lookAt(looks: readonly Look[], at: number): Look | null {
  let found: Look | null = null;
  for (const look of looks) {
    if (look.at > at) break;
    found = look;
  }
  return found ?? looks[0] ?? null;
}
