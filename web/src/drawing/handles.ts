/** What of a shape can be taken hold of: its corners, and the places between them. */

import type { Point } from "../viewer/geometry";
import { cornersOf, middle } from "./outline";
import type { Geometry, Ring } from "./shapes";

/** Return the places of a shape that can be dragged, in the order by which they are named. */
export function handlesOf(geometry: Geometry): Ring {
  switch (geometry.kind) {
    case "point":
      return [geometry.at];
    case "rect":
      return cornersOf(geometry.corner, geometry.size);
    case "ellipse": {
      const { center, radii } = geometry;
      return [
        { x: center.x + radii.x, y: center.y },
        { x: center.x, y: center.y + radii.y },
        { x: center.x - radii.x, y: center.y },
        { x: center.x, y: center.y - radii.y },
      ];
    }
    default:
      return flatRings(geometry).flat();
  }
}

/** A place between two corners, and the number that a corner there would have. */
export interface Between {
  at: Point;
  index: number;
}

/** Return the places where a corner can be added. */
export function betweensOf(geometry: Geometry): Between[] {
  let first = 0;
  return flatRings(geometry).flatMap((ring) => {
    const start = first;
    first += ring.length;
    return ring.flatMap((point, index) => {
      const isLast = index === ring.length - 1;
      const next = ring[isLast ? 0 : index + 1];
      if (!next || (isLast && geometry.kind === "polyline")) return [];
      return [{ at: middle(point, next), index: start + index + 1 }];
    });
  });
}

/** Return a shape with one of its handles elsewhere. */
export function moveHandle(geometry: Geometry, index: number, to: Point): Geometry {
  switch (geometry.kind) {
    case "point":
      return { kind: "point", at: to };
    case "rect": {
      // The corner across stays where it is.
      const across = cornersOf(geometry.corner, geometry.size)[(index + 2) % 4] ?? to;
      return rectBetween(across, to);
    }
    case "ellipse": {
      const { center, radii } = geometry;
      const isAcross = index % 2 === 0;
      return {
        kind: "ellipse",
        center,
        radii: {
          x: isAcross ? Math.abs(to.x - center.x) : radii.x,
          y: isAcross ? radii.y : Math.abs(to.y - center.y),
        },
      };
    }
    default:
      return onRing(geometry, index, (ring, at) => ring.with(at, to));
  }
}

/** Return a shape with one corner more. */
export function addCorner(geometry: Geometry, index: number, at: Point): Geometry {
  // It comes after a corner, so that it falls to that corner's ring.
  return onRing(geometry, index - 1, (ring, place) => ring.toSpliced(place + 1, 0, at));
}

/** Return a shape with one corner fewer, or as it was when it could not be one then. */
export function removeCorner(geometry: Geometry, index: number): Geometry {
  const fewest = geometry.kind === "polyline" ? 2 : 3;
  return onRing(geometry, index, (ring, at) =>
    ring.length > fewest ? ring.toSpliced(at, 1) : ring,
  );
}

/** Return a shape moved by a vector. */
export function moveBy(geometry: Geometry, { x, y }: Point): Geometry {
  const moved = (point: Point): Point => ({ x: point.x + x, y: point.y + y });
  switch (geometry.kind) {
    case "point":
      return { kind: "point", at: moved(geometry.at) };
    case "rect":
      return { ...geometry, corner: moved(geometry.corner) };
    case "ellipse":
      return { ...geometry, center: moved(geometry.center) };
    case "polygon":
    case "polyline":
      return { ...geometry, points: geometry.points.map(moved) };
    case "brush":
      return {
        kind: "brush",
        positive: geometry.positive.map((ring) => ring.map(moved)),
        negative: geometry.negative.map((ring) => ring.map(moved)),
      };
    default:
      return geometry;
  }
}

/** Return the rectangle between two corners that lie across from each other. */
export function rectBetween(a: Point, b: Point): Geometry {
  return {
    kind: "rect",
    corner: { x: Math.min(a.x, b.x), y: Math.min(a.y, b.y) },
    size: { x: Math.abs(a.x - b.x), y: Math.abs(a.y - b.y) },
  };
}

function flatRings(geometry: Geometry): readonly Ring[] {
  if (geometry.kind === "polygon" || geometry.kind === "polyline") return [geometry.points];
  return geometry.kind === "brush" ? [...geometry.positive, ...geometry.negative] : [];
}

function onRing(
  geometry: Geometry,
  index: number,
  change: (ring: Point[], at: number) => Ring,
): Geometry {
  let first = 0;
  const changed = flatRings(geometry).map((ring) => {
    const at = index - first;
    first += ring.length;
    return at >= 0 && at < ring.length ? change([...ring], at) : ring;
  });
  if (geometry.kind === "brush") {
    const count = geometry.positive.length;
    return { kind: "brush", positive: changed.slice(0, count), negative: changed.slice(count) };
  }
  const [points] = changed;
  const isLine = geometry.kind === "polygon" || geometry.kind === "polyline";
  return isLine && points ? { ...geometry, points } : geometry;
}
