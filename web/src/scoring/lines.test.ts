import { describe, expect, it } from "vitest";
import { linesOf, markOf, neededOf } from "./lines";
import { parseQuestions } from "./questions";

const entry = (id: number, name: string, more = {}) => ({
  id,
  name,
  type: 8,
  typeName: "ClickFriendly",
  valuesAllowed: "yes;;no;;",
  ...more,
});
const CONDITION = { question: "Invasive", comparison: "is", answer: "yes" };

const QUESTIONS = parseQuestions([
  entry(1, "Invasive"),
  entry(2, "Grade", { condition: CONDITION }),
  entry(3, "Note", { type: 14, typeName: "Explanation" }),
]);

function told(answers: Record<string, string>) {
  const answerTo = (name: string) => answers[name] ?? "";
  const lines = linesOf(QUESTIONS, answerTo);
  return { needed: neededOf(lines).map(({ name }) => name), mark: markOf(lines, answerTo) };
}

describe("what is needed", () => {
  it("holds a question that hangs on another only while it is asked", () => {
    expect(told({ Invasive: "no" }).needed).toEqual(["Invasive"]);
    expect(told({ Invasive: "yes" }).needed).toEqual(["Invasive", "Grade"]);
  });

  it("is what is mandatory, where anything is", () => {
    const questions = parseQuestions([entry(1, "A"), entry(2, "B", { mandatory: true })]);
    expect(neededOf(linesOf(questions, () => "")).map(({ name }) => name)).toEqual(["B"]);
  });
});

describe("the mark of a slide", () => {
  it("is done as the server counts, without what hangs on another answer", () => {
    expect(told({}).mark).toBe("open");
    expect(told({ Invasive: "yes" }).mark).toBe("done");
    expect(told({ Grade: "yes" }).mark).toBe("partly");
  });
});
