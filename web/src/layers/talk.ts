/** What page and painter say to each other. */

import type { Point } from "../viewer/geometry";
import type { Affine, PaintStyle } from "./painting";

/** One layer to be painted, named by the number of its answer. */
export interface Wanted extends PaintStyle {
  id: number;
}

export type Told =
  | { is: "reply"; id: number; bytes: ArrayBuffer }
  | { is: "forget"; id: number }
  | {
      is: "paint";
      affine: Affine;
      /** CSS pixels. */
      width: number;
      height: number;
      ratio: number;
      layers: readonly Wanted[];
    }
  | { is: "find"; ask: number; ids: readonly number[]; at: Point; reach: number };

export type Answered =
  | { is: "painted"; picture: ImageBitmap; ms: number }
  | { is: "found"; ask: number; found: { id: number; index: number } | null };
