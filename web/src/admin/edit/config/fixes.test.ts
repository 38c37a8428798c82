import { expect, test } from "vitest";
import { fixed, fixOf, width } from "./fixes";

const mistake = {
  line: 2,
  column: 7,
  message: "there is no question type 'Integr'. Did you mean Integer?",
};

test("a correction is made in its line alone", () => {
  const fix = fixOf(mistake);
  expect(fix).toEqual({ from: "Integr", to: "Integer" });
  const text = "Integr\tFreeText\nGrade\tIntegr\t0;9\n";
  expect(fix && fixed(text, mistake, fix)).toBe("Integr\tFreeText\nGrade\tInteger\t0;9\n");
});

test("what was corrected by hand meanwhile is left alone", () => {
  expect(fixed("a\nGrade\tReal\n", mistake, { from: "Integr", to: "Integer" })).toBeNull();
  expect(fixOf({ ...mistake, message: "expected name<TAB>type" })).toBeNull();
});

test("TABs reach to the next eighth", () => {
  expect([width("ab"), width("ab\tc"), width("12345678\tc")]).toEqual([2, 9, 17]);
});
