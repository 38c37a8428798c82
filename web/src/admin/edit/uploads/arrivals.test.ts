import { describe, expect, test } from "vitest";
import { amountOf, arrivalOf, isMoving, isShown, studyOf } from "./arrivals";

const arrival = (told: Record<string, string | number>) => arrivalOf({ state: "ready", ...told });

test("what was found in a file is told in one sentence", () => {
  const found = arrivalOf({
    state: "ready",
    slides: [{ reader: "OpenSlide", width: 98304, height: 64000, levels: 4, mpp_x: 0.2500001 }],
  });
  expect(found.slides).toEqual([
    "OpenSlide, 98\u2009304 × 64\u2009000 pixels, 4 levels, 0.25 µm/px",
  ]);
});

test("an amount tells how much is missing", () => {
  expect(amountOf(arrival({ received: 500, length: 2000 }))).toBe("500 bytes of 2 kB");
  expect(amountOf(arrival({ received: 2000, length: 2000 }))).toBe("2 kB");
  expect(amountOf(arrival({}))).toBe("");
});

describe("the study of a file", () => {
  test("is that of its folder", () => {
    expect(studyOf(arrival({ path: "ki67/a/b.dcm" }))).toBe("ki67");
  });

  test("is in the name of a configuration file", () => {
    expect(studyOf(arrival({ path: "study.ki67 round 1.scores" }))).toBe("ki67 round 1");
    expect(studyOf(arrival({ path: "alone.svs" }))).toBe("");
  });
});

test("states are sorted by what they ask of people", () => {
  const states = ["waiting", "arriving", "checking", "ready", "stored", "failed", "unreadable"];
  const shown = (show: "moving" | "broken" | "arrived") =>
    states.filter((state) => isShown(arrival({ state }), show));
  expect(shown("moving")).toEqual(["waiting", "arriving", "checking"]);
  expect(shown("broken")).toEqual(["failed", "unreadable"]);
  expect(shown("arrived")).toEqual(["ready", "stored"]);
  expect(isMoving(arrival({ state: "checking" }))).toBe(true);
});
