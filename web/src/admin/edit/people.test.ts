import { expect, test } from "vitest";
import { problemOfName } from "./names";
import { addressesIn, rightsText } from "./people";

test("addresses are found as lists and mail programs write them", () => {
  const pasted =
    'a@b.c, D@e.f;g@h.i\n"Vos, M." <m.vos@example.org>\nK. Ito <k.ito@example.org>, a@b.c';
  expect(addressesIn(pasted)).toEqual({
    addresses: ["a@b.c", "d@e.f", "g@h.i", "m.vos@example.org", "k.ito@example.org"],
    wrong: "",
  });
});

test("the first word that is no address is named", () => {
  expect(addressesIn("a@b.c nobody").wrong).toBe("nobody");
});

test("rights are written as in .emails", () => {
  const none = { canScore: false, canEdit: false, canGetResults: false };
  expect(rightsText(none)).toBe("viewonly");
  expect(rightsText({ ...none, canScore: true, canGetResults: true })).toBe(
    "canscore,cangetresults",
  );
});

test("a study's name must name files everywhere", () => {
  expect(problemOfName("Ki67-2026_round 2")).toBe("");
  expect(problemOfName("a/b")).toBe("A name may not hold /");
  for (const wrong of ["", ".a", "a.", " a", "x".repeat(201)]) {
    expect(problemOfName(wrong)).not.toBe("");
  }
});
