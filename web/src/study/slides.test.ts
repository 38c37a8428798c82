import { expect, test } from "vitest";
import type { Slide } from "../api/studies";
import type { Mark } from "../scoring/api";
import { byCase, countMarks, matching, nextOf } from "./slides";

const slide = (id: number, name: string, caseName = ""): Slide => ({
  id,
  name,
  caseName,
  caseId: null,
  fileSize: null,
  tmaMap: "",
  rotation: 0,
});
const slides = [slide(1, "A", "C1"), slide(2, "B"), slide(3, "b2", "C1")];
const marks = new Map<number, Mark>([
  [1, "done"],
  [3, "partly"],
]);
const names = (found: readonly Slide[]) => found.map(({ name }) => name);

test("slides are found by name, case and mark", () => {
  expect(names(matching(slides, marks, "all", "B"))).toEqual(["B", "b2"]);
  expect(names(matching(slides, marks, "all", "c1"))).toEqual(["A", "b2"]);
  expect(names(matching(slides, marks, "open", ""))).toEqual(["B"]);
  expect(countMarks(slides, marks)).toEqual({ all: 3, open: 1, partly: 1, done: 1 });
});

test("what was begun comes before what is open, and nothing when all is done", () => {
  expect(nextOf(slides, marks)?.name).toBe("b2");
  expect(nextOf(slides, new Map())?.name).toBe("A");
  expect(nextOf([slide(1, "A")], marks)).toBeNull();
});

test("cases keep the order of the study, slides without one come last", () => {
  expect(byCase(slides).map((group) => [group.name, names(group.slides)])).toEqual([
    ["C1", ["A", "b2"]],
    ["", ["B"]],
  ]);
});
