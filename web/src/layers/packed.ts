/**
 * The binary form of annotations by box and zoom, read into typed arrays.
 *
 * Source: docs/annotations.md, "The binary form". Places are level-0 pixels unless said otherwise.
 */

import type { Box } from "../drawing/outline";

/** Kinds of outlines, as the wire numbers them. */
export const KINDS = { polygon: 1, polyline: 2, ellipse: 3, rect: 4, brush: 5 } as const;

/** What a closer look would show more of, in bits. */
export const COARSER = { corners: 1, outlines: 2, dots: 4, labels: 8, rasters: 16 } as const;

export interface Density {
  columns: number;
  rows: number;
  left: number;
  top: number;
  /** Side of a cell. */
  cell: number;
  counts: Uint32Array;
}

export interface Raster {
  left: number;
  top: number;
  cellWidth: number;
  cellHeight: number;
  index: number;
  isMask: boolean;
  columns: number;
  rows: number;
  /** 0 is transparent. */
  values: Uint8Array;
}

export interface PackedLabel {
  text: string;
  x: number;
  y: number;
  isAlways: boolean;
  size: number;
}

export interface Packed {
  /** Bits of `COARSER`. */
  coarser: number;
  /** Items in the box, told or not. */
  total: number;
  /** Of each outline: place of its shape in the answer, kind, and where its rings begin. */
  indices: Uint32Array;
  kinds: Uint8Array;
  firstRing: Uint32Array;
  /** Of each ring, where its corners begin; one more than there are rings. */
  firstCorner: Uint32Array;
  /** x and y of each corner: to a 32nd of a pixel where slides have 250,000. */
  corners: Float32Array;
  /** Left, top, right and bottom of each outline. */
  bounds: Float32Array;
  /** x and y of each dot. */
  dots: Float32Array;
  dotIndices: Uint32Array;
  density: Density | null;
  rasters: readonly Raster[];
  labels: readonly PackedLabel[];
}

const HEAD_BYTES = 88;
const RASTER_HEAD_BYTES = 48;
const MAGIC = 0x4e41_5343;
const VERSION = 1;

/** Read a reply; throws where it is none, or shorter than it says. */
export function unpack(buffer: ArrayBuffer): Packed {
  const view = new DataView(buffer);
  const isOurs = view.byteLength >= HEAD_BYTES && view.getUint32(0, true) === MAGIC;
  if (!isOurs || view.getUint16(4, true) !== VERSION) {
    throw new Error("this is no reply of annotations, version 1");
  }
  const u32 = (at: number) => view.getUint32(at, true);
  const f64 = (at: number) => view.getFloat64(at, true);
  const [items, rings, corners, step, dots] = [12, 16, 20, 24, 28].map(u32) as FiveNumbers;
  const [columns, rows] = [u32(32), u32(36)];
  const cursor = new Cursor(buffer, HEAD_BYTES);
  const indices = cursor.uint32(items);
  const kinds = cursor.uint8(items);
  const firstRing = startsOf(cursor.uint32(items));
  const firstCorner = startsOf(cursor.uint32(rings));
  const firsts = cursor.int32(2 * rings);
  const steps =
    step === 2 ? cursor.int16(2 * (corners - rings)) : cursor.int32(2 * (corners - rings));
  const places = cursor.int32(2 * dots);
  const dotIndices = cursor.uint32(dots);
  const counts = cursor.uint32(rows * columns);
  const summed = summedUp(firsts, steps, firstCorner, f64(48));
  return {
    coarser: view.getUint16(6, true),
    total: u32(8),
    indices,
    kinds,
    firstRing,
    firstCorner,
    corners: summed,
    bounds: boundsOf(summed, kinds, firstRing, firstCorner),
    dots: Float32Array.from(places, (value) => value * f64(56)),
    dotIndices,
    density:
      rows * columns > 0
        ? { columns, rows, left: f64(64), top: f64(72), cell: f64(80), counts }
        : null,
    rasters: Array.from({ length: u32(40) }, () => rasterAt(view, cursor)),
    labels: labelsIn(cursor.uint8(u32(44))),
  };
}

type FiveNumbers = [number, number, number, number, number];

/** Takes sections one after another; each starts at a multiple of four bytes. */
class Cursor {
  readonly #buffer: ArrayBuffer;
  at: number;

  constructor(buffer: ArrayBuffer, at: number) {
    this.#buffer = buffer;
    this.at = at;
  }

