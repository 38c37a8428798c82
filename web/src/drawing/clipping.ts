/**
 * What the brush adds and takes away: unions and differences of areas, exact to a tenth of a pixel.
 *
 * The work is done in whole numbers by Clipper (Johnson; algorithm after Vatti 1992), which cannot
 * be led astray by rounding as floating-point clippers are.
 */

import { ClipType, FillRule, type Path64, type Paths64 } from "clipper2-ts/dist/Core.js";
import { Clipper64 } from "clipper2-ts/dist/Engine.js";
import { ClipperOffset, EndType, JoinType } from "clipper2-ts/dist/Offset.js";
import type { Point } from "../viewer/geometry";
import { ringArea, ringsOf, simplify } from "./outline";
import type { Geometry, Ring } from "./shapes";

/** Steps of Clipper's whole numbers per level-0 pixel. */
const STEPS = 10;
const ELLIPSE_CORNERS = 64;

export type Area = readonly Ring[];

/** Return the area that a round brush covers along a line; `radius` in level-0 pixels. */
export function strokeArea(line: Ring, radius: number): Area {
  const path = pathOf(simplify(line, radius / 50));
  // Corners at most 0.3 % of the radius inside the true circle.
  const offset = new ClipperOffset(2, Math.max(0.25, radius * STEPS * 0.003));
  offset.addPath(path, JoinType.Round, EndType.Round);
  const found: Paths64 = [];
  offset.execute(radius * STEPS, found);
  return found.map(ringOf);
}

/** Return an area as a shape encloses it; empty for what encloses none. */
export function areaOfShape(geometry: Geometry): Area {
  if (geometry.kind === "ellipse") return [ellipseRing(geometry)];
  if (geometry.kind === "polyline") return [];
  // By the even-odd rule a hole is a ring like any other.
  const rings = ringsOf(geometry) ?? [];
  return clip(ClipType.Union, rings, [], FillRule.EvenOdd);
}

export function join(one: Area, other: Area): Area {
  return clip(ClipType.Union, one, other);
}

export function subtract(one: Area, other: Area): Area {
  return clip(ClipType.Difference, one, other);
}

/** Tell whether two areas have any part in common. */
export function isTouching(one: Area, other: Area): boolean {
  return clip(ClipType.Intersection, one, other).length > 0;
}

/**
 * Return an area as a brushed shape, with corners no closer than a tolerance asks for, or null
 * when nothing of it is left. Specks smaller than the square of the tolerance are left out.
 */
export function brushOf(area: Area, tolerance: number, keepsHoles: boolean): Geometry | null {
  const positive: Ring[] = [];
  const negative: Ring[] = [];
  for (const ring of area) {
    const outline = thinned(ring, tolerance);
    if (outline.length < 3 || ringArea(outline) <= tolerance * tolerance) continue;
    // Clipper turns outlines and holes in opposite ways.
    (isOuter(ring) ? positive : negative).push(outline);
  }
  if (positive.length === 0) return null;
  return { kind: "brush", positive, negative: keepsHoles ? negative : [] };
}

/** A ring has no ends that must stay: it is cut at its farthest corner, and each half thinned. */
function thinned(ring: Ring, tolerance: number): Ring {
  const [first] = ring;
  if (!first) return ring;
  let [across, most] = [0, 0];
  ring.forEach((point, index) => {
    const away = Math.hypot(point.x - first.x, point.y - first.y);
    if (away > most) [across, most] = [index, away];
  });
  const one = simplify(ring.slice(0, across + 1), tolerance);
  const other = simplify([...ring.slice(across), first], tolerance);
  return [...one, ...other.slice(1, -1)];
}

function isOuter(ring: Ring): boolean {
  let twice = 0;
  let before = ring.at(-1);
  for (const point of ring) {
    if (before) twice += before.x * point.y - point.x * before.y;
    before = point;
  }
  return twice > 0;
}

function clip(type: ClipType, one: Area, other: Area, rule = FillRule.NonZero): Area {
  const engine = new Clipper64();
  engine.addSubject(one.map(pathOf));
  engine.addClip(other.map(pathOf));
  const found: Paths64 = [];
  engine.execute(type, rule, found);
  return found.map(ringOf);
}

function pathOf(ring: Ring): Path64 {
  return ring.map(({ x, y }) => ({ x: Math.round(x * STEPS), y: Math.round(y * STEPS) }));
}

function ringOf(path: Path64): Ring {
  return path.map(({ x, y }): Point => ({ x: x / STEPS, y: y / STEPS }));
}

function ellipseRing({ center, radii }: { center: Point; radii: Point }): Ring {
  return Array.from({ length: ELLIPSE_CORNERS }, (_, index) => {
    const angle = (2 * Math.PI * index) / ELLIPSE_CORNERS;
    return { x: center.x + radii.x * Math.cos(angle), y: center.y + radii.y * Math.sin(angle) };
  });
}
