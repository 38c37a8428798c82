/** Slides made ready: facts, the right to tiles and a whole-slide picture, kept for the next look. */

import { type Signal, signal } from "@preact/signals";
import { Failure, type FailureKind } from "../api/http";
import {
  fetchPicture,
  linkedGrant,
  picturePath,
  readFacts,
  readLinkedFacts,
  type SlideFacts,
  TileGrants,
  thumbnailUrl,
} from "../api/pixels";
import type { GrantSource } from "./tiles";

/** Names a slide: by its id in a study, or by a link to a file that belongs to none. */
export type SlideKey = number | { link: string };

/** A slide that can be shown at once. */
export interface ReadySlide {
  facts: SlideFacts;
  grants: GrantSource;
  /** The whole slide, first small, soon in about 1000 pixels; pinned under the tiles. */
  picture: Signal<HTMLImageElement>;
  /** What lies between tissue and the slide's edge. */
  ground: string;
}

// The longer sides of the whole-slide pictures: one to be quick, one to look at.
const QUICK_SIDE = 256;
const PINNED_SIDE = 1024;
/** What no other try mends. A session that is over is told elsewhere, and the slide stays. */
const LOST: readonly FailureKind[] = ["rights", "missing", "refused"];
// Each holds a picture of up to 4 MB.
const READY_SLIDES = 8;

export class SlideCache {
  readonly #onLost: (slideId: number, failure: Failure) => void;
  readonly #tileGrants = new TileGrants();
  readonly #facts = new Map<string, Promise<SlideFacts>>();
  readonly #ready = new Map<string, Promise<ReadySlide>>();

  /** `onLost` hears of slides that were shown, and that may not be seen any more or are gone. */
  constructor(onLost: (slideId: number, failure: Failure) => void = () => undefined) {
    this.#onLost = onLost;
  }

  /** Return a slide that can be shown; the newest few stay ready. */
  ready(key: SlideKey): Promise<ReadySlide> {
    const name = nameOf(key);
    const known = this.#ready.get(name);
    const asked = known ?? this.#make(key);
    this.#ready.delete(name);
    this.#ready.set(name, asked);
    if (!known) asked.catch(() => this.#ready.delete(name));
    const oldest = this.#ready.keys().next().value;
    if (this.#ready.size > READY_SLIDES && oldest !== undefined) this.#ready.delete(oldest);
    return asked;
  }

  /** Return where an `<img>` finds the small picture of a slide. */
  async thumbnail(slideId: number): Promise<string> {
    return thumbnailUrl(await this.#tileGrants.of(slideId));
  }

  facts(key: SlideKey): Promise<SlideFacts> {
    const name = nameOf(key);
    const known = this.#facts.get(name);
    if (known) return known;
    const asked = typeof key === "number" ? readFacts(key) : readLinkedFacts(key.link);
    this.#facts.set(name, asked);
    asked.catch(() => this.#facts.delete(name));
    return asked;
  }

  async #make(key: SlideKey): Promise<ReadySlide> {
    const grants = this.#grantsOf(key);
    const quick = grants.current().then((grant) => fetchPicture(picturePath(grant, QUICK_SIDE)));
    // Facts are the first to say what is wrong with a slide, and say it better.
    quick.catch(() => undefined);
    const facts = await this.facts(key);
    const picture = signal(await quick);
    const ground = facts.background ?? edgeColour(picture.value);
    if (Math.max(facts.width, facts.height) > QUICK_SIDE) {
      const grant = await grants.current();
      fetchPicture(picturePath(grant, PINNED_SIDE)).then(
        (finer) => {
          picture.value = finer;
        },
        // The quick one stays; the tiles themselves report what is wrong.
        () => undefined,
      );
    }
    return { facts, grants, picture, ground };
  }

  #grantsOf(key: SlideKey): GrantSource {
    if (typeof key !== "number") {
      const grant = linkedGrant(key.link);
      return { current: async () => grant, renew: async () => grant };
    }
    return {
      current: () => this.#tileGrants.of(key),
      renew: async (lapsed) => {
        this.#tileGrants.drop(lapsed);
        try {
          return await this.#tileGrants.of(key);
        } catch (error) {
          if (error instanceof Failure && LOST.includes(error.kind)) this.#lose(key, error);
          throw error;
        }
      },
    };
  }

  #lose(key: number, failure: Failure): void {
    this.#ready.delete(nameOf(key));
    this.#facts.delete(nameOf(key));
    this.#onLost(key, failure);
  }
}

function nameOf(key: SlideKey): string {
  return typeof key === "number" ? String(key) : `link ${key.link}`;
}

/** Return the median colour along a picture's edge: glass, on nearly every slide. */
function edgeColour(picture: HTMLImageElement): string {
  const canvas = document.createElement("canvas");
  canvas.width = picture.naturalWidth;
  canvas.height = picture.naturalHeight;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context?.drawImage(picture, 0, 0);
  const data = context?.getImageData(0, 0, canvas.width, canvas.height).data;
  return data ? medianEdgeColour(data, canvas.width, canvas.height) : "#ffffff";
}

/** Return the median of each channel over the outermost pixels of an RGBA picture. */
export function medianEdgeColour(data: Uint8ClampedArray, width: number, height: number): string {
  const edge: number[] = [];
  for (let x = 0; x < width; x += 1) edge.push(x, (height - 1) * width + x);
  for (let y = 0; y < height; y += 1) edge.push(y * width, y * width + width - 1);
  const median = (channel: number) => {
    const values = edge.map((pixel) => data[pixel * 4 + channel] ?? 255).sort((a, b) => a - b);
    return values[values.length >> 1] ?? 255;
  };
  return `rgb(${median(0)} ${median(1)} ${median(2)})`;
}
