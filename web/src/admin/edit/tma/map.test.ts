import { describe, expect, test } from "vitest";
import {
  changedCells,
  columnsOf,
  countsOf,
  emptyMap,
  grown,
  isMarked,
  marked,
  readCells,
  readMaps,
  textOf,
  trimmed,
  withCells,
} from "./map";

const FIRST = { row: 0, column: 0 };

describe("cells from a spreadsheet", () => {
  test("are read with any line ends, without the last one", () => {
    expect(readCells("P1\t P2 \r\n\tP3\r\n")).toEqual([
      ["P1", "P2"],
      ["", "P3"],
    ]);
  });

  test("make the map larger where they go beyond it", () => {
    const map = withCells(emptyMap("m", 1, 2), { row: 1, column: 1 }, [["A", "B"]]);
    expect(map.rows).toEqual([
      ["", "", ""],
      ["", "A", "B"],
    ]);
  });

  test("leave alone what lies beside them", () => {
    const map = withCells(withCells(emptyMap("m", 2, 2), FIRST, [["A", "B"]]), FIRST, [["C"]]);
    expect(map.rows).toEqual([
      ["C", "B"],
      ["", ""],
    ]);
    expect(changedCells(map, emptyMap("m", 2, 2))).toBe(2);
  });
});

test("a map grows by a row or a column", () => {
  const map = grown(grown(emptyMap("m", 2, 3), "row"), "column");
  expect([map.rows.length, columnsOf(map)]).toEqual([3, 4]);
});

test("what is empty at the end of a map is left out, unless it is there already", () => {
  const map = withCells(emptyMap("m", 8, 12), FIRST, [["A", "", "B"]]);
  expect(trimmed(map).rows).toEqual([["A", "", "B"]]);
  const kept = trimmed(map, emptyMap("m", 2, 4)).rows;
  expect([kept.length, kept[0]?.length]).toEqual([2, 4]);
});

describe("marks", () => {
  const map = withCells(emptyMap("m", 1, 3), FIRST, [["ctrl", "P1", "ctrl"]]);

  test("are of all cores of a sample, in any case", () => {
    const controls = marked(map, "controls", "CTRL");
    expect(isMarked(controls, "controls", "ctrl")).toBe(true);
    expect(countsOf(controls)).toEqual({ cores: 3, samples: 2, controls: 2, ignored: 0 });
  });

  test("go when they are set again", () => {
    expect(marked(marked(map, "ignored", "P1"), "ignored", "p1").ignored).toEqual([]);
  });
});

test("a map is written as its file has it, and told properties stay", () => {
  const [map] = readMaps({
    tmaMaps: [
      {
        name: "study.ex.map1",
        tmas: ["a.tiff"],
        controls: ["ctrl"],
        ignore: [],
        force: false,
        other: { mapname: "x" },
        rows: [["A", "ctrl"], ["B"]],
      },
    ],
  });
  expect(map && textOf(map)).toBe("tmas: a.tiff\nmapname: x\ncontrols: ctrl\n\nA\tctrl\nB\t\n");
});
