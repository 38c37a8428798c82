/** How fast bytes go, as a mean over the last seconds that does not jump. */

const HALF_LIFE_MS = 3000;

export class Speed {
  #rate = 0;
  #weight = 0;
  #last: { bytes: number; at: number } | null = null;

  /** Note how many bytes have gone by now; return bytes per second. */
  note(bytes: number, at: number): number {
    const last = this.#last;
    if (last && at - last.at < 100) return this.now;
    this.#last = { bytes, at };
    if (!last || bytes < last.bytes) return this.now;
    const passed = at - last.at;
    const keep = 0.5 ** (passed / HALF_LIFE_MS);
    const rate = ((bytes - last.bytes) * 1000) / passed;
    this.#rate = this.#rate * keep + rate * (1 - keep);
    this.#weight = this.#weight * keep + (1 - keep);
    return this.now;
  }

  /** Forget what was before, as after a pause. */
  reset(): void {
    this.#rate = 0;
    this.#weight = 0;
    this.#last = null;
  }

  get now(): number {
    return this.#weight === 0 ? 0 : this.#rate / this.#weight;
  }
}

/** Write how long something takes: 6 s, 4 min, 1 h 20 min. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
