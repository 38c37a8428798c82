/** Panning by held keys: a steady movement while any of them is down. */

import type { Point } from "./geometry";

const PX_PER_S = 900;
// After a pause of the browser the slide must not leap.
const LONGEST_FRAME_MS = 50;

export class HeldPan {
  readonly #panBy: (pixels: Point) => void;
  readonly #held = new Map<string, Point>();
  #frame = 0;

  /** `panBy` moves the view by CSS pixels, at once. */
  constructor(panBy: (pixels: Point) => void) {
    this.#panBy = panBy;
  }

  get isActive(): boolean {
    return this.#held.size > 0;
  }

  /** Move in a direction until it is released; several directions add up. */
  hold(name: string, direction: Point): void {
    if (this.#held.has(name)) return;
    this.#held.set(name, direction);
    if (this.#held.size === 1) this.#run(performance.now());
  }

  release(name: string): void {
    this.#held.delete(name);
    if (!this.isActive) cancelAnimationFrame(this.#frame);
  }

  releaseAll(): void {
    this.#held.clear();
    cancelAnimationFrame(this.#frame);
  }

  #run(since: number): void {
    this.#frame = requestAnimationFrame((now) => {
      const pixels = (PX_PER_S * Math.min(now - since, LONGEST_FRAME_MS)) / 1000;
      const sum = { x: 0, y: 0 };
      for (const direction of this.#held.values()) {
        sum.x += direction.x * pixels;
        sum.y += direction.y * pixels;
      }
      this.#panBy(sum);
      this.#run(now);
    });
  }
}
