/** Paints replies of annotations, with a dark casing where there is room for one. */

import { type Density, KINDS, type Packed, type Raster } from "./packed";

/** From level-0 pixels to CSS pixels of the paper: x' = a x − b y + e, y' = b x + a y + f. */
export interface Affine {
  a: number;
  b: number;
  e: number;
  f: number;
}

export interface PaintStyle {
  colour: string;
  /** 0 to 1, of all that is painted. */
  opacity: number;
  /** 0 to 1, of what outlines enclose. */
  fill: number;
}

export type Context2d = OffscreenCanvasRenderingContext2D;

const CASING = "rgb(0 0 0 / 60%)";
const CASING_PX = 3.2;
const LINE_PX = 1.6;
// More outlines than this lie so close that casings would only darken the tissue.
const MOST_CASED = 4000;
const DOT_PX = 2.4;
// More dots than this are told by their own colour alone.
const MOST_CASED_DOTS = 6000;
const LABEL_PX = 12;
// Source: GetScreenshot paints heat maps the same way.
const HEAT_ALPHA = 0.7;
const DENSEST_ALPHA = 0.75;
// One path of thousands of outlines takes browsers longer than many paths of some.
const PER_PATH = 128;
const STEP_PX = 0.7;

/** Paint a reply onto a paper of so many CSS pixels. */
export function paint(
  context: Context2d,
  packed: Packed,
  { affine, width, height }: { affine: Affine; width: number; height: number },
  style: PaintStyle,
): void {
  context.globalAlpha = style.opacity;
  for (const raster of packed.rasters) paintRaster(context, raster, affine, style.colour);
  if (packed.density) paintDensity(context, packed.density, affine, style.colour);
  const seen = itemsSeen(packed, affine, width, height);
  const isCased = seen.length <= MOST_CASED;
  for (let at = 0; at < seen.length; at += PER_PATH) {
    context.beginPath();
    for (const item of seen.slice(at, at + PER_PATH)) trace(context, packed, item, affine);
    stroke(context, style, isCased);
  }
  paintDots(context, packed.dots, affine, style.colour);
  paintLabels(context, packed, affine);
  context.globalAlpha = 1;
}

/** Return which outlines touch the paper. */
function itemsSeen(packed: Packed, affine: Affine, width: number, height: number): number[] {
  const { bounds, kinds } = packed;
  const seen: number[] = [];
  const { a, b, e, f } = affine;
  const scale = Math.hypot(a, b);
  for (let item = 0; item < kinds.length; item += 1) {
    const [left = 0, top = 0, right = 0, bottom = 0] = [
      bounds[4 * item],
      bounds[4 * item + 1],
      bounds[4 * item + 2],
      bounds[4 * item + 3],
    ];
    const [x, y] = [(left + right) / 2, (top + bottom) / 2];
    const reach = (Math.hypot(right - left, bottom - top) * scale) / 2 + CASING_PX;
    const [sx, sy] = [a * x - b * y + e, b * x + a * y + f];
    const isSeen = sx > -reach && sx < width + reach && sy > -reach && sy < height + reach;
    if (isSeen) seen.push(item);
  }
  return seen;
}

function stroke(context: Context2d, { colour, fill, opacity }: PaintStyle, isCased: boolean): void {
  if (fill > 0) {
    context.globalAlpha = opacity * fill;
    context.fillStyle = colour;
    context.fill("evenodd");
    context.globalAlpha = opacity;
  }
  context.lineJoin = "bevel";
  if (isCased) {
    context.strokeStyle = CASING;
    context.lineWidth = CASING_PX;
    context.stroke();
  }
  context.strokeStyle = colour;
  context.lineWidth = LINE_PX;
  context.stroke();
}

function trace(context: Context2d, packed: Packed, item: number, affine: Affine): void {
  const { firstRing, firstCorner, corners, kinds } = packed;
  if (kinds[item] === KINDS.ellipse) {
    traceEllipse(context, corners, firstCorner[firstRing[item] ?? 0] ?? 0, affine);
    return;
  }
  const isClosed = kinds[item] !== KINDS.polyline;
  for (let ring = firstRing[item] ?? 0; ring < (firstRing[item + 1] ?? 0); ring += 1) {
    const begin = firstCorner[ring] ?? 0;
    traceRing(context, corners.subarray(2 * begin, 2 * (firstCorner[ring + 1] ?? begin)), affine);
    if (isClosed) context.closePath();
  }
}

