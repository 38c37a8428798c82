/** Fetches the tiles that will be looked at next, while nothing that is looked at waits. */

import { effect, type ReadonlySignal } from "@preact/signals";
import type { SlideFacts } from "../api/pixels";
import { nameOf, type TilePlace, tilesAhead, tilesAround } from "./ahead";
import type { Point } from "./geometry";
import type { Look } from "./slideview";
import type { SupplyState } from "./supply";
import type { SlideTileSource } from "./tiles";

// Beside what is in view, which has browsers' six connections first.
const AT_ONCE_IDLE = 4;
const AT_ONCE_BUSY = 2;
const REST_MS = 120;
const MOST_AT_REST = 72;
// Speed is that over so long; a longer pause is a new movement.
const SPEED_OVER_MS = 80;

interface Seen {
  look: Look;
  at: number;
}

export class Foresight {
  readonly #look: ReadonlySignal<Look | null>;
  readonly #supply: ReadonlySignal<SupplyState>;
  readonly #cursor: ReadonlySignal<Point | null>;
  #slide: { facts: SlideFacts; source: SlideTileSource } | null = null;
  #seen: Seen[] = [];
  #queue: TilePlace[] = [];
  #underWay = 0;
  #rest = 0;
  readonly #stops: readonly (() => void)[];

  constructor(
    look: ReadonlySignal<Look | null>,
    supply: ReadonlySignal<SupplyState>,
    cursor: ReadonlySignal<Point | null>,
  ) {
    this.#look = look;
    this.#supply = supply;
    this.#cursor = cursor;
    this.#stops = [
      effect(() => this.#moved(this.#look.value)),
      effect(() => {
        if (this.#supply.value.isSharp) this.#work();
      }),
      // Where the pointer rests is where the next zoom goes to.
      effect(() => {
        if (this.#cursor.value) this.#restSoon();
      }),
    ];
  }

  end(): void {
    this.use(null);
    window.clearTimeout(this.#rest);
    for (const stop of this.#stops) stop();
  }

  /** Look ahead on another slide. */
  use(slide: { facts: SlideFacts; source: SlideTileSource } | null): void {
    this.#slide = slide;
    this.#seen = [];
    this.#queue = [];
  }

  #moved(look: Look | null): void {
    if (!look || !this.#slide) {
      window.clearTimeout(this.#rest);
      return;
    }
    const now = performance.now();
    this.#seen = [...this.#seen.filter(({ at }) => now - at < SPEED_OVER_MS), { look, at: now }];
    const speed = speedOf(this.#seen);
    // What was foreseen for the view before is no longer worth a connection.
    this.#queue = tilesAhead(this.#slide.facts, look, speed, window.devicePixelRatio);
    this.#work();
    this.#restSoon();
  }

  #restSoon(): void {
    window.clearTimeout(this.#rest);
    this.#rest = window.setTimeout(() => this.#rested(), REST_MS);
  }

  #rested(): void {
    const look = this.#look.peek();
    if (!look || !this.#slide) return;
    const about = this.#cursor.peek() ?? look.view;
    const around = tilesAround(this.#slide.facts, look, about, window.devicePixelRatio);
    this.#queue = around.slice(0, MOST_AT_REST);
    this.#work();
  }

  #work(): void {
    const most = this.#supply.peek().pending === 0 ? AT_ONCE_IDLE : AT_ONCE_BUSY;
    while (this.#underWay < most) {
      const tile = this.#queue.shift();
      if (!tile || !this.#slide) return;
      const fetched = this.#slide.source.foresee(nameOf(tile));
      if (!fetched) continue;
      this.#underWay += 1;
      void fetched.finally(() => {
        this.#underWay -= 1;
        this.#work();
      });
    }
  }
}

/** Return how fast the view moves, in level-0 pixels per ms; 0 while it is zoomed. */
function speedOf(seen: readonly Seen[]): Point {
  const [first, last] = [seen[0], seen.at(-1)];
  const still = { x: 0, y: 0 };
  if (!first || !last || first === last || first.look.zoom !== last.look.zoom) return still;
  const ms = Math.max(1, last.at - first.at);
  return {
    x: (last.look.view.x - first.look.view.x) / ms,
    y: (last.look.view.y - first.look.view.y) / ms,
  };
}
