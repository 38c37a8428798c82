import { expect, test } from "vitest";
import { idOf, isDone, overwriteOf, planOf, reasonsOf } from "./plan";

const entry = (
  kind: string,
  key: string,
  property: string,
  outcome: string,
  now: string | null,
) => ({
  kind,
  key,
  property,
  outcome,
  now,
  files: "x",
});

test("changes are grouped by kind, with the sign of the strongest", () => {
  const plan = planOf({
    log: "Dry run\n! slide a.svs is cut off; passed over\n! name is odd",
    changes: [
      entry("slides", "a.tiff", "rotation", "applied", "0"),
      entry("slides", "a.tiff", "name", "overwritten", "mine"),
      entry("questions", "Grade", "", "applied", null),
      entry("people", "a@b.c", "can edit", "untouched", "yes"),
    ],
  });

  expect(plan.groups.map(({ kind }) => kind)).toEqual(["questions", "slides", "people"]);
  expect(plan.groups.map(({ changes }) => changes[0]?.sign)).toEqual(["+", "!", "="]);
  expect(plan.counts).toEqual({ "+": 1, "~": 0, "!": 1, "=": 1 });
  expect(plan.warnings).toEqual(["! slide a.svs is cut off; passed over"]);
});

test("things in which the files win are named as a Reimport reads them", () => {
  const change = { kind: "questions", key: 'The "grade"' };
  expect(overwriteOf([idOf(change)])).toBe('[["questions","The \\"grade\\""]]');
  expect(overwriteOf([])).toBe("[]");
});

test("what is kept is not counted among what is done", () => {
  const plan = planOf({
    changes: [
      { kind: "questions", key: "A", property: "values", outcome: "kept" },
      { kind: "questions", key: "B", property: "values", outcome: "overwritten" },
    ],
  });
  expect(plan.groups[0]?.changes.map(isDone)).toEqual([false, true]);
});

test("why an import would stop is told without the words for scripts", () => {
  const log = [
    "Nothing was imported.",
    "slide KI67/a.svs: is no slide",
    "ignoreImageErrors=true imports without the slides that cannot be read.",
  ];

  expect(reasonsOf(log.join("\n"))).toEqual({
    lines: ["slide KI67/a.svs: is no slide"],
    isUnreadable: true,
  });
  expect(reasonsOf("study.a.scores, line 2: x").isUnreadable).toBe(false);
});
