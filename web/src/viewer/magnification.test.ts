import { describe, expect, test } from "vitest";
import {
  exactText,
  magnificationAt,
  magnificationOf,
  magnificationText,
  nextStop,
  OBJECTIVES,
  parseZoom,
  ratioText,
  snap,
  zoomAt,
} from "./magnification";

describe("magnification", () => {
  test("20 times shows half a µm per pixel on any scanner", () => {
    expect(magnificationOf(0.5)).toBe(20);
    expect(zoomAt(20, 0.25)).toBe(0.5);
    expect(zoomAt(20, 0.5)).toBe(1);
  });

  test.each([0.1, 0.2285, 0.25, 0.499, 28.969])(
    "zoom and magnification undo each other at %f µm/px",
    (mpp) => {
      for (const power of OBJECTIVES)
        expect(magnificationAt(zoomAt(power, mpp), mpp)).toBeCloseTo(power, 9);
    },
  );

  test.each([
    [0.4213, "0.42×"],
    [1.25, "1.25×"],
    [7.086, "7.09×"],
    [9.999, "10.0×"],
    [20, "20.0×"],
    [99.99, "100×"],
    [161.3, "161×"],
  ])("%f is written with three digits", (value, text) => {
    expect(magnificationText(value)).toBe(text);
  });

  test("a zoom is written as screen to slide pixels", () => {
    expect(ratioText(0.25)).toBe("1:4");
    expect(ratioText(1)).toBe("1:1");
    expect(ratioText(2)).toBe("2:1");
    expect(ratioText(1.84)).toBe("1.8:1");
    expect(ratioText(1 / 37.4)).toBe("1:37");
  });

  test("beyond full detail the exact text says so", () => {
    expect(exactText(1, 0.25)).toBe("40.0×");
    expect(exactText(2, 0.5)).toBe("40.0× (2:1)");
    expect(exactText(2, null)).toBe("2:1");
  });
});

describe("stops", () => {
  test("the next objective lies beyond the present one, by more than a hair", () => {
    expect(nextStop(OBJECTIVES, 10, 1)).toBe(20);
    expect(nextStop(OBJECTIVES, 10.05, -1)).toBe(5);
    expect(nextStop(OBJECTIVES, 7, 1)).toBe(10);
    expect(nextStop(OBJECTIVES, 7, -1)).toBe(5);
  });

  test("there is none after the last", () => {
    expect(nextStop(OBJECTIVES, 40, 1)).toBeNull();
    expect(nextStop(OBJECTIVES, 1.25, -1)).toBeNull();
  });

  test("a zoom within three per cent settles on its objective", () => {
    expect(snap(OBJECTIVES, 19.5)).toBe(20);
    expect(snap(OBJECTIVES, 20.5)).toBe(20);
    expect(snap(OBJECTIVES, 19.3)).toBe(19.3);
  });
});

describe("what a person types", () => {
  test.each([
    ["20", 0.5],
    ["20×", 0.5],
    [" 20 x ", 0.5],
    ["12,5", 0.3125],
    ["40.0× (2:1)", 1],
    ["1:4", 0.25],
    ["2 : 1", 2],
  ])("%s is understood", (typed, zoom) => {
    expect(parseZoom(typed, 0.25)).toBeCloseTo(zoom, 9);
  });

  test.each(["", "x", "0", "-3", "1:0", "0:1", "twenty", "1e3", "20 30"])("%j is not", (typed) => {
    expect(parseZoom(typed, 0.25)).toBeNull();
  });

  test("without µm/px only a ratio means something", () => {
    expect(parseZoom("20", null)).toBeNull();
    expect(parseZoom("1:8", null)).toBe(0.125);
  });
});
