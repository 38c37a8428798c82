/** Shapes that the address of the page brings along: shown, and never saved. */

import { effect, type ReadonlySignal, signal } from "@preact/signals";
import type { Json } from "../api/http";
import { boundsOf } from "./outline";
import { readShape, type Shape } from "./shapes";

export interface GivenGroup {
  colour: string;
  /** A shape that was clicked, rather than one from the address. */
  isPicked?: boolean;
  shapes: readonly Shape[];
  bounds: Float64Array;
}

const PLAIN = "#ffd60a";
const MOST_SHAPES = 20_000;

/** Read `annos=[{"color", "shapes": "<JSON text>"}]`; what is not understood is left out. */
export function parseGiven(value: string | null): GivenGroup[] {
  const found = value === null ? null : parsed(value);
  if (!Array.isArray(found)) return [];
  return found.flatMap((entry) => {
    if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return [];
    const { color, shapes } = entry;
    const list = typeof shapes === "string" ? parsed(shapes) : shapes;
    if (!Array.isArray(list)) return [];
    const isColour = typeof color === "string" && /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.test(color);
    return [groupOf(list.slice(0, MOST_SHAPES).map(readShape), isColour ? color : PLAIN)];
  });
}

export function groupOf(shapes: readonly Shape[], colour: string): GivenGroup {
  const bounds = new Float64Array(4 * shapes.length).fill(Number.NaN);
  shapes.forEach(({ geometry }, index) => {
    const box = boundsOf(geometry);
    if (box) bounds.set([box.left, box.top, box.right, box.bottom], 4 * index);
  });
  return { colour, shapes, bounds };
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

export class Given {
  readonly groups = signal<readonly GivenGroup[]>([]);

  constructor(value: string | null) {
    this.groups.value = parseGiven(value);
  }

  /** They belong to the slide with which the page was opened. Returns what ends the watch. */
  keepTo(shown: ReadonlySignal<unknown>): () => void {
    let first: unknown = null;
    return effect(() => {
      first ??= shown.value;
      if (shown.value !== first) this.groups.value = [];
    });
  }
}
