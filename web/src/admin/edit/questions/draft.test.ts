import { describe, expect, test } from "vitest";
import {
  asked,
  convertedValues,
  type Draft,
  lineOf,
  NEW_DRAFT,
  type Row,
  readOptions,
  renamed,
  TYPE_NAMES,
  textOf,
  writeOptions,
} from "./draft";
import { risksOf } from "./risks";

const draft = (changed: Partial<Draft>): Draft => ({ ...NEW_DRAFT, name: "Grade", ...changed });
const row = (changed: Partial<Draft>, answerCount = 0): Row => ({
  id: 7,
  draft: draft(changed),
  answerCount,
});

describe("a line of .scores", () => {
  test("ends with its last field that says something", () => {
    expect(lineOf(draft({ typeName: "FreeText" }))).toBe("Grade\tFreeText");
    expect(lineOf(draft({ typeName: "Integer", values: "0;10" }))).toBe("Grade\tInteger\t0;10");
  });

  test("holds flags in a fourth field, with quotes doubled", () => {
    const condition = { question: 'The "front"', comparison: "is not", answer: "no" };
    const line = lineOf(draft({ typeName: "HScore", isMandatory: true, condition }));
    expect(line).toBe('Grade\tHScore\t\tmandatory; if "The ""front""" is not "no"');
  });

  test("never holds a tab or line break of a name", () => {
    expect(lineOf(draft({ name: " a\tb\n c ", typeName: "Real" }))).toBe("a b c\tReal");
  });

  test("each type is asked as its kind", () => {
    const rows = TYPE_NAMES.map((typeName, id) => ({ ...row({ typeName }), id }));
    expect(asked(rows).map(({ typeName }) => typeName)).toEqual([...TYPE_NAMES]);
    expect(textOf(rows).split("\n")).toHaveLength(TYPE_NAMES.length + 1);
  });
});

describe("options", () => {
  test("of buttons come back with their extras", () => {
    for (const values of ["Yes;;No;;", "A;x;B;y;;", "A;x;B;;"]) {
      expect(writeOptions("ClickFriendly", readOptions("ClickFriendly", values))).toBe(values);
    }
  });

  test("stay when buttons become a list", () => {
    const before = draft({ typeName: "ClickFriendly", values: "Low;;High;;" });
    expect(convertedValues(before, "DropDown")).toBe("Low;High");
    expect(convertedValues(before, "Integer")).toBe("");
  });
});

test("a condition follows a question to its new name", () => {
  const condition = { question: "Old", comparison: "is", answer: "yes" };
  const [found] = renamed([row({ condition })], "Old", "New");
  expect(found?.draft.condition?.question).toBe("New");
});

describe("what a change means for answers", () => {
  const given = row({ typeName: "ClickFriendly", values: "Low;;High;;" }, 3);
  const usage = [
    { answer: "Low", count: 2 },
    { answer: "missing", count: 1 },
  ];

  test("an added option is safe, and so is one that nobody chose", () => {
    expect(risksOf(given, draft({ values: "Low;;High;;Mixed;;" }), usage)).toEqual([]);
    expect(risksOf(given, draft({ values: "Low;;" }), usage)).toEqual([]);
  });

  test("options that answers use are told with their number", () => {
    const [risk] = risksOf(given, draft({ values: "High;;" }), usage);
    expect(risk).toMatch(/^2 answers say “Low”/);
    expect(risksOf(given, draft({ values: "High;;" }), null)).toHaveLength(1);
  });

  test("extras that go are options that go", () => {
    const after = draft({ typeName: "ClickFriendlyOnly", values: "Low;;High;;" });
    expect(risksOf(given, after, usage)[0]).toMatch(/^1 answer says “missing”/);
  });

  test("answers outside a narrower range are counted", () => {
    const number = row({ typeName: "Integer", values: "0;100" }, 2);
    const found = [
      { answer: "7", count: 1 },
      { answer: "70", count: 1 },
    ];
    expect(risksOf(number, draft({ typeName: "Integer", values: "0;50" }), found)).toHaveLength(1);
    expect(risksOf(number, draft({ typeName: "Integer", values: "0;70" }), found)).toEqual([]);
  });

  test("without answers everything is safe", () => {
    expect(risksOf(row({ values: "Low;;" }), draft({ name: "X", isPerCase: true }), [])).toEqual(
      [],
    );
  });
});
