import { describe, expect, it } from "vitest";
import { type CoreLayout, coreName, neighbour, nextCore, rowName, seenAt } from "./layout";

const core = (row: number, column: number, more = {}) => ({
  row,
  column,
  sample: "",
  x: 100 * column,
  y: 100 * row,
  isMissing: false,
  isControl: false,
  isIgnored: false,
  ...more,
});

const LAYOUT: CoreLayout = {
  rows: 2,
  columns: 3,
  diameter: 60,
  diameterUm: 30,
  // B2 is not in the map at all.
  cores: [core(0, 0), core(0, 1, { isControl: true }), core(0, 2), core(1, 0), core(1, 2)],
};

const at = (row: number, column: number) => {
  const found = LAYOUT.cores.find((entry) => entry.row === row && entry.column === column);
  if (!found) throw new Error("no such core");
  return found;
};

describe("names of cores", () => {
  it("count rows by letters and columns by numbers", () => {
    expect(coreName({ row: 4, column: 7 })).toBe("E8");
    expect([25, 26, 27, 701, 702].map(rowName)).toEqual(["Z", "AA", "AB", "ZZ", "AAA"]);
  });
});

describe("the grid of a turned slide", () => {
  it("shows the first core where a turn brings it", () => {
    const corners = [0, 1, 2, 3].map((quarter) => seenAt({ row: 0, column: 0 }, LAYOUT, quarter));
    expect(corners).toEqual([
      { row: 0, column: 0 },
      { row: 0, column: 1 },
      { row: 1, column: 2 },
      { row: 2, column: 0 },
    ]);
  });

  it("steps to what is seen in that direction", () => {
    expect(neighbour(LAYOUT, at(0, 0), { rows: 0, columns: 1 }, 0)).toBe(at(0, 1));
    // Turned by 90°, the row below lies at the left.
    expect(neighbour(LAYOUT, at(0, 0), { rows: 0, columns: -1 }, 1)).toBe(at(1, 0));
  });

  it("steps over gaps, and not over the edge", () => {
    expect(neighbour(LAYOUT, at(1, 0), { rows: 0, columns: 1 }, 0)).toBe(at(1, 2));
    expect(neighbour(LAYOUT, at(1, 2), { rows: 1, columns: 0 }, 0)).toBeNull();
  });
});

describe("the next core", () => {
  it("passes over controls and begins anew after the last", () => {
    expect(nextCore(LAYOUT, at(0, 0), () => true)).toBe(at(0, 2));
    expect(nextCore(LAYOUT, at(1, 2), () => true)).toBe(at(0, 0));
    expect(nextCore(LAYOUT, null, ({ row }) => row === 1)).toBe(at(1, 0));
  });

  it("is none when nothing is open, and never the core itself", () => {
    expect(nextCore(LAYOUT, at(0, 0), (entry) => entry === at(0, 0))).toBeNull();
  });
});
