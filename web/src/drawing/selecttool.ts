/** Select: takes hold of shapes and their corners. */

import type { Point } from "../viewer/geometry";
import { addCorner, betweensOf, handlesOf, moveBy, moveHandle, removeCorner } from "./handles";
import { distance } from "./outline";
import type { Geometry, Shape } from "./shapes";
import { type Draft, type Press, REACH_PX, type Tool } from "./tool";

export interface SelectRules {
  /** The selected shape, where it may be changed. */
  selected: () => Shape | null;
  /** Select what is at a place; tells whether there is anything, and whether it may be changed. */
  pick: (at: Point, reach: number) => "nothing" | "fixed" | "free";
  change: (geometry: Geometry, how: "moved" | "edited") => void;
}

const MOVED_PX = 3;
/** More corners than this are too close to be taken hold of. */
export const MOST_HANDLES = 400;

interface Hold {
  start: Point;
  before: Geometry;
  /** Corner that is dragged; null: the whole shape. */
  handle: number | null;
}

export class SelectTool implements Tool {
  readonly #rules: SelectRules;
  #hold: Hold | null = null;
  #now: Geometry | null = null;

  constructor(rules: SelectRules) {
    this.#rules = rules;
  }

  /** The shape as it is dragged; it stands in the place of the selected one. */
  get draft(): Draft | null {
    return this.#now && { is: "shape", geometry: this.#now, corners: [] };
  }

  down(press: Press): boolean {
    const shape = this.#rules.selected();
    if (shape && this.#takesCorner(shape.geometry, press)) return true;
    const found = this.#rules.pick(press.at, REACH_PX / press.zoom);
    const picked = this.#rules.selected();
    if (found === "free" && picked) {
      this.#hold = { start: press.at, before: picked.geometry, handle: null };
    }
    return found === "free";
  }

  move({ at, zoom }: Press, isDown: boolean): void {
    const hold = this.#hold;
    if (!isDown || !hold) return;
    if (!this.#now && distance(hold.start, at) * zoom < MOVED_PX) return;
    const by = { x: at.x - hold.start.x, y: at.y - hold.start.y };
    this.#now =
      hold.handle === null ? moveBy(hold.before, by) : moveHandle(hold.before, hold.handle, at);
  }

  up(press: Press): void {
    this.move(press, true);
    const [hold, now] = [this.#hold, this.#now];
    this.cancel();
    if (hold && now) this.#rules.change(now, hold.handle === null ? "moved" : "edited");
  }

  finish(): void {}

  back(): void {}

  cancel(): void {
    this.#hold = null;
    this.#now = null;
  }

  revive(): boolean {
    return false;
  }

  /** Take hold of a corner, make one where there is room, or with Alt take one away. */
  #takesCorner(geometry: Geometry, { at, zoom, alt }: Press): boolean {
    const reach = REACH_PX / zoom;
    const corners = handlesOf(geometry);
    if (corners.length > MOST_HANDLES) return false;
    const index = corners.findIndex((corner) => distance(corner, at) <= reach);
    if (index >= 0 && alt) {
      this.#rules.change(removeCorner(geometry, index), "edited");
      return true;
    }
    if (index >= 0) {
      this.#hold = { start: at, before: geometry, handle: index };
      return true;
    }
    const between = betweensOf(geometry).find((place) => distance(place.at, at) <= reach);
    if (!between) return false;
    const more = addCorner(geometry, between.index, at);
    this.#hold = { start: at, before: more, handle: between.index };
    this.#now = more;
    return true;
  }
}
