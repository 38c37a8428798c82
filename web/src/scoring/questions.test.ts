import { expect, test } from "vitest";
import { answerOfKey, hScore, readTyped, stepOf } from "./answering";
import { isAsked, parseQuestions, type Question } from "./questions";

function asked(type: number, typeName: string, valuesAllowed = ""): Question {
  const [found] = parseQuestions([{ id: 1, name: "Q", type, typeName, valuesAllowed }]);
  if (!found) throw new Error("no question");
  return found;
}

const press = (digit: string, shiftKey = false) => ({
  code: `Digit${digit}`,
  key: digit,
  shiftKey,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
});

test("options are read as the vendor writes them", () => {
  expect(asked(8, "ClickFriendly", "Yes;;No;;").options).toEqual(["Yes", "No"]);
  expect(asked(8, "ClickFriendly", "Yes;No").options).toEqual(["Yes", "No"]);
  expect(asked(3, "DropDown", "a;;b").options).toEqual(["a", "b"]);
  expect(asked(11, "PositiveNegativeOnly").options).toEqual(["positive", "negative"]);
  expect(asked(6, "Percentage", "0;10;50;100").options).toEqual(["0", "10", "50", "100"]);
  expect(asked(6, "Percentage").options).toHaveLength(13);
});

test("questions that are drawn have a colour, the given one or one of ours", () => {
  const found = parseQuestions([
    { id: 1, name: "a", type: 19, typeName: "AnnoShapes", valuesAllowed: "#e6194b" },
    { id: 2, name: "b", type: 17, typeName: "AnnoPoints", valuesAllowed: "" },
    { id: 3, name: "c", type: 99, typeName: "Unknown", valuesAllowed: "" },
  ]);

  expect(found.map(({ name, colour }) => [name, colour])).toEqual([
    ["a", "#e6194b"],
    ["b", "#1fd3ff"],
  ]);
});

test.each([
  [asked(5, "Intensities"), "2", false, "2+"],
  [asked(5, "Intensities"), "0", false, "0"],
  [asked(4, "PositiveNegative"), "2", false, "negative"],
  [asked(6, "Percentage"), "3", false, "30"],
  [asked(6, "Percentage"), "3", true, "3"],
  [asked(6, "Percentage"), "0", true, "100"],
  [asked(7, "Checkbox"), "0", false, "no"],
  [asked(8, "ClickFriendly", "a;b"), "3", false, null],
  [asked(8, "ClickFriendly", "1;2;3;4;5;6;7;8;9;ten"), "0", false, "ten"],
  [asked(0, "FreeText"), "1", false, null],
])("%o and the key %s answer as the keyboard map says", (question, digit, isShifted, answer) => {
  expect(answerOfKey(question, press(digit, isShifted))).toBe(answer);
});

test("arrows step through options and numbers, and stop at their ends", () => {
  expect(stepOf(asked(5, "Intensities"), "2+", 1)).toBe("3+");
  expect(stepOf(asked(5, "Intensities"), "3+", 1)).toBeNull();
  expect(stepOf(asked(5, "Intensities"), "", -1)).toBe("3+");
  expect(stepOf(asked(1, "Integer", "2;4"), "", 1)).toBe("2");
  expect(stepOf(asked(1, "Integer", "2;4"), "4", 1)).toBe("4");
});

test("typed numbers take a comma, and say what is wrong", () => {
  expect(readTyped(asked(2, "Real"), "1,5")).toEqual({ answer: "1.5" });
  expect(readTyped(asked(1, "Integer"), "1.5")).toEqual({ problem: "whole" });
  expect(readTyped(asked(1, "Integer", "0;10"), "11")).toEqual({ problem: "range" });
  expect(readTyped(asked(6, "Percentage"), "101")).toEqual({ problem: "percent" });
  expect(readTyped(asked(2, "Real"), "many")).toEqual({ problem: "number" });
  expect(readTyped(asked(0, "FreeText"), " two\tlines\nhere ")).toEqual({
    answer: "two lines here",
  });
});

test("an H-score weighs the per cents, which are at most 100 together", () => {
  expect(hScore([10, 20, 30])).toBe(140);
  expect(hScore([50, 50, 1])).toBeNull();
});

test.each([
  ["is", "Yes", "yes", true],
  ["is not", "yes", "no", true],
  ["above", "10", "20", true],
  ["above", "10", "10", false],
  ["at least", "2+", "3+", true],
  ["below", "10", "many", false],
  ["is", "10", "10.0", true],
])("asked when the answer %s %s: %s gives %s", (comparison, wanted, given, isIt) => {
  expect(isAsked({ question: "x", comparison, answer: wanted }, given)).toBe(isIt);
  expect(isAsked({ question: "x", comparison, answer: wanted }, "")).toBe(false);
});
