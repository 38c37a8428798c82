import { expect, test } from "vitest";
import type { CorePlace } from "../../../viewer/tma/layout";
import { boxOf, coresText, movedTo, ownStep, transformOf } from "./cores";

const core: CorePlace = {
  row: 1,
  column: 2,
  sample: "P1",
  x: 10,
  y: 20,
  isMissing: false,
  isControl: false,
  isIgnored: false,
};
const slide = { width: 300, height: 200, rotation: 90 };

test("a turned slide lies in the box of its turned sides", () => {
  expect(boxOf(slide)).toBe("0 0 200 300");
  expect(boxOf({ ...slide, rotation: 180 })).toBe("0 0 300 200");
  expect(transformOf({ ...slide, rotation: 0 })).toBe("");
});

test("a step to the right on the screen is a step along the slide's own side", () => {
  // Turned by 90° clockwise, the slide's left side is on top: right on the screen is up in it.
  expect([0, 90, 180, 270].map((rotation) => ownStep(rotation, 10, 0))).toEqual([
    { x: 10, y: 0 },
    { x: 0, y: -10 },
    { x: -10, y: -0 },
    { x: -0, y: 10 },
  ]);
});

test("a core stays on the slide", () => {
  expect(movedTo(core, -5, 900.4, slide)).toMatchObject({ x: 0, y: 200 });
});

test("cores are written as the server reads them", () => {
  expect(coresText([{ ...core, isMissing: true }])).toBe(
    '[{"row":1,"col":2,"x":10,"y":20,"isMissing":true}]',
  );
});
