import { expect, test } from "vitest";
import { lengthText, scaleBar } from "./scalebar";

test.each([
  [0.5, 100, "50 µm"],
  [1, 100, "100 µm"],
  [0.25, 80, "20 µm"],
  [8, 62.5, "500 µm"],
  [10, 100, "1 mm"],
  [0.004, 50, "200 nm"],
])("at %f µm per pixel the bar is %f pixels long and says %s", (umPerPixel, width, text) => {
  const bar = scaleBar(umPerPixel);

  expect(bar.width).toBeCloseTo(width, 6);
  expect(bar.text).toBe(text);
});

test("at every scale the bar is round, fits its place and is not short", () => {
  for (let exponent = -3; exponent < 5; exponent += 0.013) {
    const bar = scaleBar(10 ** exponent);

    expect(bar.width).toBeLessThanOrEqual(120.001);
    expect(bar.width).toBeGreaterThan(47.9);
    expect(bar.text).toMatch(/^[125]0* (nm|µm|mm)$/);
  }
});

test("lengths change their unit at a thousand", () => {
  expect(lengthText(0.5)).toBe("500 nm");
  expect(lengthText(999)).toBe("999 µm");
  expect(lengthText(1000)).toBe("1 mm");
});
