import { describe, expect, test } from "vitest";
import { type Arrival, arrivalOf, canGoOn } from "./arrivals";
import { fingerprintIn, matched, mismatch } from "./resuming";

const begun = (told: Record<string, string | number | boolean> = {}): Arrival =>
  arrivalOf({
    uploadId: "1",
    path: "ki67/a/one.svs",
    purpose: "file",
    state: "arriving",
    isOwn: true,
    length: 4,
    ...told,
  });
const file = (name: string, bytes: string) => new File([bytes], name);

test("only who asked for an upload goes on with it, and only while it is open", () => {
  expect(canGoOn(begun())).toBe(true);
  expect(canGoOn(begun({ isOwn: false }))).toBe(false);
  expect(canGoOn(begun({ state: "ready" }))).toBe(false);
  expect(canGoOn(begun({ purpose: "anno2" }))).toBe(false);
});

describe("the file that was begun", () => {
  test("has its name and length", () => {
    expect(mismatch(begun(), file("one.svs", "1234"))).toBe("");
    expect(mismatch(begun(), file("two.svs", "1234"))).toContain("one.svs is expected");
    expect(mismatch(begun(), file("one.svs", "12345"))).toContain("5 bytes");
  });

  test("has any length where nothing arrived yet", () => {
    expect(mismatch(arrivalOf({ path: "ki67/one.svs" }), file("one.svs", "1"))).toBe("");
  });
});

test("dropped files find their uploads, and strangers are told apart", () => {
  const [one, other, strange] = [
    file("one.svs", "1234"),
    file("one.svs", "123456"),
    file("x.svs", "1234"),
  ];
  const arrivals = [begun({ isOwn: false }), begun(), begun({ length: 6, uploadId: "2" })];

  const found = matched(arrivals, [one, other, strange]);

  expect(found.pairs).toEqual([
    [arrivals[1], one],
    [arrivals[2], other],
  ]);
  expect(found.strange).toEqual([strange]);
});

test("the fingerprint is found among the metadata of tus", () => {
  expect(fingerprintIn("filename b25lLnN2cw==, fingerprint YWJj")).toBe("abc");
  expect(fingerprintIn("filename b25lLnN2cw==,fingerprint ")).toBe("");
  expect(fingerprintIn("")).toBe("");
});
