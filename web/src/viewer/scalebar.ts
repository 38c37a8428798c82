/** The scale bar: the longest round length that fits its place. */

export interface ScaleBar {
  /** CSS pixels. */
  width: number;
  text: string;
}

const LONGEST_PX = 120;

/** Return the bar for a view: 1, 2 or 5 times a power of ten, at most 120 pixels long. */
export function scaleBar(umPerCssPixel: number): ScaleBar {
  const longest = LONGEST_PX * umPerCssPixel;
  const decade = 10 ** Math.floor(Math.log10(longest) + 1e-9);
  const step = [5, 2, 1].find((factor) => factor * decade <= longest * (1 + 1e-9)) ?? 1;
  const um = step * decade;
  return { width: um / umPerCssPixel, text: lengthText(um) };
}

/** Write a length with the unit that reads best: 500 nm, 50 µm, 2 mm. */
export function lengthText(um: number): string {
  if (um < 1) return `${round(um * 1000)} nm`;
  return um < 1000 ? `${round(um)} µm` : `${round(um / 1000)} mm`;
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
