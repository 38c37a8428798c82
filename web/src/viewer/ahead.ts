/** Which tiles will be looked at next: those in the direction of a pan, then finer and coarser ones. */

import type { SlideFacts } from "../api/pixels";
import { type Point, viewCorners } from "./geometry";
import type { Look } from "./slideview";

/** A tile of the Deep Zoom pyramid. */
export interface TilePlace {
  level: number;
  column: number;
  row: number;
}

/** An upright box on the slide, in level-0 pixels. */
export interface SlideBox {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

type Pyramid = Pick<SlideFacts, "width" | "height" | "tileSize" | "maxLevel">;

/** The fewest screen pixels that a pixel of a tile may have before the next coarser level is shown. */
export const LEAST_PIXEL_RATIO = 0.6;

// How far ahead of a moving view tiles are asked for.
const AHEAD_MS = 350;
const MOST_SCREENS = 1;
const STILL_PX_PER_MS = 0.05;

/** Return the level that is shown at a zoom. `ratio`: device pixels per CSS pixel. */
export function levelShown({ maxLevel }: Pyramid, zoom: number, ratio = 1): number {
  const level = Math.floor(
    maxLevel - Math.log2(LEAST_PIXEL_RATIO) + Math.log2(zoom * ratio) + 1e-6,
  );
  return Math.min(maxLevel, Math.max(0, level));
}

/** Return the tiles of a level that touch a box, row by row. */
export function tilesIn(pyramid: Pyramid, level: number, box: SlideBox): TilePlace[] {
  const side = pyramid.tileSize * 2 ** (pyramid.maxLevel - level);
  const range = (from: number, to: number, most: number) => {
    const first = Math.floor(Math.max(0, from) / side);
    const last = Math.floor(Math.min(most - 1, to) / side);
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at);
  };
  const columns = range(box.left, box.right, pyramid.width);
  return range(box.top, box.bottom, pyramid.height).flatMap((row) =>
    columns.map((column) => ({ level, column, row })),
  );
}

/** Return the upright box around what a look shows. */
export function boxOf({ view, window: size }: Look): SlideBox {
  const corners = viewCorners(view, size);
  const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)];
  return {
    left: Math.min(...xs),
    top: Math.min(...ys),
    right: Math.max(...xs),
    bottom: Math.max(...ys),
  };
}

/** Return what comes into view when the view goes on as it does. `speed`: level-0 px per ms. */
export function tilesAhead(pyramid: Pyramid, look: Look, speed: Point, ratio = 1): TilePlace[] {
  const pxPerMs = Math.hypot(speed.x, speed.y) * look.zoom;
  if (pxPerMs < STILL_PX_PER_MS) return [];
  const level = levelShown(pyramid, look.zoom, ratio);
  const box = boxOf(look);
  const reach = (by: number, size: number) =>
    Math.sign(by) * Math.min(Math.abs(by) * AHEAD_MS, size * MOST_SCREENS);
  const [dx, dy] = [reach(speed.x, box.right - box.left), reach(speed.y, box.bottom - box.top)];
  const swept = {
    left: box.left + Math.min(0, dx),
    right: box.right + Math.max(0, dx),
    top: box.top + Math.min(0, dy),
    bottom: box.bottom + Math.max(0, dy),
  };
  return nearestFirst(pyramid, without(tilesIn(pyramid, level, swept), pyramid, box), look.view);
}

/**
 * Return what a view at rest may show next: the ring around it, what zooming in by two about a
 * place shows, and what zooming out shows.
 */
export function tilesAround(pyramid: Pyramid, look: Look, about: Point, ratio = 1): TilePlace[] {
  const level = levelShown(pyramid, look.zoom, ratio);
  const box = boxOf(look);
  const side = pyramid.tileSize * 2 ** (pyramid.maxLevel - level);
  const ring = without(tilesIn(pyramid, level, grown(box, side)), pyramid, box);
  const [width, height] = [box.right - box.left, box.bottom - box.top];
  const finer =
    level < pyramid.maxLevel
      ? tilesIn(pyramid, level + 1, {
          left: about.x - (about.x - box.left) / 2,
          right: about.x + (box.right - about.x) / 2,
          top: about.y - (about.y - box.top) / 2,
          bottom: about.y + (box.bottom - about.y) / 2,
        })
      : [];
  const wide = { left: box.left - width / 2, right: box.right + width / 2 };
  const tall = { top: box.top - height / 2, bottom: box.bottom + height / 2 };
  const coarser = level > 0 ? tilesIn(pyramid, level - 1, { ...wide, ...tall }) : [];
  return [
    ...nearestFirst(pyramid, finer, about),
    ...nearestFirst(pyramid, ring, look.view),
    ...nearestFirst(pyramid, coarser, look.view),
  ];
}

function grown({ left, top, right, bottom }: SlideBox, by: number): SlideBox {
  return { left: left - by, top: top - by, right: right + by, bottom: bottom + by };
}

function without(tiles: readonly TilePlace[], pyramid: Pyramid, box: SlideBox): TilePlace[] {
  const seen = new Set(tilesIn(pyramid, tiles[0]?.level ?? 0, box).map(nameOf));
  return tiles.filter((tile) => !seen.has(nameOf(tile)));
}

function nearestFirst(
  { tileSize, maxLevel }: Pyramid,
  tiles: readonly TilePlace[],
  centre: Point,
): TilePlace[] {
  const away = ({ level, column, row }: TilePlace) => {
    const side = tileSize * 2 ** (maxLevel - level);
    return Math.hypot((column + 0.5) * side - centre.x, (row + 0.5) * side - centre.y);
  };
  return [...tiles].sort((one, other) => away(one) - away(other));
}

/** The name by which OpenSeadragon's jobs and the shelf know a tile. */
export function nameOf({ level, column, row }: TilePlace): string {
  return `${level}/${column}/${row}`;
}
