import { describe, expect, it } from "vitest";
import { turn } from "../geometry";
import {
  aligned,
  centred,
  composed,
  followed,
  fromCommon,
  inverted,
  matched,
  toCommon,
} from "./alignment";

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
    expect(placing.angle).toBeCloseTo(4);
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

  it("go the same way on the screen, however they are turned to each other", () => {
    const [one, two] = centred(first, coarser);
    const own = { x: 5000, y: 4000, width: 2000, rotation: 70 };
    const placing = aligned({ view, placing: one }, own, two);
    const moved = { ...view, x: view.x + 300, y: view.y - 120 };
    const seen = { view: own, width: 1000 };
    const after = followed({ view: moved, width: 1000, placing: one }, seen, placing, ALL);
    // CSS pixels; the leader shows four level-0 pixels in one, the other one two.
    const lead = turn({ x: 300 / 4, y: -120 / 4 }, view.rotation);
    const follow = turn({ x: (after.x - 5000) / 2, y: (after.y - 4000) / 2 }, after.rotation);
    expect(follow.x).toBeCloseTo(lead.x);
    expect(follow.y).toBeCloseTo(lead.y);
  });

  it("lie on each other in both of two matched places, turned and stretched", () => {
    const [one] = centred(first, coarser);
    const on = [
      { x: 10_000, y: 8000 },
      { x: 30_000, y: 8000 },
    ] as const;
    // A quarter turn clockwise, and 2 % longer than by the resolutions.
    const places = [
      { x: 4000, y: 12_000 },
      { x: 4000, y: 1800 },
    ] as const;
    const placing = matched(one, on, places);
    expect(placing.angle).toBeCloseTo(90);
    // What points right in the first one points up in the other: turned back, it points right, too.
    const seen = { view, width: 1000 };
    const after = followed({ view, width: 1000, placing: one }, seen, placing, ALL);
    expect(after.rotation).toBeCloseTo(view.rotation + 90);
    expect(placing.scale).toBeCloseTo(0.5 / 1.02);
    for (const [at, place] of [
      [on[0], places[0]],
      [on[1], places[1]],
    ] as const) {
      const back = fromCommon(placing, toCommon(one, at));
      expect(back.x).toBeCloseTo(place.x);
      expect(back.y).toBeCloseTo(place.y);
    }
  });

  it("lie the same seen from the other one", () => {
    const placing = { scale: 0.8, angle: 33, offset: { x: 120, y: -70 } };
    const both = composed(placing, inverted(placing));
    expect(both.scale).toBeCloseTo(1);
    expect(both.angle).toBeCloseTo(0);
    expect(both.offset.x).toBeCloseTo(0);
    expect(both.offset.y).toBeCloseTo(0);
    const outer = { scale: 2, angle: -170, offset: { x: 5, y: 6 } };
    const place = { x: 400, y: 300 };
    const [once, twice] = [
      toCommon(composed(outer, placing), place),
      toCommon(outer, toCommon(placing, place)),
    ];
    expect(once.x).toBeCloseTo(twice.x);
    expect(once.y).toBeCloseTo(twice.y);
  });
});
