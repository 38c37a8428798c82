import { expect, test } from "vitest";
import { counted, day, fileSize, micrometres, millimetres, wholeNumber } from "./format";

const now = new Date(2026, 10, 21, 12, 0);

test("thousands are set apart by thin spaces", () => {
  expect(wholeNumber(98304)).toBe("98\u2009304");
  expect(wholeNumber(1234567)).toBe("1\u2009234\u2009567");
  expect(wholeNumber(999)).toBe("999");
});

test("one thing is singular", () => {
  expect(counted(1, "slide", "slides")).toBe("1 slide");
  expect(counted(0, "slide", "slides")).toBe("0 slides");
});

test.each([
  [512, "512 bytes"],
  [98776, "98.8 kB"],
  [1938955, "1.94 MB"],
  [4_310_000_000, "4.31 GB"],
  [999_600, "1 MB"],
])("%i bytes are %s", (bytes, text) => {
  expect(fileSize(bytes)).toBe(text);
});

test("lengths and resolutions have the digits that mean something", () => {
  expect(millimetres(41283)).toBe("41.28");
  expect(micrometres(0.2281750559028887)).toBe("0.2282");
  expect(micrometres(0.499)).toBe("0.499");
});

test.each([
  [new Date(2026, 10, 21, 11, 59, 50), "1 min ago"],
  [new Date(2026, 10, 21, 11, 15), "45 min ago"],
  [new Date(2026, 10, 21, 9, 30), "2 h ago"],
  [new Date(2026, 10, 20, 23, 0), "yesterday"],
  [new Date(2026, 10, 17, 8, 0), "4 days ago"],
  [new Date(2026, 10, 14, 8, 0), "14 Nov 2026"],
  [new Date(2025, 2, 3, 8, 0), "3 Mar 2025"],
  [new Date(2026, 10, 22, 8, 0), "22 Nov 2026"],
])("%s is told as people would", (when, text) => {
  expect(day(when, now)).toBe(text);
});
