/** Geometry of shapes: bounds, areas, lengths, what lies under the pointer. Level-0 pixels. */

import type { Point } from "../viewer/geometry";
import type { Geometry, Ring } from "./shapes";

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Outlines to be drawn; null for an ellipse, a point and what has none. */
export function ringsOf(geometry: Geometry): readonly Ring[] | null {
  switch (geometry.kind) {
    case "polygon":
    case "polyline":
      return [geometry.points];
    case "rect":
      return [cornersOf(geometry.corner, geometry.size)];
    case "brush":
      return [...geometry.positive, ...geometry.negative];
    default:
      return null;
  }
}

/** Return the four corners of a rectangle, clockwise. */
export function cornersOf({ x, y }: Point, size: Point): Ring {
  return [
    { x, y },
    { x: x + size.x, y },
    { x: x + size.x, y: y + size.y },
    { x, y: y + size.y },
  ];
}

/** Return the box around a shape; null where it has no geometry here. */
export function boundsOf(geometry: Geometry): Box | null {
  if (geometry.kind === "point") {
    const { x, y } = geometry.at;
    return { left: x, top: y, right: x, bottom: y };
  }
  if (geometry.kind === "ellipse") {
    const { center, radii } = geometry;
    const [x, y] = [Math.abs(radii.x), Math.abs(radii.y)];
    return {
      left: center.x - x,
      top: center.y - y,
      right: center.x + x,
      bottom: center.y + y,
    };
  }
  const rings = ringsOf(geometry);
  return rings && boundsOfRings(rings);
}

function boundsOfRings(rings: readonly Ring[]): Box {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const ring of rings) {
    for (const { x, y } of ring) {
      if (x < box.left) box.left = x;
      if (x > box.right) box.right = x;
      if (y < box.top) box.top = y;
      if (y > box.bottom) box.bottom = y;
    }
  }
  return box;
}

/** Return the area of a shape in square pixels; null for what has none. */
export function areaOf(geometry: Geometry): number | null {
  switch (geometry.kind) {
    case "polygon":
      return ringArea(geometry.points);
    case "rect":
      return Math.abs(geometry.size.x * geometry.size.y);
    case "ellipse":
      return Math.abs(Math.PI * geometry.radii.x * geometry.radii.y);
    case "brush":
      return sum(geometry.positive.map(ringArea)) - sum(geometry.negative.map(ringArea));
    default:
      return null;
  }
}

/** Return the area that a ring encloses, in square pixels. */
export function ringArea(ring: Ring): number {
  return Math.abs(signedArea(ring));
}

/** Source: the shoelace formula. */
function signedArea(ring: Ring): number {
  let twice = 0;
  let before = ring.at(-1);
  for (const point of ring) {
    if (before) twice += before.x * point.y - point.x * before.y;
    before = point;
  }
  return twice / 2;
}

/** Return the length of a line in pixels; null for what is no line. */
export function lengthOf(geometry: Geometry): number | null {
  if (geometry.kind !== "polyline") return null;
  const { points } = geometry;
  return sum(points.slice(1).map((point, index) => distance(points[index] ?? point, point)));
}

export function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

export function middle(a: Point, b: Point): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

/** Tell whether a place is inside a shape, or within a reach of its outline. */
export function isHit(geometry: Geometry, at: Point, reach: number): boolean {
  const box = boundsOf(geometry);
  if (!box || !isNear(box, at, reach)) return false;
  switch (geometry.kind) {
    case "point":
      return distance(geometry.at, at) <= reach;
    case "polyline":
      return lineDistance(geometry.points, at, false) <= reach;
    case "ellipse":
      return isInEllipse(geometry, at, reach);
    default: {
      const rings = ringsOf(geometry) ?? [];
      const isInside = rings.filter((ring) => isInRing(ring, at)).length % 2 === 1;
      return isInside || rings.some((ring) => lineDistance(ring, at, true) <= reach);
    }
  }
}

function isNear(box: Box, { x, y }: Point, reach: number): boolean {
  return (
    x >= box.left - reach &&
    x <= box.right + reach &&
    y >= box.top - reach &&
    y <= box.bottom + reach
  );
}

function isInEllipse(
  { center, radii }: { center: Point; radii: Point },
  at: Point,
  reach: number,
): boolean {
  const across = (at.x - center.x) / (Math.abs(radii.x) + reach);
  const down = (at.y - center.y) / (Math.abs(radii.y) + reach);
  return across * across + down * down <= 1;
}

/** Tell whether a place is inside a ring, by the even-odd rule. */
export function isInRing(ring: Ring, { x, y }: Point): boolean {
  let isInside = false;
  let before = ring.at(-1);
  for (const point of ring) {
    if (before && point.y > y !== before.y > y) {
      const crossing = point.x + ((y - point.y) / (before.y - point.y)) * (before.x - point.x);
      if (x < crossing) isInside = !isInside;
    }
    before = point;
  }
  return isInside;
}

/** Return how far a place is from a line or ring. */
export function lineDistance(line: Ring, at: Point, isClosed: boolean): number {
  let least = Infinity;
  let before = isClosed ? line.at(-1) : undefined;
  for (const point of line) {
    least = Math.min(least, before ? segmentDistance(before, point, at) : distance(point, at));
    before = point;
  }
  return least;
}

function segmentDistance(a: Point, b: Point, at: Point): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const squared = dx * dx + dy * dy;
  const along = squared === 0 ? 0 : ((at.x - a.x) * dx + (at.y - a.y) * dy) / squared;
  const part = Math.max(0, Math.min(1, along));
  return Math.hypot(a.x + part * dx - at.x, a.y + part * dy - at.y);
}

/**
 * Return a line with fewer points, none of the left out farther than a tolerance from it.
 *
 * Source: Douglas and Peucker 1973.
 */
export function simplify(line: Ring, tolerance: number): Ring {
  if (line.length < 3) return line;
  const kept = new Uint8Array(line.length);
  kept[0] = 1;
  kept[line.length - 1] = 1;
  const spans: [number, number][] = [[0, line.length - 1]];
  for (let span = spans.pop(); span; span = spans.pop()) {
    const split = farthest(line, span, tolerance);
    if (split < 0) continue;
    kept[split] = 1;
    spans.push([span[0], split], [split, span[1]]);
  }
  return line.filter((_, index) => kept[index] === 1);
}

/** Return which point of a span is farthest from its chord, or -1 when all are within tolerance. */
function farthest(line: Ring, [first, last]: [number, number], tolerance: number): number {
  const [a, b] = [line[first], line[last]];
  let [found, most] = [-1, tolerance];
  if (!a || !b) return found;
  for (let index = first + 1; index < last; index += 1) {
    const point = line[index];
    const away = point ? segmentDistance(a, b, point) : 0;
    if (away > most) [found, most] = [index, away];
  }
  return found;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
