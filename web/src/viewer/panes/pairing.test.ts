import { beforeEach, describe, expect, it, vi } from "vitest";
import { centred } from "./alignment";
import { KeptRelations } from "./kept";
import { refusalOf } from "./pairing";

const slide = { width: 20_000, height: 15_000, mpp: 0.5 };
const [first, start] = centred({ width: 40_000, height: 30_000, mpp: 0.25 }, slide);
const on = [
  { x: 10_000, y: 8000 },
  { x: 30_000, y: 8000 },
] as const;

describe("places that are matched", () => {
  it("are refused where they lie too close together to tell an angle", () => {
    const near = [
      { x: 5000, y: 4000 },
      { x: 5020, y: 4000 },
    ] as const;
    expect(refusalOf(on, near, first, start)).toBe("near");
  });

  it("are refused where the files tell that they cannot be the same", () => {
    const places = (length: number) =>
      [
        { x: 5000, y: 4000 },
        { x: 5000 + length, y: 4000 },
      ] as const;
    expect(refusalOf(on, places(10_400), first, start)).toBeNull();
    expect(refusalOf(on, places(3000), first, start)).toBe("unlike");
    // Without a resolution nothing tells.
    expect(refusalOf(on, places(3000), first, null)).toBeNull();
  });
});

describe("pairs that were laid by hand", () => {
  const store = new Map<string, string>();
  beforeEach(() => {
    store.clear();
    vi.stubGlobal("sessionStorage", {
      getItem: (name: string) => store.get(name) ?? null,
      setItem: (name: string, value: string) => store.set(name, value),
    });
  });
  const placing = { scale: 2, angle: 90, offset: { x: 100, y: 40 } };

  it("are known after a reload, from either side", () => {
    new KeptRelations().keep(4, 9, { placing, isByPoints: true });
    const kept = new KeptRelations();
    expect(kept.of(4, 9)).toEqual({ placing, isByPoints: true });
    const back = kept.of(9, 4)?.placing;
    expect(back).toMatchObject({ scale: 0.5, angle: -90 });
    expect(back?.offset.x).toBeCloseTo(-20);
    expect(back?.offset.y).toBeCloseTo(50);
    expect(kept.of(4, 8)).toBeNull();
  });

  it("are forgotten alone", () => {
    const kept = new KeptRelations();
    kept.keep(4, 9, { placing, isByPoints: false });
    kept.keep(4, 8, { placing, isByPoints: false });
    kept.keep(9, 4, null);
    expect(new KeptRelations().of(4, 9)).toBeNull();
    expect(new KeptRelations().of(8, 4)).not.toBeNull();
  });

  it("do not trip over what somebody else stored", () => {
    store.set("coverslip-aligned", '[[4,9,0,0,0,0,1],[4,9,"2",0,0,0,1],7,null]');
    expect(new KeptRelations().of(4, 9)).toBeNull();
    store.set("coverslip-aligned", "{");
    expect(new KeptRelations().of(4, 9)).toBeNull();
  });
});
