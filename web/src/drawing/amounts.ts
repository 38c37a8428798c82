/** Areas, lengths and counts as people read them, and as the wire has them. */

import type { Question } from "../scoring/questions";
import { wholeNumber } from "../ui/format";
import { areaOf, lengthOf } from "./outline";
import type { Geometry, Shape } from "./shapes";

const MM2_FROM_UM2 = 10_000;
const MM_FROM_UM = 1000;
const THIN_SPACE = "\u2009";

/** Write an area in square pixels: mm² from 0.01 mm², µm² below; px² without µm per pixel. */
export function areaText(px2: number, mpp: number | null): string {
  if (mpp === null) return `${figures(px2)} px²`;
  const um2 = px2 * mpp * mpp;
  return um2 < MM2_FROM_UM2 * 0.9995 ? `${figures(um2)} µm²` : `${figures(um2 / 1e6)} mm²`;
}

/** Write a length in pixels: mm from 1 mm, µm below; px without µm per pixel. */
export function lengthText(px: number, mpp: number | null): string {
  if (mpp === null) return `${figures(px)} px`;
  const um = px * mpp;
  return um < MM_FROM_UM * 0.9995 ? `${figures(um)} µm` : `${figures(um / 1000)} mm`;
}

/** Write an area as the member `area` of a shape; empty without µm per pixel. */
export function wireArea(geometry: Geometry, mpp: number | null): string {
  const px2 = areaOf(geometry);
  if (px2 === null || mpp === null) return "";
  return areaText(px2, mpp).replaceAll(THIN_SPACE, "").replace("µm²", "um2").replace("mm²", "mm2");
}

/** Write what one shape measures; empty for a point. */
export function sizeText(geometry: Geometry, mpp: number | null): string {
  const [area, length] = [areaOf(geometry), lengthOf(geometry)];
  if (area !== null) return areaText(area, mpp);
  return length === null ? "" : lengthText(length, mpp);
}

/** Write what all shapes of a question measure together; empty where that means nothing. */
export function totalText(
  question: Question,
  shapes: readonly Shape[],
  mpp: number | null,
): string {
  if (question.kind === "points") return "";
  const isLines = question.kind === "lines";
  const sizes = shapes.flatMap(({ geometry }) => {
    const size = isLines ? lengthOf(geometry) : areaOf(geometry);
    return size === null ? [] : [size];
  });
  if (sizes.length === 0) return "";
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return isLines ? lengthText(total, mpp) : areaText(total, mpp);
}

/** Write a number with three significant figures, its thousands apart. */
export function figures(value: number): string {
  if (value === 0) return "0";
  const digits = Math.floor(Math.log10(Math.abs(value)));
  if (digits < 2) return trimmed(value);
  const unit = 10 ** (digits - 2);
  return wholeNumber(Math.round(value / unit) * unit);
}

/** Write a number below 100; tiny ones with the decimals they need, never with an exponent. */
function trimmed(value: number): string {
  const text = value.toPrecision(3);
  return text.includes("e") ? value.toFixed(8).replace(/0+$/, "") : text;
}
