/** What was answered in this window, to be taken back and done again across slides. */

import type { Subject } from "./versions";

export interface Deed {
  subject: Subject;
  question: string;
  before: string;
  after: string;
}

const MOST_DEEDS = 200;

export class Deeds {
  readonly #done: Deed[] = [];
  readonly #undone: Deed[] = [];

  add(deed: Deed): void {
    this.#done.push(deed);
    if (this.#done.length > MOST_DEEDS) this.#done.shift();
    this.#undone.length = 0;
  }

  /** Take one deed back, or do it again; returns it, or undefined when there is none. */
  turn(direction: "back" | "again"): Deed | undefined {
    const [from, to] =
      direction === "back" ? [this.#done, this.#undone] : [this.#undone, this.#done];
    const deed = from.pop();
    if (deed) to.push(deed);
    return deed;
  }
}
