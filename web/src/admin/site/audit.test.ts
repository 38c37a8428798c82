import { expect, test } from "vitest";
import { sentences } from "./Audit";

test("a change is told as old and new, and what did not change is left out", () => {
  const detail = {
    before: { name: "", admin: false },
    after: { name: "A", admin: false },
    door: "x",
  };

  expect(sentences(detail)).toEqual(["name: nothing → A", "door: x"]);
});

test("other facts are told as they are", () => {
  expect(sentences({ slides: 3, log: null, rights: ["a"] })).toEqual([
    "slides: 3",
    "log: nothing",
    'rights: ["a"]',
  ]);
  expect(sentences({ before: "x", after: "y" })).toEqual(["before: x", "after: y"]);
});
