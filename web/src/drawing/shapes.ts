/**
 * Shapes of an answer: what we understand of them, beside what somebody sent, which is kept.
 *
 * Coordinates are level-0 pixels of the slide as it was scanned, whatever the view is turned by.
 */

import type { Json, JsonObject } from "../api/http";
import type { Point } from "../viewer/geometry";

export type Ring = readonly Point[];

export type Geometry =
  | { kind: "point"; at: Point }
  | { kind: "polygon"; points: Ring }
  | { kind: "polyline"; points: Ring }
  | { kind: "ellipse"; center: Point; radii: Point }
  | { kind: "rect"; corner: Point; size: Point }
  | { kind: "brush"; positive: readonly Ring[]; negative: readonly Ring[] }
  /** Shapes that lie in a file of the server. */
  | { kind: "file"; uuid: string }
  /** Kept as it came, and not drawn. */
  | { kind: "unknown"; type: string };

export type ShapeKind = Geometry["kind"];

export interface Label {
  text: string;
  at: Point;
  /** Level-0 pixels; 0: not told. */
  size: number;
}

export interface Shape {
  readonly geometry: Geometry;
  readonly labels: readonly Label[];
  /** The member of the answer's array, with everything that its writer put there. */
  readonly source: Json;
}

/** Read an answer; null where it is no array, and must be left alone. */
export function parseShapes(answer: string): Shape[] | null {
  if (answer.trim() === "") return [];
  try {
    const found = JSON.parse(answer) as Json;
    return Array.isArray(found) ? found.map(readShape) : null;
  } catch {
    return null;
  }
}

// One act changes one shape of thousands: the others are not written anew.
const written = new WeakMap<Shape, string>();

/** Write shapes as an answer; without any, the answer is cleared. */
export function writeShapes(shapes: readonly Shape[]): string {
  return shapes.length === 0 ? "" : `[${shapes.map(textOf).join(",")}]`;
}

function textOf(shape: Shape): string {
  const known = written.get(shape) ?? JSON.stringify(shape.source);
  written.set(shape, known);
  return known;
}

export function readShape(source: Json): Shape {
  if (typeof source !== "object" || source === null || Array.isArray(source)) {
    return { geometry: { kind: "unknown", type: "" }, labels: [], source };
  }
  const geometry = geometryOf(source) ?? { kind: "unknown", type: typeOf(source) };
  return { geometry, labels: labelsOf(source), source };
}

/** Return a new shape. `area` is that of the wire, empty where the slide tells no resolution. */
export function makeShape(geometry: Geometry, area = "", now = new Date()): Shape {
  return readShape(membersOf(geometry, area, now));
}

/** Return a shape with another geometry, and all else that its writer told of it. */
export function withGeometry(shape: Shape, geometry: Geometry, area = "", now = new Date()): Shape {
  const kept = { ...(shape.source as JsonObject) };
  for (const name of SPELLINGS) delete kept[name];
  return readShape({ ...kept, ...membersOf(geometry, area, now) });
}

/** Return a shape with one label at a place; an empty text takes all its labels away. */
export function withLabel(shape: Shape, text: string, at: Point): Shape {
  const { labels: before, ...kept } = shape.source as JsonObject;
  const first = Array.isArray(before) ? before[0] : null;
  const { name: _, ...style } = (first ?? {}) as JsonObject;
  const label = { whenToShow: "always", fontSize: 0, ...style, label: text, ...rounded(at) };
  return readShape(text === "" ? kept : { ...kept, labels: [label] });
}

// Members that tell a geometry, in all spellings; what was one before must not stay beside another.
const SPELLINGS = [
  "type",
  "points",
  "center",
  "size",
  "corner",
  "x",
  "y",
  "width",
  "height",
  "positivePolygons",
  "negativePolygons",
  "area",
];

