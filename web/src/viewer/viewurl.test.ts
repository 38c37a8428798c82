import { describe, expect, test } from "vitest";
import { addressOf, formatView, normaliseAngle, parameter, parseView } from "./viewurl";

const page = "https://host/Image/Details?imageId=7&studyId=3";

describe("view", () => {
  test("what is written reads back", () => {
    const view = { x: 12034.5, y: 880.2, width: 2128, rotation: 90 };

    expect(parseView(formatView(view))).toEqual(view);
  });

  test("the rotation may be left out", () => {
    expect(parseView("10,20,300")).toEqual({ x: 10, y: 20, width: 300, rotation: 0 });
  });

  test.each([
    null,
    "",
    "1,2",
    "1,2,3,4,5",
    "a,b,c,d",
    "1,2,0,0",
    "1,2,-5,0",
    "1,,3,0",
    "1,2,Infinity,0",
  ])("%j is no view", (text) => {
    expect(parseView(text)).toBeNull();
  });

  test("angles stay within a turn", () => {
    expect(normaliseAngle(-90)).toBe(270);
    expect(normaliseAngle(720)).toBe(0);
    expect(normaliseAngle(359.99)).toBe(0);
  });
});

describe("address", () => {
  test("a view is added in a form that people can read", () => {
    const view = { x: 1, y: 2, width: 3, rotation: 0 };

    expect(addressOf(page, { view })).toBe(`${page}&view=1,2,3,0`);
  });

  test("another slide drops the view of the one before", () => {
    const at = `${page}&view=1,2,3,0`;

    expect(addressOf(at, { slideId: 8, view: null })).toBe(
      "https://host/Image/Details?imageId=8&studyId=3",
    );
  });

  test("names keep the case in which they were given", () => {
    expect(addressOf("https://host/image/details?IMAGEID=7", { slideId: 9 })).toBe(
      "https://host/image/details?IMAGEID=9",
    );
  });

  test("what else the address holds stays", () => {
    const at = `${page}&tmaRow=2&annos=%5B%7B%22color%22%3A%22%23ff0%22%7D%5D`;
    const changed = new URL(addressOf(at, { slideId: 8 })).searchParams;

    expect(changed.get("tmaRow")).toBe("2");
    expect(changed.get("annos")).toBe('[{"color":"#ff0"}]');
  });

  test("parameters are found in any case", () => {
    expect(parameter("?ImageID=12", "imageId")).toBe("12");
    expect(parameter("?other=1", "imageId")).toBeNull();
  });
});
