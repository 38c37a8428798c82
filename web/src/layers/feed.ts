/** Supplies one layer with what lies in view: one question at a time, and the newest wins. */

import type { Box } from "../drawing/outline";

export interface Piece {
  box: Box;
  /** Deep Zoom level. */
  level: number;
}

const AGAIN_AFTER_MS: readonly number[] = [1000, 4000, 15_000];

export class Feed {
  readonly #fetch: (piece: Piece) => Promise<ArrayBuffer>;
  readonly #give: (bytes: ArrayBuffer) => void;
  #held: Piece | null = null;
  #next: { seen: Piece; asked: Piece } | null = null;
  #isBusy = false;
  #failures = 0;
  #isOver = false;

  constructor(fetch: (piece: Piece) => Promise<ArrayBuffer>, give: (bytes: ArrayBuffer) => void) {
    this.#fetch = fetch;
    this.#give = give;
  }

  /** See to it that what is seen is here; `asked` holds more, so that a little pan needs nothing. */
  want(seen: Piece, asked: Piece): void {
    if (this.#isOver) return;
    this.#next = isWithin(seen, this.#held) ? null : { seen, asked };
    if (this.#next && !this.#isBusy) void this.#run();
  }

  end(): void {
    this.#isOver = true;
    this.#next = null;
  }

  async #run(): Promise<void> {
    this.#isBusy = true;
    while (this.#next && !this.#isOver) {
      const { asked } = this.#next;
      this.#next = null;
      try {
        const bytes = await this.#fetch(asked);
        if (this.#isOver) break;
        this.#failures = 0;
        this.#held = asked;
        this.#give(bytes);
      } catch {
        this.#later(asked);
      }
      const next = this.#next as { seen: Piece } | null;
      if (next && isWithin(next.seen, this.#held)) this.#next = null;
    }
    this.#isBusy = false;
  }

  /** A network that fails is tried again; what was here stays meanwhile. */
  #later(asked: Piece): void {
    const delay = AGAIN_AFTER_MS[this.#failures];
    this.#failures += 1;
    if (delay === undefined) return;
    window.setTimeout(() => {
      if (!this.#isBusy) this.want(this.#next?.seen ?? asked, this.#next?.asked ?? asked);
    }, delay);
  }
}

/** Tell whether a piece holds all that another shows, as finely. */
export function isWithin(seen: Piece, held: Piece | null): boolean {
  if (!held || held.level !== seen.level) return false;
  const { left, top, right, bottom } = held.box;
  const { box } = seen;
  return box.left >= left && box.top >= top && box.right <= right && box.bottom <= bottom;
}

/** Return the Deep Zoom level at which one pixel is about one of the screen. */
export function levelFor(zoom: number, ratio: number, maxLevel: number): number {
  // A little coarser than the screen is not seen, and half as much to send.
  const level = maxLevel + Math.ceil(Math.log2(zoom * ratio) - 0.35);
  return Math.min(maxLevel, Math.max(0, level));
}
