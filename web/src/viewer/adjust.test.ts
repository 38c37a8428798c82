import { describe, expect, it } from "vitest";
import { Adjust, lineOf, UNCHANGED } from "./adjust";

describe("adjusting what is shown", () => {
  it("leaves middle grey where contrast alone changes", () => {
    const { slope, intercept } = lineOf({ ...UNCHANGED, contrast: 1.6 });
    expect(slope * 0.5 + intercept).toBeCloseTo(0.5);
  });

  it("moves all values by the brightness", () => {
    expect(lineOf({ ...UNCHANGED, brightness: 0.2 })).toEqual({ slope: 1, intercept: 0.2 });
  });

  it("is told as long as one value is not as it was", () => {
    const adjust = new Adjust();
    adjust.set({ gamma: 1.4 });
    expect(adjust.isAdjusted.value).toBe(true);
    adjust.reset();
    expect(adjust.isAdjusted.value).toBe(false);
  });

  it("is kept for each slide apart", () => {
    const adjust = new Adjust();
    adjust.turnTo(1);
    adjust.set({ gamma: 1.4 });
    adjust.turnTo(2);
    expect(adjust.isAdjusted.value).toBe(false);
    adjust.turnTo(1);
    expect(adjust.values.value.gamma).toBe(1.4);
  });
});
