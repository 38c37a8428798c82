/** Finds which shape of a reply lies at a place, and reads it as a geometry. */

import { isHit } from "../drawing/outline";
import type { Geometry } from "../drawing/shapes";
import type { Point } from "../viewer/geometry";
import { KINDS, type Packed } from "./packed";

/** Return the place in the answer of the smallest shape at a place, or null. `reach`: level-0 px. */
export function findAt(packed: Packed, at: Point, reach: number): number | null {
  const dot = dotAt(packed, at, reach);
  if (dot !== null) return dot;
  let [found, least] = [-1, Infinity];
  const { bounds } = packed;
  for (let item = 0; item < packed.kinds.length; item += 1) {
    const [left = 0, top = 0, right = 0, bottom = 0] = bounds.subarray(4 * item, 4 * item + 4);
    const isNear =
      at.x >= left - reach &&
      at.x <= right + reach &&
      at.y >= top - reach &&
      at.y <= bottom + reach;
    const size = (right - left) * (bottom - top);
    // What lies within another shape would else never be reached.
    if (!isNear || size > least || !isHit(geometryOf(packed, item), at, reach)) continue;
    [found, least] = [item, size];
  }
  return found < 0 ? null : (packed.indices[found] ?? null);
}

/** Return the outline of a shape by its place in the answer; null where the reply has none. */
export function shapeIn(packed: Packed, index: number): Geometry | null {
  const item = packed.indices.indexOf(index);
  if (item >= 0) return geometryOf(packed, item);
  const dot = packed.dotIndices.indexOf(index);
  if (dot < 0) return null;
  return { kind: "point", at: { x: packed.dots[2 * dot] ?? 0, y: packed.dots[2 * dot + 1] ?? 0 } };
}

export function geometryOf(packed: Packed, item: number): Geometry {
  const { firstRing, kinds } = packed;
  const [begin, end] = [firstRing[item] ?? 0, firstRing[item + 1] ?? 0];
  const rings = Array.from({ length: end - begin }, (_, at) => ringAt(packed, begin + at));
  const points = rings[0] ?? [];
  switch (kinds[item]) {
    case KINDS.ellipse: {
      const [center, radii] = points as [Point, Point];
      return { kind: "ellipse", center, radii };
    }
    case KINDS.polyline:
      return { kind: "polyline", points };
    case KINDS.brush:
      return brushOf(rings);
    default:
      return rings.length > 1 ? brushOf(rings) : { kind: "polygon", points };
  }
}

/** Rings of one outline are filled together: those inside an odd number of others are holes. */
function brushOf(rings: Point[][]): Geometry {
  const isHole = (ring: Point[]) =>
    rings.filter((other) => other !== ring && isInside(ring, other)).length % 2 === 1;
  return {
    kind: "brush",
    positive: rings.filter((ring) => !isHole(ring)),
    negative: rings.filter(isHole),
  };
}

function isInside(ring: Point[], other: Point[]): boolean {
  const [first] = ring;
  return first !== undefined && isHit({ kind: "polygon", points: other }, first, 0);
}

function ringAt({ firstCorner, corners }: Packed, ring: number): Point[] {
  const [begin, end] = [firstCorner[ring] ?? 0, firstCorner[ring + 1] ?? 0];
  return Array.from({ length: end - begin }, (_, at) => ({
    x: corners[2 * (begin + at)] ?? 0,
    y: corners[2 * (begin + at) + 1] ?? 0,
  }));
}

function dotAt({ dots, dotIndices }: Packed, at: Point, reach: number): number | null {
  let [found, least] = [-1, reach];
  for (let dot = 0; dot < dotIndices.length; dot += 1) {
    const distance = Math.hypot((dots[2 * dot] ?? 0) - at.x, (dots[2 * dot + 1] ?? 0) - at.y);
    if (distance <= least) [found, least] = [dot, distance];
  }
  return found < 0 ? null : (dotIndices[found] ?? null);
}
