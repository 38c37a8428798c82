import { expect, test } from "vitest";
import { deedOf, factsOf, sentenceOf, whoOf } from "./deeds";

const told = (event: Parameters<typeof deedOf>[0]) => {
  const { before, thing, after, study } = sentenceOf(deedOf(event));
  return `${before}[${thing}]${after} in ${study}`;
};

test("a sentence names the thing, and its study", () => {
  const event = { deed: "slide.case", subject: "slide:3", subjectName: "T1", studyName: "KI67" };

  expect(told(event)).toBe("put the slide [T1] into another case in KI67");
});

test("people of a study are named, and not only the study", () => {
  const detail = { email: "a@b.c", before: null, after: "canscore" };
  const event = { deed: "study.add-user", subject: "study:2", subjectName: "KI67", detail };

  expect(told(event)).toBe("gave rights to [a@b.c] in KI67");
  expect(factsOf(deedOf(event))).toEqual(["nothing → canscore"]);
});

test("what has no name or no words is told by its number and its own name", () => {
  expect(told({ deed: "case.rename", subject: "case:4" })).toBe("renamed the case [case 4] in ");
  expect(told({ deed: "new.deed", subject: "server" })).toBe("new.deed [server] in ");
});

test("who acted is an address, a token or the command line", () => {
  expect(whoOf(deedOf({ actor: "user:1", actorName: "a@b.c" }))).toBe("a@b.c");
  expect(whoOf(deedOf({ actor: "token:1", actorName: "nightly" }))).toBe("token nightly");
  expect(whoOf(deedOf({ actor: "cli" }))).toBe("command line");
  expect(whoOf(deedOf({ actor: "user:9" }))).toBe("user:9");
});

test("a change is told as old and new, and what did not change is left out", () => {
  const detail = {
    before: { name: "", is_admin: false },
    after: { name: "", is_admin: true },
    door: "x",
  };

  expect(factsOf({ deed: "user.change", detail })).toEqual([
    "administrator: no → yes",
    "by way of: x",
  ]);
});

test("counts and lists are words, and zeros nothing", () => {
  const detail = {
    by_hand: { kept: 0, overwritten: 0 },
    counts: { slides: { added: 18, unchanged: 0 }, people: { added: 0, unchanged: 0 } },
    created: true,
    files: ["a", "b"],
    bytes: 2_000_000,
    moved: [
      [0, 0, 1, 2],
      [0, 1, 3, 4],
    ],
  };

  expect(factsOf({ deed: "study.reimport", detail })).toEqual([
    "slides: 18 added",
    "made by it: yes",
    "files: a, b",
    "bytes: 2 MB",
    "cores moved: 2",
  ]);
});

test("a description that changed beside settings is told", () => {
  const detail = { before: {}, after: {}, description: { before: "", after: "<b>x</b>" } };

  expect(factsOf({ deed: "study.update", detail })).toEqual(["description: nothing → <b>x</b>"]);
});
