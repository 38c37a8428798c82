import { describe, expect, it } from "vitest";
import { fileNameOf } from "./compose";
import { regionOf } from "./server";

describe("a picture of the view", () => {
  it("is named after the slide and its magnification", () => {
    expect(fileNameOf("T24-0120 HE", "40.0× (2:1)", "png")).toBe("T24-0120 HE 40.0x _2-1_.png");
    expect(fileNameOf("../a\\b:c", "1:4", "png")).toBe(".._a_b_c 1-4.png");
  });

  it("holds whole pixels of the slide, and never more than the server draws", () => {
    const slide = { width: 20_000, height: 10_000 };
    const box = { left: -50.5, top: 10.2, right: 99.5, bottom: 200 };
    expect(regionOf(box, slide)).toEqual({ x: 0, y: 10, width: 100, height: 190 });
    expect(regionOf({ left: 0, top: 0, right: 20_000, bottom: 10_000 }, slide)).toBeNull();
    expect(regionOf({ left: 30_000, top: 0, right: 40_000, bottom: 10 }, slide)).toBeNull();
  });
});
