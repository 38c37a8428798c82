/** Brightness, contrast and gamma of what is shown: for the eye alone, slide by slide. */

import { computed, signal } from "@preact/signals";

export interface Adjustment {
  /** Added to each channel, as a share of full scale: −0.5 to 0.5. */
  brightness: number;
  /** Slope about middle grey: 0.5 to 2. */
  contrast: number;
  /** Exponent's inverse: 0.5 to 2; above 1 lightens. */
  gamma: number;
}

export const UNCHANGED: Adjustment = { brightness: 0, contrast: 1, gamma: 1 };

export class Adjust {
  readonly values = signal<Adjustment>(UNCHANGED);
  readonly isOpen = signal(false);
  readonly #bySlide = new Map<number, Adjustment>();
  #slideId = 0;

  readonly isAdjusted = computed(() => {
    const { brightness, contrast, gamma } = this.values.value;
    return brightness !== 0 || contrast !== 1 || gamma !== 1;
  });

  set(change: Partial<Adjustment>): void {
    this.values.value = { ...this.values.value, ...change };
  }

  /** Take up how another slide was adjusted while this page was open. */
  turnTo(slideId: number): void {
    this.#bySlide.set(this.#slideId, this.values.peek());
    this.#slideId = slideId;
    this.values.value = this.#bySlide.get(slideId) ?? UNCHANGED;
  }

  reset(): void {
    this.values.value = UNCHANGED;
  }
}

/** Return slope and intercept of the line that brightness and contrast make together. */
export function lineOf({ brightness, contrast }: Adjustment): { slope: number; intercept: number } {
  return { slope: contrast, intercept: 0.5 - 0.5 * contrast + brightness };
}
