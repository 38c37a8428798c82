import { expect, test } from "vitest";
import { areaText, figures, lengthText, wireArea } from "./amounts";
import { areaOfShape, brushOf, isTouching, join, strokeArea, subtract } from "./clipping";
import { addCorner, betweensOf, handlesOf, moveBy, moveHandle, removeCorner } from "./handles";
import { areaOf, boundsOf, isHit, lengthOf, ringArea, simplify } from "./outline";
import type { Geometry, Ring } from "./shapes";

const SQUARE: Ring = [
  { x: 0, y: 0 },
  { x: 10, y: 0 },
  { x: 10, y: 10 },
  { x: 0, y: 10 },
];
const HOLE: Ring = [
  { x: 4, y: 4 },
  { x: 6, y: 4 },
  { x: 6, y: 6 },
  { x: 4, y: 6 },
];
const POLYGON: Geometry = { kind: "polygon", points: SQUARE };
const BRUSH: Geometry = { kind: "brush", positive: [SQUARE], negative: [HOLE] };
const ELLIPSE: Geometry = { kind: "ellipse", center: { x: 5, y: 5 }, radii: { x: 4, y: 2 } };
const RECT: Geometry = { kind: "rect", corner: { x: 1, y: 2 }, size: { x: 3, y: 4 } };
const LINE: Geometry = { kind: "polyline", points: [SQUARE[0], SQUARE[2]] as Ring };

test("areas and lengths are those of geometry", () => {
  expect(areaOf(POLYGON)).toBe(100);
  expect(areaOf(BRUSH)).toBe(96);
  expect(areaOf(ELLIPSE)).toBeCloseTo(Math.PI * 8);
  expect(areaOf(RECT)).toBe(12);
  expect(areaOf(LINE)).toBeNull();
  expect(lengthOf(LINE)).toBeCloseTo(Math.hypot(10, 10));
});

test("bounds enclose every outline", () => {
  expect(boundsOf(ELLIPSE)).toEqual({ left: 1, top: 3, right: 9, bottom: 7 });
  expect(boundsOf(RECT)).toEqual({ left: 1, top: 2, right: 4, bottom: 6 });
  expect(boundsOf({ kind: "file", uuid: "a" })).toBeNull();
});

test("a hole is not part of its shape, its edge is", () => {
  expect(isHit(BRUSH, { x: 2, y: 2 }, 0.1)).toBe(true);
  expect(isHit(BRUSH, { x: 5, y: 5 }, 0.1)).toBe(false);
  expect(isHit(BRUSH, { x: 4.05, y: 5 }, 0.1)).toBe(true);
  expect(isHit(BRUSH, { x: 11, y: 5 }, 0.1)).toBe(false);
});

test("an ellipse and a line are hit where they are", () => {
  expect(isHit(ELLIPSE, { x: 8.5, y: 5 }, 0.1)).toBe(true);
  expect(isHit(ELLIPSE, { x: 8.5, y: 6.9 }, 0.1)).toBe(false);
  expect(isHit(LINE, { x: 5, y: 5.1 }, 0.2)).toBe(true);
  expect(isHit(LINE, { x: 2, y: 8 }, 0.2)).toBe(false);
});

test("a thinned line keeps its corners and loses what is straight", () => {
  const line = Array.from({ length: 101 }, (_, x) => ({ x, y: x <= 50 ? 0 : x - 50 }));

  expect(simplify(line, 0.01)).toEqual([
    { x: 0, y: 0 },
    { x: 50, y: 0 },
    { x: 100, y: 50 },
  ]);
});

test("corners are moved, added and taken away, each in its own ring", () => {
  expect(handlesOf(BRUSH)).toHaveLength(8);
  const moved = moveHandle(BRUSH, 4, { x: 3, y: 3 });
  expect(moved).toEqual({ ...BRUSH, negative: [[{ x: 3, y: 3 }, ...HOLE.slice(1)]] });

  const between = betweensOf(BRUSH)[3];
  expect(between).toEqual({ at: { x: 0, y: 5 }, index: 4 });
  const more = addCorner(BRUSH, 4, { x: -1, y: 5 });
  expect(more).toEqual({ ...BRUSH, positive: [[...SQUARE, { x: -1, y: 5 }]] });
  expect(removeCorner(more, 4)).toEqual(BRUSH);
});

test("a triangle keeps its three corners", () => {
  const triangle: Geometry = { kind: "polygon", points: SQUARE.slice(0, 3) };

  expect(removeCorner(triangle, 0)).toEqual(triangle);
});

