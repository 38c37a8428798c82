/** Rectangle and ellipse: dragged from corner to corner, or with Alt from the centre. */

import type { Point } from "../viewer/geometry";
import { rectBetween } from "./handles";
import type { Geometry } from "./shapes";
import { type Draft, type Given, LEAST_PX, type Press, type Tool } from "./tool";

export class BoxTool implements Tool {
  readonly #kind: "rect" | "ellipse";
  readonly #give: Given;
  #start: Point | null = null;
  #end: Point | null = null;
  #isCentred = false;

  constructor(kind: "rect" | "ellipse", give: Given) {
    this.#kind = kind;
    this.#give = give;
  }

  get draft(): Draft | null {
    const geometry = this.#shape();
    return geometry && { is: "shape", geometry, corners: [] };
  }

  down({ at, alt }: Press): boolean {
    this.#start = at;
    this.#end = null;
    this.#isCentred = alt;
    return true;
  }

  move(press: Press, isDown: boolean): void {
    if (isDown && this.#start) this.#end = press.shift ? squared(this.#start, press.at) : press.at;
  }

  up(press: Press): void {
    this.move(press, true);
    const geometry = this.#shape();
    const [start, end] = [this.#start, this.#end];
    this.cancel();
    if (!geometry || !start || !end) return;
    const least = Math.min(Math.abs(start.x - end.x), Math.abs(start.y - end.y));
    if (least * press.zoom >= LEAST_PX) this.#give(geometry);
  }

  finish(): void {}

  back(): void {
    this.cancel();
  }

  cancel(): void {
    this.#start = null;
    this.#end = null;
  }

  revive(): boolean {
    return false;
  }

  #shape(): Geometry | null {
    const [start, end] = [this.#start, this.#end];
    if (!start || !end) return null;
    const across = this.#isCentred ? { x: 2 * start.x - end.x, y: 2 * start.y - end.y } : start;
    const rect = rectBetween(across, end);
    if (this.#kind === "rect" || rect.kind !== "rect") return rect;
    const radii = { x: rect.size.x / 2, y: rect.size.y / 2 };
    const center = { x: rect.corner.x + radii.x, y: rect.corner.y + radii.y };
    return { kind: "ellipse", center, radii };
  }
}

function squared(start: Point, { x, y }: Point): Point {
  const side = Math.max(Math.abs(x - start.x), Math.abs(y - start.y));
  return {
    x: start.x + side * (x < start.x ? -1 : 1),
    y: start.y + side * (y < start.y ? -1 : 1),
  };
}
