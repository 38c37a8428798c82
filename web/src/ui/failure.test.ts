import { expect, test } from "vitest";
import { Failure } from "../api/http";
import { problemOf } from "./failure";

const now = new Date(2026, 10, 21, 14, 3);

test("a session that is over offers to sign in, a missing right names the person", () => {
  expect(problemOf(new Failure("session", "", 401), now).remedy).toBe("signIn");
  expect(problemOf(new Failure("rights", "", 401), now)).toEqual({
    sentence:
      "You are signed in as m.vos@example.org and may not see this. The owner of the study can change that.",
    kind: "rights",
    remedy: null,
  });
});

test("the server's own reason is shown as a sentence, its names untouched", () => {
  expect(problemOf(new Failure("refused", "there is no study 7"), now).sentence).toBe(
    "There is no study 7.",
  );
  expect(problemOf(new Failure("refused", "case7.mrxs ends early"), now).sentence).toBe(
    "case7.mrxs ends early.",
  );
});

test("a fault of server or network says when, and that nothing is lost", () => {
  expect(problemOf(new Failure("server", "Traceback …", 502), now)).toEqual({
    sentence: "The server answered 502 at 14:03. Nothing is lost.",
    kind: "server",
    remedy: "again",
  });
  expect(problemOf(new Failure("network", ""), now).sentence).toContain("since 14:03");
  expect(problemOf(new TypeError("x is undefined"), now).sentence).not.toContain("undefined");
});

test("503 comes with a reason for people", () => {
  expect(problemOf(new Failure("server", "this link has expired", 503), now).sentence).toBe(
    "This link has expired.",
  );
});
