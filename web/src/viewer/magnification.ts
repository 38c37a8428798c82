/** Magnification: what 20× means on a screen, whichever scanner made the slide. */

/** The objectives of a microscope, as buttons and stops of the zoom. */
export const OBJECTIVES: readonly number[] = [1.25, 2.5, 5, 10, 20, 40];

/** Stops of the zoom, in screen pixels per slide pixel, where the slide states no µm/px. */
export const PLAIN_STOPS: readonly number[] = [1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2];

// 10× is by convention 1 µm per pixel.
const UM_AT_ONE = 10;

/** Return the magnification at which one CSS pixel shows so many µm. */
export function magnificationOf(umPerCssPixel: number): number {
  return UM_AT_ONE / umPerCssPixel;
}

/** Return the zoom (CSS pixels per level-0 pixel) that shows a slide at a magnification. */
export function zoomAt(magnification: number, mpp: number): number {
  return (magnification * mpp) / UM_AT_ONE;
}

/** Return the magnification at a zoom (CSS pixels per level-0 pixel). */
export function magnificationAt(zoom: number, mpp: number): number {
  return magnificationOf(mpp / zoom);
}

/** Return the next stop in a direction; a stop within 1 % counts as reached. Null: none left. */
export function nextStop(
  stops: readonly number[],
  current: number,
  direction: 1 | -1,
): number | null {
  const beyond = stops.filter((stop) =>
    direction > 0 ? stop > current * 1.01 : stop < current * 0.99,
  );
  if (beyond.length === 0) return null;
  return direction > 0 ? Math.min(...beyond) : Math.max(...beyond);
}

/** Return the stop that lies within 3 % of a zoom, or the zoom itself. */
export function snap(stops: readonly number[], zoom: number): number {
  return stops.find((stop) => Math.abs(zoom / stop - 1) <= 0.03) ?? zoom;
}

/** Write a magnification with three digits: 0.42×, 1.25×, 20.0×. */
export function magnificationText(magnification: number): string {
  const places = magnification >= 99.95 ? 0 : magnification >= 9.995 ? 1 : 2;
  return `${magnification.toFixed(places)}×`;
}

/** Write how screen and slide pixels relate: 1:4 is a quarter of full detail, 2:1 twice. */
export function ratioText(zoom: number): string {
  const digits = (value: number) => String(Number(value.toFixed(value < 9.95 ? 1 : 0)));
  return zoom >= 1 ? `${digits(zoom)}:1` : `1:${digits(1 / zoom)}`;
}

/** Write the exact magnification, and say so where the slide has no more detail to show. */
export function exactText(zoom: number, mpp: number | null): string {
  if (mpp === null) return ratioText(zoom);
  const text = magnificationText(magnificationAt(zoom, mpp));
  return zoom > 1.01 ? `${text} (${ratioText(zoom)})` : text;
}

/** Read what a person typed as a zoom: `20`, `20×`, `12,5 x`, or `1:4`; null when it is neither. */
export function parseZoom(typed: string, mpp: number | null): number | null {
  const ratio = /^\s*(\d+(?:[.,]\d+)?)\s*:\s*(\d+(?:[.,]\d+)?)\s*$/.exec(typed);
  if (ratio) return positive(decimal(ratio[1]) / decimal(ratio[2]));
  const plain = /^\s*(\d+(?:[.,]\d+)?)\s*[x×]?\s*(?:\(.*\))?\s*$/i.exec(typed);
  if (!plain || mpp === null) return null;
  return positive(zoomAt(decimal(plain[1]), mpp));
}

function decimal(text: string | undefined): number {
  return Number((text ?? "").replace(",", "."));
}

function positive(value: number): number | null {
  return Number.isFinite(value) && value > 0 ? value : null;
}
