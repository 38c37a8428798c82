import { expect, test } from "vitest";
import { inSight, matrixOf, runsOf } from "./api";
import { behind, mailAddress } from "./letter";

const reply = {
  readers: [
    { email: "a@b.c", canScore: true },
    { email: "boss@b.c", canScore: false },
    { email: "b@b.c", canScore: true },
  ],
  rows: [
    { imageID: 7, imageName: "A", needed: 2, answered: [3, 0, 1], done: [2, 0, 1] },
    { imageID: 8, imageName: "B", needed: 2, answered: [2, 0, 0], done: [2, 0, 0] },
    { caseID: 1, needed: 1, answered: [0, 0, 0], done: [0, 0, 0] },
  ],
};

test("readers who may score are told with their slides", () => {
  const { slides, readers } = matrixOf(reply);
  expect(slides.map(({ name }) => name)).toEqual(["A", "B"]);
  expect(readers.map(({ email, done, partly }) => [email, done, partly])).toEqual([
    ["a@b.c", 2, 0],
    ["b@b.c", 0, 1],
  ]);
  expect(behind(readers).map(({ email }) => email)).toEqual(["b@b.c"]);
});

test("neighbours of the same mark are one run", () => {
  expect(runsOf(["done", "done", "open", "partly", "partly"])).toEqual([
    { mark: "done", from: 0, length: 2 },
    { mark: "open", from: 2, length: 1 },
    { mark: "partly", from: 3, length: 2 },
  ]);
});

test("of a long table the rows in sight are made, and few more", () => {
  expect(inSight(0, 600, 36, 5000)).toEqual({ from: 0, to: 25 });
  expect(inSight(36_000, 600, 36, 5000)).toEqual({ from: 992, to: 1025 });
  expect(inSight(180_000, 600, 36, 5000).to).toBe(5000);
});

test("a letter for the mail program keeps its lines and signs", () => {
  const address = mailAddress({ to: ["a+b@c.d"], subject: "κ & more", body: "one\ntwo" });
  const query = new URLSearchParams(address.slice("mailto:?".length));
  expect(query.get("bcc")).toBe("a+b@c.d");
  expect(query.get("subject")).toBe("κ & more");
  expect(query.get("body")).toBe("one\ntwo");
  expect(address).not.toContain("+");
});
