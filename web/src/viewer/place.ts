/** A place on the slide in the words of the status line. */

import { millimetres, wholeNumber } from "../ui/format";
import { words } from "../ui/words";
import type { Point } from "./geometry";

/** Write a place (level-0 pixels) in mm from the slide's corner, or in pixels without µm/px. */
export function placeText(place: Point, mpp: number | null): string {
  if (mpp === null) return words.viewer.cursorPx(wholeNumber(place.x), wholeNumber(place.y));
  return words.viewer.cursorMm(millimetres(place.x * mpp), millimetres(place.y * mpp));
}
