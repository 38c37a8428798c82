/** Polygon, polyline, freehand and measure: lines of clicked and drawn corners. */

import type { Point } from "../viewer/geometry";
import { distance, simplify } from "./outline";
import type { Geometry, Ring } from "./shapes";
import { type Draft, type Given, LEAST_PX, type Press, REACH_PX, type Tool } from "./tool";

export interface LineRules {
  isClosed: boolean;
  /** It ends when the pointer is let go. */
  isFree: boolean;
  /** It ends with this many corners. */
  most: number;
}

const CLOSED = { isClosed: true, isFree: false, most: Infinity };
export const POLYGON: LineRules = CLOSED;
export const FREEHAND: LineRules = { ...CLOSED, isFree: true };
export const POLYLINE: LineRules = { ...CLOSED, isClosed: false };
export const MEASURE: LineRules = { isClosed: false, isFree: false, most: 2 };

/** Drawn, not clicked: so far does the pointer go between two corners, in CSS pixels. */
const STEP_PX = 2;
const THINNED_PX = 0.6;
const DRAGGED_PX = 6;

export class LineTool implements Tool {
  readonly #rules: LineRules;
  readonly #give: Given;
  #points: Point[] = [];
  /** How many corners there were before the stroke that is being drawn. */
  #before = 0;
  #end: Point | null = null;
  #zoom = 1;
  #dropped: Point[] = [];

  constructor(rules: LineRules, give: Given) {
    this.#rules = rules;
    this.#give = give;
  }

  get draft(): Draft | null {
    if (this.#points.length === 0) return null;
    const line = this.#end ? [...this.#points, this.#end] : this.#points;
    return { is: "shape", geometry: this.#shape(line), corners: this.#corners() };
  }

  down(press: Press): boolean {
    this.#zoom = press.zoom;
    this.#dropped = [];
    const at = this.#straight(press);
    const [first] = this.#points;
    const last = this.#points.at(-1);
    const reach = REACH_PX / press.zoom;
    if (press.isDouble && last && distance(last, at) < reach) this.finish();
    else if (this.#closesAt(first, at, reach)) this.finish();
    else {
      this.#before = this.#points.length;
      this.#points.push(at);
      this.#end = null;
      if (this.#points.length >= this.#rules.most) this.finish();
    }
    return true;
  }

  move(press: Press, isDown: boolean): void {
    this.#zoom = press.zoom;
    const last = this.#points.at(-1);
    if (!last) return;
    const at = this.#straight(press);
    const isLine = this.#rules.most < Infinity;
    if (isDown && !isLine && distance(last, at) * press.zoom >= STEP_PX) this.#points.push(at);
    this.#end = isDown && !isLine ? null : at;
  }

  up(press: Press): void {
    const drawn = this.#points.slice(this.#before);
    if (drawn.length > 1) {
      const thinned = simplify(drawn, THINNED_PX / press.zoom);
      this.#points = [...this.#points.slice(0, this.#before), ...thinned];
    }
    const [first] = this.#points;
    const at = this.#straight(press);
    const isDragged = first && distance(first, at) * press.zoom > DRAGGED_PX;
    if (this.#rules.isFree) this.finish();
    else if (this.#rules.most === 2 && isDragged && this.#points.length === 1) {
      this.#points.push(at);
      this.finish();
    }
  }

  finish(): void {
    const fewest = this.#rules.isClosed ? 3 : 2;
    const points = this.#points;
    this.#clear();
    if (points.length < fewest || spread(points) * this.#zoom < LEAST_PX) return;
    this.#give(this.#shape(points));
  }

  back(): void {
    this.#points.pop();
    if (this.#points.length === 0) this.#end = null;
  }

  cancel(): void {
    this.#dropped = this.#points;
    this.#clear();
  }

  revive(): boolean {
    if (this.#dropped.length === 0) return false;
    this.#points = this.#dropped;
    this.#dropped = [];
    return true;
  }

  #clear(): void {
    this.#points = [];
    this.#end = null;
    this.#before = 0;
  }

  #closesAt(first: Point | undefined, at: Point, reach: number): boolean {
    if (!first || !this.#rules.isClosed || this.#points.length < 3) return false;
    return distance(first, at) < reach;
  }

  #shape(points: Ring): Geometry {
    const isArea = this.#rules.isClosed && points.length > 2;
    return { kind: isArea ? "polygon" : "polyline", points };
  }

  /** Corners that were set; those of a line that was drawn would hide it. */
  #corners(): Ring {
    return this.#rules.isFree || this.#points.length > 200 ? [] : this.#points;
  }

  /** With Shift in steps of 45° from the corner before. */
  #straight({ at, shift }: Press): Point {
    const last = this.#points.at(-1);
    if (!shift || !last || this.#rules.isFree) return at;
    const [dx, dy] = [at.x - last.x, at.y - last.y];
    const angle = (Math.round(Math.atan2(dy, dx) / (Math.PI / 4)) * Math.PI) / 4;
    const length = dx * Math.cos(angle) + dy * Math.sin(angle);
    return { x: last.x + length * Math.cos(angle), y: last.y + length * Math.sin(angle) };
  }
}

function spread(points: Ring): number {
  const [first] = points;
  return first ? Math.max(...points.map((point) => distance(first, point))) : 0;
}
