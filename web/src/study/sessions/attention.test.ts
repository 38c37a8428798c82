import { expect, test } from "vitest";
import { lookOf } from "./api";
import { attention, lasted, lookAt } from "./attention";

const look = (at: number, x: number, y: number, width: number, height: number) => ({
  at,
  x,
  y,
  width,
  height,
});

test("an event is five numbers or more between tabs", () => {
  expect(lookOf("12\t-5\t6\t700\t800\t1\t2")).toEqual(look(12, -5, 6, 700, 800));
  expect(lookOf("12\t5")).toBeNull();
  expect(lookOf("12\t5\tx\t700\t800\t1\t2")).toBeNull();
  expect(lookOf("12\t5\t6\t0\t800\t1\t2")).toBeNull();
});

test("the time of a look falls on what was in view, a left desk counts a minute", () => {
  const looks = [look(0, 0, 0, 50, 50), look(2000, 50, 50, 500, 500), look(4000, 0, 0, 9, 9)];
  const grid = attention(looks, { width: 100, height: 100 }, 2);
  expect([...grid.seconds]).toEqual([2, 0, 0, 2]);
  expect(grid.most).toBe(2);
  expect(lasted([look(0, 0, 0, 1, 1), look(900_000, 0, 0, 1, 1)], 0)).toBe(60_000);
});

test("the view at a time is the last one before it", () => {
  const looks = [look(10, 0, 0, 1, 1), look(20, 1, 1, 1, 1)];
  expect(lookAt(looks, 5)?.at).toBe(10);
  expect(lookAt(looks, 19)?.at).toBe(10);
  expect(lookAt(looks, 99)?.at).toBe(20);
  expect(lookAt([], 99)).toBeNull();
});
