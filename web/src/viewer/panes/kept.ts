/** How pairs of slides were laid over each other by hand, for as long as the browser's tab is open. */

import { inverted, type Placing } from "./alignment";

/** How one slide lies on the level-0 pixels of another one. */
export interface Relation {
  placing: Placing;
  /** By places that were matched, not by eye. */
  isByPoints: boolean;
}

const NAME = "coverslip-aligned";
const MOST_PAIRS = 200;

/** Slide below, slide above, scale, angle, x and y of the offset, and 1 when by points. */
type Row = readonly [number, number, number, number, number, number, number];

export class KeptRelations {
  #rows: readonly Row[] = readRows();

  /** Return how a slide was laid on a first one; null where nobody did. */
  of(first: number, other: number): Relation | null {
    const row = this.#rows.find((each) => isOf(each, first, other));
    if (!row) return null;
    const [below, , scale, angle, x, y, byPoints] = row;
    const placing = { scale, angle, offset: { x, y } };
    return {
      placing: below === first ? placing : inverted(placing),
      isByPoints: byPoints === 1,
    };
  }

  /** Keep a relation, or with null forget it. */
  keep(first: number, other: number, relation: Relation | null): void {
    const others = this.#rows.filter((row) => !isOf(row, first, other));
    if (relation) {
      const { scale, angle, offset } = relation.placing;
      const byPoints = relation.isByPoints ? 1 : 0;
      others.push([first, other, scale, angle, offset.x, offset.y, byPoints]);
    }
    this.#rows = others.slice(-MOST_PAIRS);
    try {
      sessionStorage.setItem(NAME, JSON.stringify(this.#rows));
    } catch {
      // A store that is full or forbidden: the slides lie as they were laid until the page is left.
    }
  }
}

function readRows(): Row[] {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(NAME) ?? "[]");
    return Array.isArray(found) ? found.filter(isRow) : [];
  } catch {
    return [];
  }
}

function isOf([below, above]: Row, one: number, other: number): boolean {
  return (below === one && above === other) || (below === other && above === one);
}

function isRow(value: unknown): value is Row {
  const isListed = Array.isArray(value) && value.length === 7 && value.every(Number.isFinite);
  return isListed && (value[2] as number) > 0;
}
