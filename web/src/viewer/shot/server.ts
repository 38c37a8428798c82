/** The view as the server draws it from the scanner's own pixels. */

import { fetchBlob } from "../../api/http";
import type { SlideBox } from "../ahead";

// Source: GetScreenshot takes at most so many.
const MOST_PIXELS = 50_000_000;

/** Return the whole pixels of the slide that a box holds; null where they are too many. */
export function regionOf(
  { left, top, right, bottom }: SlideBox,
  slide: { width: number; height: number },
): { x: number; y: number; width: number; height: number } | null {
  const [x, y] = [Math.max(0, Math.floor(left)), Math.max(0, Math.floor(top))];
  const width = Math.min(slide.width, Math.ceil(right)) - x;
  const height = Math.min(slide.height, Math.ceil(bottom)) - y;
  return width > 0 && height > 0 && width * height <= MOST_PIXELS ? { x, y, width, height } : null;
}

/** Fetch a region in full detail as JPEG; `user`: whose shapes are drawn, empty for none. */
export function fetchFull(
  slideId: number,
  maxLevel: number,
  region: { x: number; y: number; width: number; height: number },
  { user, hasBar }: { user: string; hasBar: boolean },
): Promise<Blob> {
  const numbers = { imageId: slideId, level: maxLevel, ...region };
  const query = new URLSearchParams(
    Object.entries(numbers).map(([name, value]) => [name, String(value)]),
  );
  query.set("showScalebar", String(hasBar));
  if (user) query.set("withAnnotationForUser", user);
  return fetchBlob(`/Api/GetScreenshot?${query}`);
}
