import { describe, expect, it } from "vitest";
import { levelShown, nameOf, tilesAhead, tilesAround, tilesIn } from "./ahead";

const pyramid = { width: 10_000, height: 8000, tileSize: 256, maxLevel: 14 };
const look = (x: number, y: number, zoom: number) => ({
  view: { x, y, width: 1000 / zoom, rotation: 0 },
  zoom,
  window: { width: 1000, height: 700 },
});

describe("tiles that come next", () => {
  it("are of the level whose pixels are about those of the screen", () => {
    expect([1, 0.5, 0.25].map((zoom) => levelShown(pyramid, zoom))).toEqual([14, 13, 12]);
    expect(levelShown(pyramid, 0.6)).toBe(14);
    expect(levelShown(pyramid, 0.59)).toBe(13);
    expect(levelShown(pyramid, 0.5, 2)).toBe(14);
    expect(levelShown(pyramid, 8)).toBe(14);
  });

  it("lie within the slide", () => {
    const all = tilesIn(pyramid, 8, { left: -1e6, top: -1e6, right: 1e6, bottom: 1e6 });
    expect(all.map(nameOf)).toEqual(["8/0/0"]);
    expect(tilesIn(pyramid, 14, { left: -500, top: 0, right: -1, bottom: 10 })).toEqual([]);
  });

  it("lie in the direction of a pan alone, the nearest first", () => {
    const ahead = tilesAhead(pyramid, look(5000, 4000, 1), { x: 1, y: 0 });
    expect(ahead.length).toBeGreaterThan(0);
    expect(ahead.every(({ column }) => column * 256 > 5500)).toBe(true);
    expect(ahead[0]?.column).toBe(Math.floor(5500 / 256) + 1);
    expect(tilesAhead(pyramid, look(5000, 4000, 1), { x: 0, y: 0.01 })).toEqual([]);
  });

  it("are, at rest, those that zooming about the pointer shows, and a ring", () => {
    const around = tilesAround(pyramid, look(5000, 4000, 0.5), { x: 5000, y: 4000 });
    expect(new Set(around.map(({ level }) => level))).toEqual(new Set([14, 13, 12]));
    const finer = around.filter(({ level }) => level === 14);
    expect(finer.length).toBe(5 * 3);
    const seen = tilesIn(pyramid, 13, { left: 4000, top: 3300, right: 6000, bottom: 4700 });
    const ring = new Set(around.map(nameOf));
    expect(seen.some((tile) => ring.has(nameOf(tile)))).toBe(false);
  });
});
