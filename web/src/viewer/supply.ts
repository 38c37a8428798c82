/** The supply of tiles: how many are on their way, and those that failed, asked for again. */

import { type ReadonlySignal, signal } from "@preact/signals";
import OpenSeadragon from "openseadragon";

export interface SupplyState {
  /** Everything in view is at full detail. */
  isSharp: boolean;
  pending: number;
  /** Tiles that did not come after every try. */
  missing: number;
  isOffline: boolean;
}

const silent = () => undefined;
const SILENCE = {
  log: silent,
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
  assert: silent,
};

const RETRY_AFTER_MS: readonly number[] = [500, 2000, 8000];
// A server that is away for longer: all that is missing is asked for again, less and less often.
const FIRST_ROUND_MS = 15_000;
const LAST_ROUND_MS = 240_000;

export class Supply {
  readonly #state = signal<SupplyState>({
    isSharp: false,
    pending: 0,
    missing: 0,
    isOffline: false,
  });
  readonly #viewer: OpenSeadragon.Viewer;
  readonly #tries = new WeakMap<OpenSeadragon.Tile, number>();
  /** Failed, and to be asked for again soon. */
  #waiting = new Set<OpenSeadragon.Tile>();
  #missing = new Set<OpenSeadragon.Tile>();
  #item: OpenSeadragon.TiledImage | null = null;
  #isCounting = false;
  #round = 0;
  #roundMs = FIRST_ROUND_MS;
  readonly #over = new AbortController();

  constructor(viewer: OpenSeadragon.Viewer) {
    this.#viewer = viewer;
    // It reports each failed tile there; here the status line does.
    Object.assign(OpenSeadragon, { console: SILENCE });
    viewer.addHandler("tile-load-failed", (event) => this.#failed(event.tile));
    viewer.addHandler("tile-loaded", (event) => {
      this.#missing.delete(event.tile);
      this.#roundMs = FIRST_ROUND_MS;
      this.#count();
    });
    viewer.addHandler("update-viewport", () => this.#count());
    const { signal } = this.#over;
    window.addEventListener("online", () => this.retry(), { signal });
    window.addEventListener("offline", () => this.#count(), { signal });
  }

  /** Hear of the network no more. */
  end(): void {
    this.#over.abort();
    window.clearTimeout(this.#round);
  }

  get state(): ReadonlySignal<SupplyState> {
    return this.#state;
  }

  /** Count for another slide. */
  watch(item: OpenSeadragon.TiledImage | null): void {
    this.#item = item;
    this.#missing = new Set();
    this.#waiting = new Set();
    item?.addHandler("fully-loaded-change", () => this.#count());
    this.#count();
  }

  /** Ask again for every missing tile, from the start. */
  retry(): void {
    for (const tile of this.#missing) {
      this.#tries.delete(tile);
      this.#askAgain(tile);
    }
    this.#missing = new Set();
    this.#count();
  }

  #failed(tile: OpenSeadragon.Tile): void {
    const tries = this.#tries.get(tile) ?? 0;
    this.#tries.set(tile, tries + 1);
    const delay = RETRY_AFTER_MS[tries];
    if (delay === undefined) {
      this.#missing.add(tile);
      this.#askLater();
    } else {
      this.#waiting.add(tile);
      window.setTimeout(() => this.#askAgain(tile), delay);
    }
    this.#count();
  }

  #askLater(): void {
    if (this.#round !== 0) return;
    this.#round = window.setTimeout(() => {
      this.#round = 0;
      this.#roundMs = Math.min(LAST_ROUND_MS, 2 * this.#roundMs);
      this.retry();
    }, this.#roundMs);
  }

  #askAgain(tile: OpenSeadragon.Tile): void {
    // OpenSeadragon takes a failed tile for one that does not exist, and looks for tiles to ask for
    // only when the view has changed.
    tile.exists = true;
    this.#waiting.delete(tile);
    this.#item?.update(true);
    this.#viewer.forceRedraw();
  }

  /** Count once per frame: tiles arrive in bursts. */
  #count(): void {
    if (this.#isCounting) return;
    this.#isCounting = true;
    requestAnimationFrame(() => {
      this.#isCounting = false;
      const loader = this.#viewer.imageLoader;
      const underWay = loader.jobsInProgress + loader.jobQueue.length;
      const pending = this.#item ? underWay + this.#waiting.size : 0;
      const next = {
        isSharp:
          pending === 0 && this.#missing.size === 0 && (this.#item?.getFullyLoaded() ?? false),
        pending,
        missing: this.#missing.size,
        isOffline: !navigator.onLine,
      };
      const now = this.#state.peek();
      const isSame =
        now.isSharp === next.isSharp &&
        now.pending === next.pending &&
        now.missing === next.missing &&
        now.isOffline === next.isOffline;
      if (!isSame) this.#state.value = next;
    });
  }
}
