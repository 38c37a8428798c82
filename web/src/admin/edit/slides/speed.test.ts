import { expect, test } from "vitest";
import { duration, Speed } from "./speed";

test("a steady stream has its speed, from the first second on", () => {
  const speed = new Speed();
  for (let ms = 0; ms <= 5000; ms += 500) speed.note(ms * 1000, ms);
  expect(speed.now).toBeCloseTo(1_000_000, 3);
});

test("a stream that stops falls to half in three seconds", () => {
  const speed = new Speed();
  for (let ms = 0; ms <= 60_000; ms += 500) speed.note(ms * 1000, ms);
  speed.note(60_000_000, 63_000);
  expect(speed.now / 1_000_000).toBeCloseTo(0.5, 2);
});

test("time left is told in the unit that people use", () => {
  expect([0.2, 54, 200, 4800].map(duration)).toEqual(["1 s", "54 s", "3 min", "80 min"]);
  expect(duration(7260)).toBe("2 h 1 min");
});
