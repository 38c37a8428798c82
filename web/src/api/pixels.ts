/** Pixels: what a slide measures, the right to its tiles, and where each tile is. */

import { ask, askPath, Failure, fetchBlob, isObject, type Json, number, root, text } from "./http";

export interface Level {
  width: number;
  height: number;
  downsample: number;
}

/** What the file says about itself. Widths and heights are level-0 pixels, mpp is µm per pixel. */
export interface SlideFacts {
  name: string;
  width: number;
  height: number;
  tileSize: number;
  /** The finest Deep Zoom level; level 0 is one pixel. */
  maxLevel: number;
  mpp: number | null;
  /** What the file states although no scanner could have meant it; null when `mpp` is used. */
  doubtfulMpp: number | null;
  objectivePower: number | null;
  background: string | null;
  levels: Level[];
  /** Names of further pictures in the file: label, macro, thumbnail. */
  pictures: readonly string[];
}

/** The right to one slide's tiles: the path they lie under. */
export interface TileGrant {
  base: string;
  /** The half that the browser sends as a cookie; null for links that need none. */
  cookiePart: string | null;
  /** Whether the server wants tiles shown in sRGB, turned by each slide's own profile. */
  inSrgb?: boolean;
}

// Slides are scanned at 0.1 to 1 µm/px and overviews at up to 30. Files without a real resolution
// read as 264 (72 dpi), 1000 or 10000 µm/px, from which a scale bar would be wrong by far.
const SMALLEST_MPP = 0.01;
const LARGEST_MPP = 100;

// Twice the width of a slide in the strip, for screens with small pixels.
const THUMBNAIL_SIDE = 256;

export async function readFacts(slideId: number): Promise<SlideFacts> {
  const reply = await ask("GetImageMetadata", { imageId: slideId });
  return parseFacts(isObject(reply) ? reply.metadata : null);
}

export async function readLinkedFacts(link: string): Promise<SlideFacts> {
  const reply = await askPath(`/i/0/${encodeURIComponent(link)}/metadata.json`);
  return parseFacts(isObject(reply) && isObject(reply.metadata) ? reply.metadata : reply);
}

/** Read the metadata of a slide, in the names of the wire. */
export function parseFacts(metadata: Json | undefined): SlideFacts {
  if (!isObject(metadata)) throw new Failure("server", "");
  const width = number(metadata.level0Width) ?? 0;
  const height = number(metadata.level0Height) ?? 0;
  const tileSize = number(metadata.osdTileSize) ?? 0;
  if (width < 1 || height < 1 || tileSize < 1) throw new Failure("server", "");
  const stated = number(metadata.mppX);
  const isCredible = stated !== null && stated >= SMALLEST_MPP && stated <= LARGEST_MPP;
  const power = number(metadata.objectivePower);
  return {
    name: text(metadata.fileName),
    width,
    height,
    tileSize,
    maxLevel: Math.ceil(Math.log2(Math.max(width, height))),
    mpp: isCredible ? stated : null,
    doubtfulMpp: isCredible || !stated ? null : stated,
    objectivePower: power !== null && power > 0 ? power : null,
    background: colour(text(metadata.backgroundColor)),
    levels: parseLevels(metadata.levelWidths, metadata.levelHeights, metadata.downsamples),
    pictures: Array.isArray(metadata.associatedImages)
      ? metadata.associatedImages.map(text).filter(Boolean)
      : [],
  };
}

function parseLevels(
  widths: Json | undefined,
  heights: Json | undefined,
  scales: Json | undefined,
): Level[] {
  if (!Array.isArray(widths) || !Array.isArray(heights)) return [];
  return widths.flatMap((value, index) => {
    const width = number(value);
    const height = number(heights[index]);
    const downsample = Array.isArray(scales) ? number(scales[index]) : null;
    return width && height ? [{ width, height, downsample: downsample ?? 1 }] : [];
  });
}

function colour(value: string): string | null {
  const digits = value.replace(/^#/, "");
  return /^[0-9a-f]{6}$/i.test(digits) ? `#${digits}` : null;
}

export function tilePath(grant: TileGrant, level: number, column: number, row: number): string {
  const query = grant.inSrgb ? "?icc=srgb" : "";
  return `${grant.base}/i_files/${level}/${column}_${row}.jpeg${query}`;
}

/** The path of a picture of the whole slide, whose longer side has so many pixels. */
export function picturePath(grant: TileGrant, side: number): string {
  return `${grant.base}/thumbnail.jpeg?size=${side}`;
}

/** Where an `<img>` finds a small picture of the whole slide. */
export function thumbnailUrl(grant: TileGrant): string {
  return root + picturePath(grant, THUMBNAIL_SIDE);
}

/** Fetch a picture, decoded; a fetch rather than an `<img>` tells why it did not come. */
export async function fetchPicture(path: string, signal?: AbortSignal): Promise<HTMLImageElement> {
  const url = URL.createObjectURL(await fetchBlob(path, signal));
  const image = new Image();
  image.src = url;
  try {
    await image.decode();
  } catch {
    throw new Failure("server", "");
  } finally {
    URL.revokeObjectURL(url);
  }
  return image;
}

/** The right to the slide behind a link, which is part of its path. */
export function linkedGrant(link: string): TileGrant {
  return { base: `/i/0/${encodeURIComponent(link)}`, cookiePart: null };
}

/**
 * Asks for the right to each slide's tiles, once, and again when the server let it lapse.
 *
 * All slides share one cookie, which the server makes on the first request and replaces when it
 * grows old. Two first requests at the same time would each be given a cookie, and the tiles of
 * one of them would be refused; so the first goes alone.
 */
export class TileGrants {
  #cookiePart: string | null = null;
  #first: Promise<unknown> | null = null;
  readonly #grants = new Map<number, Promise<TileGrant>>();

  /** Return the right to a slide's tiles. */
  async of(slideId: number): Promise<TileGrant> {
    const known = this.#grants.get(slideId);
    if (known) {
      const grant = await known;
      if (grant.cookiePart === this.#cookiePart) return grant;
      // Another request has replaced the cookie that this one belongs to.
      if (this.#grants.get(slideId) === known) this.#grants.delete(slideId);
    }
    const asked = this.#grants.get(slideId) ?? this.#ask(slideId);
    this.#grants.set(slideId, asked);
    asked.catch(() => this.#grants.delete(slideId));
    return asked;
  }

  /** Forget a right that the server no longer takes. */
  drop(lapsed: TileGrant): void {
    if (lapsed.cookiePart !== this.#cookiePart) return;
    this.#cookiePart = null;
    this.#first = null;
  }

  async #ask(slideId: number): Promise<TileGrant> {
    if (this.#cookiePart === null && this.#first) await this.#first.catch(() => undefined);
    const asked = this.#request(slideId);
    if (this.#cookiePart === null) this.#first = asked;
    return asked;
  }

  async #request(slideId: number): Promise<TileGrant> {
    const reply = await ask("GetTileServer", { imageId: slideId });
    if (!isObject(reply)) throw new Failure("server", "");
    this.#cookiePart = text(reply.cookiePart);
    const base = `/i/${slideId}/${text(reply.urlPart)}`;
    return { base, cookiePart: this.#cookiePart, inSrgb: reply.icc === "srgb" };
  }
}
