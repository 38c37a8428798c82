/** The three rows of an H-score: what they hold while they are filled, and which one digits fill. */

import { signal } from "@preact/signals";
import type { HScoreParts } from "./answering";

export interface Rows {
  parts: HScoreParts;
  /** The row that the next digit fills. */
  row: 0 | 1 | 2;
}

const EMPTY: Rows = { parts: [0, 0, 0], row: 0 };

export class HScoreRows {
  // The score alone is an answer: another slide or core begins with empty rows.
  readonly #rows = signal<ReadonlyMap<string, Rows>>(new Map());

  of(question: string): Rows {
    return this.#rows.value.get(question) ?? EMPTY;
  }

  /** Put per cents into a row; the next one comes after it. */
  fill(question: string, row: number, percent: number): Rows {
    const [a, b, c] = this.of(question).parts;
    const parts: HScoreParts = [
      row === 0 ? percent : a,
      row === 1 ? percent : b,
      row === 2 ? percent : c,
    ];
    const filled: Rows = { parts, row: row === 0 ? 1 : 2 };
    this.#rows.value = new Map(this.#rows.value).set(question, filled);
    return filled;
  }

  clear(question: string): void {
    const rows = new Map(this.#rows.value);
    rows.delete(question);
    this.#rows.value = rows;
  }

  clearAll(): void {
    this.#rows.value = new Map();
  }
}