test("a rectangle is dragged by a corner past the one across", () => {
  expect(moveHandle(RECT, 0, { x: 8, y: 9 })).toEqual({
    kind: "rect",
    corner: { x: 4, y: 6 },
    size: { x: 4, y: 3 },
  });
});

test("moving moves every ring", () => {
  expect(boundsOf(moveBy(BRUSH, { x: 1, y: -1 }))).toEqual({
    left: 1,
    top: -1,
    right: 11,
    bottom: 9,
  });
});

test("a stroke covers a circle's area, and a line's", () => {
  const radius = 50;
  const spot = brushOf(strokeArea([{ x: 0, y: 0 }], radius), 0.1, true);
  const line = brushOf(
    strokeArea(
      [
        { x: 0, y: 0 },
        { x: 300, y: 0 },
      ],
      radius,
    ),
    0.1,
    true,
  );

  expect(areaOf(spot as Geometry)).toBeCloseTo(Math.PI * radius ** 2, -2);
  expect((areaOf(line as Geometry) ?? 0) / (Math.PI * radius ** 2 + 600 * radius)).toBeCloseTo(
    1,
    2,
  );
});

test("a stroke around a place leaves a hole, which is kept or filled", () => {
  const ring = Array.from({ length: 61 }, (_, index) => ({
    x: 500 * Math.cos((index * Math.PI) / 30),
    y: 500 * Math.sin((index * Math.PI) / 30),
  }));
  const stroke = strokeArea(ring, 50);

  const open = brushOf(stroke, 1, true) as Extract<Geometry, { kind: "brush" }>;
  const filled = brushOf(stroke, 1, false) as Extract<Geometry, { kind: "brush" }>;

  expect([open.positive.length, open.negative.length]).toEqual([1, 1]);
  expect(filled.negative).toEqual([]);
  expect(ringArea(open.negative[0] as Ring)).toBeCloseTo(Math.PI * 450 ** 2, -5);
});

test("erasing cuts a shape in two, and away", () => {
  const square = areaOfShape({
    kind: "polygon",
    points: SQUARE.map(({ x, y }) => ({ x: x * 10, y: y * 10 })),
  });
  const cut = subtract(
    square,
    strokeArea(
      [
        { x: 50, y: -50 },
        { x: 50, y: 150 },
      ],
      10,
    ),
  );
  const halves = brushOf(cut, 0.1, true) as Extract<Geometry, { kind: "brush" }>;

  expect(halves.positive).toHaveLength(2);
  expect(areaOf(halves)).toBeCloseTo(8000, 0);
  expect(brushOf(subtract(square, strokeArea([{ x: 50, y: 50 }], 200)), 0.1, true)).toBeNull();
  expect(isTouching(square, strokeArea([{ x: 200, y: 50 }], 50))).toBe(false);
});

test("joining keeps holes, and what another ring encloses by the even-odd rule", () => {
  const joined = join(areaOfShape(BRUSH), areaOfShape(RECT));

  expect(areaOf(brushOf(joined, 0.01, true) as Geometry)).toBeCloseTo(96, 0);
});

test.each([
  [1_272_000, 0.25, "0.0795 mm²"],
  [5_088_000, 0.25, "0.318 mm²"],
  [1600, 0.25, "100 µm²"],
  [159_999, 0.25, "0.0100 mm²"],
  [159_000, 0.25, `9\u2009940 µm²`],
  [48, null, "48.0 px²"],
  [123_456, null, `123\u2009000 px²`],
])("%d px² at %s µm/px are %s", (px2, mpp, said) => {
  expect(areaText(px2, mpp)).toBe(said);
});

test.each([
  [1648, 0.25, "412 µm"],
  [3999, 0.25, "1.00 mm"],
  [6000, 0.25, "1.50 mm"],
  [70, null, "70.0 px"],
])("%d px at %s µm/px are %s long", (px, mpp, said) => {
  expect(lengthText(px, mpp)).toBe(said);
});

test("the wire has areas in plain letters, and none without a resolution", () => {
  expect(wireArea(POLYGON, 10)).toBe("0.0100 mm2");
  expect(wireArea(POLYGON, 8)).toBe("6400 um2");
  expect(wireArea(POLYGON, null)).toBe("");
});

test("figures never show an exponent", () => {
  expect(figures(0)).toBe("0");
  expect(figures(0.0000123)).toBe("0.0000123");
  expect(figures(999.6)).toBe(`1\u2009000`);
});
