import { describe, expect, it } from "vitest";
import { aligned, centred, followed, fromCommon, toCommon } from "./alignment";

const ALL = { pan: true, zoom: true, rotation: true };
const first = { width: 40_000, height: 30_000, mpp: 0.25 };
const coarser = { width: 20_000, height: 15_000, mpp: 0.5 };
const view = { x: 10_000, y: 8000, width: 4000, rotation: 30 };

describe("slides side by side", () => {
  it("show the same µm, whatever their scanners' resolution", () => {
    const [one, two] = centred(first, coarser);
    const seen = followed({ view, width: 1000, placing: one }, { view, width: 500 }, two, ALL);
    expect(seen).toEqual({ x: 5000, y: 4000, width: 1000, rotation: 30 });
  });

  it("lie centre on centre, also where one does not tell its resolution", () => {
    const unknown = { width: 1000, height: 700, mpp: null };
    const [one, two] = centred(first, unknown);
    expect(fromCommon(two, toCommon(one, { x: 20_000, y: 15_000 }))).toEqual({ x: 500, y: 350 });
  });

  it("follow in the respects that are wanted alone", () => {
    const [one, two] = centred(first, coarser);
    const own = { x: 1, y: 2, width: 3, rotation: 4 };
    const follow = (sync: Partial<typeof ALL>) =>
      followed({ view, width: 1000, placing: one }, { view: own, width: 1000 }, two, {
        pan: false,
        zoom: false,
        rotation: false,
        ...sync,
      });
    expect(follow({})).toEqual(own);
    expect(follow({ zoom: true })).toEqual({ ...own, width: 2000 });
    expect(follow({ rotation: true })).toEqual({ ...own, rotation: 30 });
    expect(follow({ pan: true })).toMatchObject({ x: 5000, y: 4000, width: 3 });
  });

  it("keep the offset and angle at which they were locked", () => {
    const [one, two] = centred(first, coarser);
    const moved = { x: 5076, y: 4000, width: 2000, rotation: 34 };
    const placing = aligned({ view, placing: one }, moved, two);
    expect(placing.angle).toBeCloseTo(-4);
    const again = followed(
      { view, width: 1000, placing: one },
      { view: moved, width: 1000 },
      placing,
      ALL,
    );
    expect(again.x).toBeCloseTo(5076);
    expect(again.y).toBeCloseTo(4000);
    expect(again.rotation).toBeCloseTo(34);
  });
});
