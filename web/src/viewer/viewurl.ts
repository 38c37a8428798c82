/** What is looked at, as the `view` parameter of a page's address: x, y, width and rotation. */

/** A view: centre and width in level-0 pixels, rotation in degrees clockwise. */
export interface View {
  x: number;
  y: number;
  width: number;
  rotation: number;
}

/** Read `view=x,y,w,rot`; null when it is absent or not a view. */
export function parseView(value: string | null): View | null {
  if (value === null) return null;
  const parts = value.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const [x, y, width, rotation = 0] = parts;
  if (x === undefined || y === undefined || width === undefined || parts.length > 4) return null;
  if (![x, y, width, rotation].every(Number.isFinite) || width <= 0) return null;
  return { x, y, width, rotation: normaliseAngle(rotation) };
}

/** Write a view so that it reads back to within a tenth of a pixel. */
export function formatView(view: View): string {
  const digits = (value: number) => String(Number(value.toFixed(1)));
  return [view.x, view.y, view.width, normaliseAngle(view.rotation)].map(digits).join(",");
}

/** Return an angle as 0 ≤ angle < 360. */
export function normaliseAngle(degrees: number): number {
  const turned = ((degrees % 360) + 360) % 360;
  return turned > 359.95 ? 0 : turned;
}

/** Return the address of a page with another slide, study and view. */
export function addressOf(
  current: string,
  change: {
    slideId?: number;
    studyId?: number | null;
    view?: View | null;
    core?: { row: number; column: number } | null;
    /** Slides in the panes, the scored one first; one alone needs no mention. */
    panes?: readonly number[];
  },
): string {
  const url = new URL(current);
  const query = url.searchParams;
  if (change.slideId !== undefined) replace(query, "imageId", String(change.slideId));
  if (change.studyId != null) replace(query, "studyId", String(change.studyId));
  if (change.core !== undefined) {
    for (const name of ["tmaRow", "tmaCol", "tmaSample"]) remove(query, name);
  }
  if (change.core) {
    query.append("tmaRow", String(change.core.row));
    query.append("tmaCol", String(change.core.column));
  }
  if (change.panes) remove(query, "imageIds");
  if (change.panes && change.panes.length > 1) query.append("imageIds", change.panes.join());
  if (change.view === null) remove(query, "view");
  if (change.view) replace(query, "view", formatView(change.view));
  // Commas are legal in a query and make the address one that people can read.
  url.search = query.toString().replaceAll("%2C", ",");
  return url.toString();
}

/** Return a parameter by its name in any case, as the server reads them. */
export function parameter(search: string, name: string): string | null {
  for (const [key, value] of new URLSearchParams(search)) {
    if (key.toLowerCase() === name.toLowerCase()) return value;
  }
  return null;
}

function remove(query: URLSearchParams, name: string): void {
  for (const key of [...query.keys()]) {
    if (key.toLowerCase() === name.toLowerCase()) query.delete(key);
  }
}

function replace(query: URLSearchParams, name: string, value: string): void {
  const known = [...query.keys()].find((key) => key.toLowerCase() === name.toLowerCase());
  if (known) query.set(known, value);
  else query.append(name, value);
}
