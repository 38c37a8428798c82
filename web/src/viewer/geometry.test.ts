import { describe, expect, test } from "vitest";
import { fittingView, turn, turnedSize, viewCorners } from "./geometry";

const slide = { width: 6000, height: 4500 };
const window = { width: 1200, height: 600 };

describe("fitting", () => {
  test("the whole slide touches two edges of the window", () => {
    const view = fittingView(slide, window, 0);

    expect(view).toEqual({ x: 3000, y: 2250, width: 9000, rotation: 0 });
  });

  test("a slide turned by a quarter fits by its other side", () => {
    expect(fittingView(slide, window, 90).width).toBeCloseTo(12000, 6);
  });

  test("turning keeps the size at half a turn and swaps it at a quarter", () => {
    expect(turnedSize(slide, 180).width).toBeCloseTo(6000, 6);
    expect(turnedSize(slide, 270).width).toBeCloseTo(4500, 6);
    expect(turnedSize(slide, 45).width).toBeCloseTo((6000 + 4500) / Math.SQRT2, 6);
  });
});

describe("corners of a view", () => {
  test("unturned, they are the corners of a rectangle around the centre", () => {
    const corners = viewCorners({ x: 1000, y: 500, width: 400, rotation: 0 }, window);

    expect(corners).toEqual([
      { x: 800, y: 400 },
      { x: 1200, y: 400 },
      { x: 1200, y: 600 },
      { x: 800, y: 600 },
    ]);
  });

  test("a slide turned right by a quarter has its lower left corner at the window's upper left", () => {
    const [upperLeft] = viewCorners({ x: 1000, y: 500, width: 400, rotation: 90 }, window);

    expect(upperLeft?.x).toBeCloseTo(900, 6);
    expect(upperLeft?.y).toBeCloseTo(700, 6);
  });

  test("turning there and back leads home", () => {
    const there = turn({ x: 3, y: -4 }, 37);
    const back = turn(there, -37);

    expect(back.x).toBeCloseTo(3, 9);
    expect(back.y).toBeCloseTo(-4, 9);
  });
});