  uint32(count: number): Uint32Array {
    return new Uint32Array(this.#buffer, this.#skip(4 * count), count);
  }

  int32(count: number): Int32Array {
    return new Int32Array(this.#buffer, this.#skip(4 * count), count);
  }

  int16(count: number): Int16Array {
    return new Int16Array(this.#buffer, this.#skip(2 * count), count);
  }

  uint8(count: number): Uint8Array {
    return new Uint8Array(this.#buffer, this.#skip(count), count);
  }

  #skip(bytes: number): number {
    const at = this.at;
    this.at += bytes + (-bytes & 3);
    return at;
  }
}

/** Return where each of some runs begins, and where the last one ends. */
function startsOf(lengths: Uint32Array): Uint32Array {
  const starts = new Uint32Array(lengths.length + 1);
  let sum = 0;
  lengths.forEach((length, at) => {
    sum += length;
    starts[at + 1] = sum;
  });
  return starts;
}

/** Add the steps up from the first corner of each ring. */
function summedUp(
  firsts: Int32Array,
  steps: Int16Array | Int32Array,
  firstCorner: Uint32Array,
  unit: number,
): Float32Array {
  const count = firstCorner.at(-1) ?? 0;
  const corners = new Float32Array(2 * count);
  let step = 0;
  for (let ring = 0; ring + 1 < firstCorner.length; ring += 1) {
    let [x, y] = [firsts[2 * ring] ?? 0, firsts[2 * ring + 1] ?? 0];
    const [begin, end] = [firstCorner[ring] ?? 0, firstCorner[ring + 1] ?? 0];
    for (let corner = begin; corner < end; corner += 1) {
      if (corner > begin) {
        x += steps[step] ?? 0;
        y += steps[step + 1] ?? 0;
        step += 2;
      }
      corners[2 * corner] = x * unit;
      corners[2 * corner + 1] = y * unit;
    }
  }
  return corners;
}

function boundsOf(
  corners: Float32Array,
  kinds: Uint8Array,
  firstRing: Uint32Array,
  firstCorner: Uint32Array,
): Float32Array {
  const bounds = new Float32Array(4 * kinds.length);
  for (let item = 0; item < kinds.length; item += 1) {
    const begin = firstCorner[firstRing[item] ?? 0] ?? 0;
    const end = firstCorner[firstRing[item + 1] ?? 0] ?? 0;
    const isEllipse = kinds[item] === KINDS.ellipse;
    const box = isEllipse ? ellipseBox(corners, begin) : cornerBox(corners, begin, end);
    bounds.set([box.left, box.top, box.right, box.bottom], 4 * item);
  }
  return bounds;
}

function cornerBox(corners: Float32Array, begin: number, end: number): Box {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (let at = 2 * begin; at < 2 * end; at += 2) {
    const [x, y] = [corners[at] ?? 0, corners[at + 1] ?? 0];
    if (x < box.left) box.left = x;
    if (x > box.right) box.right = x;
    if (y < box.top) box.top = y;
    if (y > box.bottom) box.bottom = y;
  }
  return box;
}

/** The corners of an ellipse are its centre and its radii. */
function ellipseBox(corners: Float32Array, begin: number): Box {
  const [x = 0, y = 0, a = 0, b = 0] = corners.subarray(2 * begin, 2 * begin + 4);
  const [across, down] = [Math.abs(a), Math.abs(b)];
  return { left: x - across, top: y - down, right: x + across, bottom: y + down };
}

function rasterAt(view: DataView<ArrayBuffer>, cursor: Cursor): Raster {
  const { at } = cursor;
  const f64 = (place: number) => view.getFloat64(at + 8 * place, true);
  const u32 = (place: number) => view.getUint32(at + 32 + 4 * place, true);
  cursor.at += RASTER_HEAD_BYTES;
  const [columns, rows] = [u32(2), u32(3)];
  return {
    left: f64(0),
    top: f64(1),
    cellWidth: f64(2),
    cellHeight: f64(3),
    index: u32(0),
    isMask: u32(1) === 1,
    columns,
    rows,
    values: cursor.uint8(rows * columns),
  };
}

function labelsIn(bytes: Uint8Array): PackedLabel[] {
  if (bytes.length === 0) return [];
  const found = JSON.parse(new TextDecoder().decode(bytes)) as unknown[];
  return found.flatMap((entry) => {
    const [text, x, y, always, size] = Array.isArray(entry) ? entry : [];
    if (typeof text !== "string" || typeof x !== "number" || typeof y !== "number") return [];
    return [{ text, x, y, isAlways: Boolean(always), size: typeof size === "number" ? size : 0 }];
  });
}
