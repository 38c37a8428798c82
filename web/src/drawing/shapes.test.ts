import { expect, test } from "vitest";
import {
  type Geometry,
  makeShape,
  parseShapes,
  readShape,
  withGeometry,
  withLabel,
  writeShapes,
} from "./shapes";

const NOW = new Date("2026-03-04T05:06:07.089Z");

const ALL: Geometry[] = [
  { kind: "point", at: { x: 3, y: 4.25 } },
  { kind: "polygon", points: [point(0, 0), point(9, 0), point(0, 9)] },
  { kind: "polyline", points: [point(0, 0), point(9, 0)] },
  { kind: "ellipse", center: point(5, 6), radii: point(2, 1) },
  { kind: "rect", corner: point(1, 2), size: point(3, 4) },
  {
    kind: "brush",
    positive: [[point(0, 0), point(9, 0), point(9, 9)]],
    negative: [[point(6, 2), point(7, 2), point(7, 3)]],
  },
  { kind: "file", uuid: "7a" },
];

function point(x: number, y: number) {
  return { x, y };
}

test.each(ALL)("a $kind comes back as it was written", (geometry) => {
  const [shape] = parseShapes(writeShapes([makeShape(geometry, "12 um2", NOW)])) ?? [];

  expect(shape?.geometry).toEqual(geometry);
});

test("points have no type, and shapes the members of the wire", () => {
  const shapes = [ALL[0], ALL[3], ALL[4]].map((one) => makeShape(one as Geometry, "9 um2", NOW));
  const told = { modifiedOn: "2026-03-04T05:06:07.089Z", area: "9 um2" };

  expect(JSON.parse(writeShapes(shapes))).toEqual([
    { x: 3, y: 4.25 },
    { type: "ellipse", center: { x: 5, y: 6 }, size: { x: 2, y: 1 }, ...told },
    { type: "rect", corner: { x: 1, y: 2 }, size: { x: 3, y: 4 }, ...told },
  ]);
});

test("what others wrote is kept to the letter, also what has no geometry here", () => {
  const answer = JSON.stringify([
    { type: "ellipse", center: { x: null, y: null }, size: { x: 1, y: 1 } },
    { type: "heatmap", x: 0, y: 0, height: 2, data: [[1, 2]] },
    { type: "polygon", points: [{ x: 1, y: 1, z: 5 }, point(2, 2), point(3, 1)], colour: "red" },
    17,
    { x: 1, y: 2, seen: true },
  ]);
  const shapes = parseShapes(answer) ?? [];

  expect(shapes.map(({ geometry }) => geometry.kind)).toEqual([
    "unknown",
    "unknown",
    "polygon",
    "unknown",
    "point",
  ]);
  expect(writeShapes(shapes)).toBe(answer);
});

test("an edited shape keeps the members that are not its geometry", () => {
  const before = readShape({
    type: "ellipse",
    x: 10,
    y: 10,
    width: 8,
    height: 6,
    area: "1 um2",
    confidence: 0.5,
    labels: [{ label: "a", x: 1, y: 1 }],
  });
  expect(before.geometry).toEqual({ kind: "ellipse", center: point(10, 10), radii: point(4, 3) });

  const after = withGeometry(
    before,
    { kind: "rect", corner: point(1, 1), size: point(2, 2) },
    "",
    NOW,
  );

  expect(after.source).toEqual({
    type: "rect",
    corner: { x: 1, y: 1 },
    size: { x: 2, y: 2 },
    modifiedOn: NOW.toISOString(),
    confidence: 0.5,
    labels: [{ label: "a", x: 1, y: 1 }],
  });
});

test("an answer that is no array is not taken for shapes", () => {
  expect(parseShapes("{}")).toBeNull();
  expect(parseShapes("12 µm")).toBeNull();
  expect(parseShapes("")).toEqual([]);
});

test("clearing all shapes clears the answer", () => {
  expect(writeShapes([])).toBe("");
});

test("labels are read in both spellings, renamed and taken away", () => {
  const shape = readShape({
    type: "rect",
    corner: point(0, 0),
    size: point(1, 1),
    labels: [{ name: "old", x: 1, y: 2, fontsize: 12 }],
  });
  expect(shape.labels).toEqual([{ text: "old", at: { x: 1, y: 2 }, size: 12 }]);

  const renamed = withLabel(shape, "new", point(3, 4));

  expect(renamed.labels.map(({ text, at }) => [text, at])).toEqual([["new", { x: 3, y: 4 }]]);
  expect(withLabel(renamed, "", point(0, 0)).source).not.toHaveProperty("labels");
});