function geometryOf(source: JsonObject): Geometry | null {
  if (!("type" in source)) {
    const at = pointOf(source);
    return at && { kind: "point", at };
  }
  switch (typeOf(source).toLowerCase()) {
    case "polygon": {
      const points = ringOf(source.points, 3);
      return points && { kind: "polygon", points };
    }
    case "polyline": {
      const points = ringOf(source.points, 2);
      return points && { kind: "polyline", points };
    }
    case "ellipse":
      return ellipseOf(source);
    case "rect":
    case "rectangle": {
      const [corner, size] = [pointOf(source.corner), pointOf(source.size)];
      return corner && size && { kind: "rect", corner, size };
    }
    case "brush":
      return brushOf(source);
    case "anno2":
      return typeof source.annoUUID === "string" ? { kind: "file", uuid: source.annoUUID } : null;
    default:
      return null;
  }
}

function ellipseOf(source: JsonObject): Geometry | null {
  if ("center" in source || "size" in source) {
    const [center, radii] = [pointOf(source.center), pointOf(source.size)];
    return center && radii && { kind: "ellipse", center, radii };
  }
  // Source: the product's documentation, where width and height are those of the whole ellipse.
  const center = pointOf(source);
  const { width, height } = source;
  if (!center || !isCoordinate(width) || !isCoordinate(height)) return null;
  return { kind: "ellipse", center, radii: { x: width / 2, y: height / 2 } };
}

function brushOf(source: JsonObject): Geometry | null {
  const positive = ringsOf(source.positivePolygons);
  const negative = ringsOf(source.negativePolygons);
  if (!positive || !negative || positive.length === 0) return null;
  return { kind: "brush", positive, negative };
}

function ringsOf(value: Json | undefined): Ring[] | null {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return null;
  const rings = value.map((ring) => ringOf(ring, 3));
  return rings.every((ring) => ring !== null) ? rings : null;
}

function ringOf(value: Json | undefined, fewest: number): Ring | null {
  if (!Array.isArray(value) || value.length < fewest) return null;
  const points = value.map(pointOf);
  return points.every((point) => point !== null) ? points : null;
}

function pointOf(value: Json | undefined): Point | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const { x, y } = value;
  return isCoordinate(x) && isCoordinate(y) ? { x, y } : null;
}

// Source: docs/annotations.md, "Which shapes have a geometry".
const FARTHEST_PX = 1e8;

function isCoordinate(value: Json | undefined): value is number {
  return typeof value === "number" && Math.abs(value) <= FARTHEST_PX;
}

function typeOf(source: JsonObject): string {
  return typeof source.type === "string" ? source.type : "";
}

function labelsOf({ labels }: JsonObject): Label[] {
  if (!Array.isArray(labels)) return [];
  return labels.flatMap((entry) => {
    const at = pointOf(entry);
    if (!at) return [];
    const fields = entry as JsonObject;
    const text = fields.label ?? fields.name;
    const size = fields.fontSize ?? fields.fontsize;
    if (typeof text !== "string" || text === "") return [];
    return [{ text, at, size: typeof size === "number" ? size : 0 }];
  });
}

function membersOf(geometry: Geometry, area: string, now: Date): JsonObject {
  const members = shapeMembers(geometry);
  if (geometry.kind === "point") return members;
  return { ...members, modifiedOn: now.toISOString(), ...(area === "" ? {} : { area }) };
}

function shapeMembers(geometry: Geometry): JsonObject {
  switch (geometry.kind) {
    case "point":
      return rounded(geometry.at);
    case "polygon":
    case "polyline":
      return { type: geometry.kind, points: geometry.points.map(rounded) };
    case "ellipse":
      return { type: "ellipse", center: rounded(geometry.center), size: rounded(geometry.radii) };
    case "rect":
      return { type: "rect", corner: rounded(geometry.corner), size: rounded(geometry.size) };
    case "brush":
      return {
        type: "brush",
        positivePolygons: geometry.positive.map((ring) => ring.map(rounded)),
        negativePolygons: geometry.negative.map((ring) => ring.map(rounded)),
      };
    case "file":
      return { type: "anno2", annoUUID: geometry.uuid };
    case "unknown":
      return { type: geometry.type };
  }
}

/** A hundredth of a pixel is finer than any hand, and shorter to send. */
function rounded({ x, y }: Point): JsonObject {
  return { x: Math.round(x * 100) / 100, y: Math.round(y * 100) / 100 };
}