function traceRing(context: Context2d, ring: Float32Array, { a, b, e, f }: Affine): void {
  let [lastX, lastY] = [Number.NaN, Number.NaN];
  for (let at = 0; at + 1 < ring.length; at += 2) {
    const [x, y] = [ring[at] as number, ring[at + 1] as number];
    const [sx, sy] = [a * x - b * y + e, b * x + a * y + f];
    const isLast = at + 2 === ring.length;
    if (at === 0) context.moveTo(sx, sy);
    else if (!isLast && Math.abs(sx - lastX) + Math.abs(sy - lastY) < STEP_PX) continue;
    else context.lineTo(sx, sy);
    [lastX, lastY] = [sx, sy];
  }
}

function traceEllipse(context: Context2d, corners: Float32Array, at: number, affine: Affine): void {
  const [x = 0, y = 0, radiusX = 0, radiusY = 0] = corners.subarray(2 * at, 2 * at + 4);
  const { a, b, e, f } = affine;
  const scale = Math.hypot(a, b);
  const [across, down] = [Math.abs(radiusX) * scale, Math.abs(radiusY) * scale];
  const angle = Math.atan2(b, a);
  const [sx, sy] = [a * x - b * y + e, b * x + a * y + f];
  context.moveTo(sx + across * Math.cos(angle), sy + across * Math.sin(angle));
  context.ellipse(sx, sy, across, down, angle, 0, 2 * Math.PI);
}

function paintDots(context: Context2d, dots: Float32Array, affine: Affine, colour: string): void {
  const { a, b, e, f } = affine;
  const half = DOT_PX / 2;
  const core = [colour, half, DOT_PX] as const;
  const casing = [CASING, half + 0.8, DOT_PX + 1.6] as const;
  for (const [style, by, side] of dots.length > 2 * MOST_CASED_DOTS ? [core] : [casing, core]) {
    context.fillStyle = style;
    for (let at = 0; at + 1 < dots.length; at += 2) {
      const [x, y] = [dots[at] as number, dots[at + 1] as number];
      context.fillRect(a * x - b * y + e - by, b * x + a * y + f - by, side, side);
    }
  }
}

/** Counts as a picture: the more items in a cell, the more of the colour. */
function paintDensity(context: Context2d, density: Density, affine: Affine, colour: string): void {
  const { columns, rows, left, top, cell, counts } = density;
  let most = 1;
  for (const count of counts) most = Math.max(most, count);
  // By the root, so that a cell with few items is still told from an empty one.
  const alpha = Uint8Array.from(counts, (n) => 255 * DENSEST_ALPHA * Math.sqrt(n / most));
  paintCells(
    context,
    alpha,
    { columns, rows, left, top, cellWidth: cell, cellHeight: cell },
    affine,
    colour,
  );
}

function paintRaster(context: Context2d, raster: Raster, affine: Affine, colour: string): void {
  const { isMask, values } = raster;
  const alpha = values.map((value) => (isMask ? (value > 0 ? 90 : 0) : value * HEAT_ALPHA));
  paintCells(context, alpha, raster, affine, colour);
}

type Cells = Pick<Raster, "columns" | "rows" | "left" | "top" | "cellWidth" | "cellHeight">;

function paintCells(
  context: Context2d,
  alpha: Uint8Array,
  { columns, rows, left, top, cellWidth, cellHeight }: Cells,
  { a, b, e, f }: Affine,
  colour: string,
): void {
  if (columns === 0 || rows === 0) return;
  const picture = new OffscreenCanvas(columns, rows);
  const own = picture.getContext("2d");
  if (!own) return;
  own.fillStyle = colour;
  own.fillRect(0, 0, columns, rows);
  const pixels = own.getImageData(0, 0, columns, rows);
  alpha.forEach((value, at) => {
    pixels.data[4 * at + 3] = value;
  });
  own.putImageData(pixels, 0, 0);
  context.save();
  context.transform(a, b, -b, a, e, f);
  context.drawImage(picture, left, top, columns * cellWidth, rows * cellHeight);
  context.restore();
}

function paintLabels(context: Context2d, { labels }: Packed, { a, b, e, f }: Affine): void {
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  const scale = Math.hypot(a, b);
  for (const { text, x, y, isAlways, size } of labels) {
    const px = size > 0 ? Math.min(48, size * scale) : LABEL_PX;
    if (!isAlways || px < 6) continue;
    context.font = `600 ${px}px system-ui, sans-serif`;
    const [sx, sy] = [a * x - b * y + e, b * x + a * y + f - px / 2 - 3];
    context.lineWidth = 3.5;
    context.strokeStyle = "rgb(0 0 0 / 80%)";
    context.strokeText(text, sx, sy);
    context.fillStyle = "#fff";
    context.fillText(text, sx, sy);
  }
}
