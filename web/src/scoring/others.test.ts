import { describe, expect, it } from "vitest";
import type { Version } from "./api";
import { othersOn } from "./others";
import { parseQuestions } from "./questions";

const [QUESTION] = parseQuestions([{ id: 1, name: "Grade", type: 8, typeName: "ClickFriendly" }]);
const SUBJECT = { slideId: 7, caseId: null, core: null };

let lastId = 0;
function given(email: string, answer: string, more: Partial<Version> = {}): Version {
  lastId += 1;
  return {
    id: lastId,
    email,
    question: "Grade",
    answer,
    core: null,
    slideId: 7,
    isAboutCase: false,
    isCurrent: true,
    previous: null,
    changedBy: email,
    changedOn: null,
    ...more,
  };
}

function others(...versions: Version[]) {
  if (!QUESTION) throw new Error("no question");
  return othersOn(versions, QUESTION, SUBJECT, "me");
}

describe("answers of others", () => {
  it("are counted without one's own, old, cleared, and those about another place", () => {
    const found = others(
      given("me", "low"),
      given("a", "high"),
      given("b", "low", { isCurrent: false }),
      given("c", ""),
      given("d", "low", { core: { row: 0, column: 0 } }),
      given("e", "low", { slideId: 8 }),
    );
    expect([...found.counts]).toEqual([["high", 1]]);
    expect(found).toMatchObject({ readers: 1, majority: "high", ofMajority: 1 });
  });

  it("have no majority where two answers have as many readers", () => {
    expect(others(given("a", "high"), given("b", "low"))).toMatchObject({
      readers: 2,
      majority: "",
    });
  });
});
