import { describe, expect, it } from "vitest";
import { findAt, geometryOf, shapeIn } from "./finding";
import { unpack } from "./packed";

/** Writes a reply by the layout that docs/annotations.md tells, section by section. */
class Writer {
  readonly #bytes: number[] = [];

  put(size: 1 | 2 | 4 | 8, values: readonly number[], isFloat = false): this {
    const view = new DataView(new ArrayBuffer(size * values.length));
    values.forEach((value, at) => {
      if (size === 8) view.setFloat64(8 * at, value, true);
      else if (size === 4) view.setInt32(4 * at, value, true);
      else if (size === 2) view.setInt16(2 * at, value, true);
      else view.setUint8(at, value);
    });
    this.#bytes.push(...new Uint8Array(view.buffer));
    if (!isFloat) while (this.#bytes.length % 4 !== 0) this.#bytes.push(0);
    return this;
  }

  get buffer(): ArrayBuffer {
    return Uint8Array.from(this.#bytes).buffer;
  }
}

const LABELS = new TextEncoder().encode('[["Gland",30,40,true,0,7]]');

/** A triangle, an area with a hole, an ellipse, two dots, a density, a heat map and a label. */
function reply(): ArrayBuffer {
  return new Writer()
    .put(1, [0x43, 0x53, 0x41, 0x4e, 1, 0, 3, 0])
    .put(4, [99, 3, 4, 13, 2, 2, 2, 1, 1, LABELS.length])
    .put(8, [0.5, 2, 100, 200, 50], true)
    .put(4, [7, 8, 12])
    .put(1, [1, 5, 3])
    .put(4, [1, 2, 1])
    .put(4, [3, 4, 4, 2])
    .put(4, [20, 40, 200, 200, 240, 240, 1000, 800])
    .put(2, [40, 0, 0, 40, 160, 0, 0, 160, -160, 0, 80, 0, 0, 80, -80, 0, -900, -760])
    .put(4, [50, 60, 70, 80])
    .put(4, [20, 21])
    .put(4, [3, 9])
    .put(8, [0, 0, 10, 20], true)
    .put(4, [30, 0, 2, 1])
    .put(1, [0, 255])
    .put(1, [...LABELS]).buffer;
}

describe("a reply of annotations", () => {
  const packed = unpack(reply());

  it("tells its shapes in level-0 pixels", () => {
    expect([packed.total, packed.coarser]).toEqual([99, 3]);
    expect([...packed.corners.subarray(0, 6)]).toEqual([10, 20, 30, 20, 30, 40]);
    expect(geometryOf(packed, 0)).toMatchObject({ kind: "polygon" });
    expect(shapeIn(packed, 12)).toEqual({
      kind: "ellipse",
      center: { x: 500, y: 400 },
      radii: { x: 50, y: 20 },
    });
    expect([...packed.bounds.subarray(8, 12)]).toEqual([450, 380, 550, 420]);
    expect([...packed.dots]).toEqual([100, 120, 140, 160]);
  });

  it("has rings of one shape cut holes into it", () => {
    const shape = geometryOf(packed, 1);
    expect(shape.kind).toBe("brush");
    if (shape.kind !== "brush") return;
    expect([shape.positive.length, shape.negative.length]).toEqual([1, 1]);
    expect(shape.negative[0]?.[0]).toEqual({ x: 120, y: 120 });
  });

  it("tells density, rasters and labels", () => {
    const { density } = packed;
    expect(density).toMatchObject({ columns: 2, rows: 1, left: 100, top: 200, cell: 50 });
    expect([...(density?.counts ?? [])]).toEqual([3, 9]);
    expect(packed.rasters[0]).toMatchObject({ cellWidth: 10, cellHeight: 20, index: 30 });
    expect([...(packed.rasters[0]?.values ?? [])]).toEqual([0, 255]);
    expect(packed.labels).toEqual([{ text: "Gland", x: 30, y: 40, isAlways: true, size: 0 }]);
  });

  it("is searched for the smallest shape at a place", () => {
    expect(findAt(packed, { x: 28, y: 24 }, 1)).toBe(7);
    expect(findAt(packed, { x: 105, y: 150 }, 1)).toBe(8);
    expect(findAt(packed, { x: 140.5, y: 160 }, 2)).toBe(21);
    expect(findAt(packed, { x: 700, y: 700 }, 3)).toBeNull();
  });

  it("is refused when it is something else", () => {
    expect(() => unpack(new ArrayBuffer(200))).toThrow("no reply of annotations");
    expect(() => unpack(reply().slice(0, 120))).toThrow();
  });
});
