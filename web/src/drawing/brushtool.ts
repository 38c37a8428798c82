/** Brush and eraser: strokes that are joined with a shape, or cut out of the shapes they cross. */

import type { Point } from "../viewer/geometry";
import { areaOfShape, brushOf, isTouching, join, strokeArea, subtract } from "./clipping";
import type { Group } from "./group";
import { distance } from "./outline";
import type { Geometry } from "./shapes";
import type { Draft, Press, Tool } from "./tool";

export interface BrushRules {
  erases: boolean;
  /** Diameter in CSS pixels: closer looks brush finer. */
  sizePx: () => number;
  keepsHoles: () => boolean;
  group: () => Group | null;
  selected: () => number | null;
  /** Put shapes in the places of others, or take them away; place -1 is a new one. */
  change: (changes: ReadonlyMap<number, Geometry | null>, erases: boolean) => void;
}

const STEP_PX = 1.5;
const TOLERANCE_PX = 0.5;

export class BrushTool implements Tool {
  readonly #rules: BrushRules;
  #line: Point[] = [];
  #erases = false;
  #radius = 0;

  constructor(rules: BrushRules) {
    this.#rules = rules;
  }

  get draft(): Draft | null {
    if (this.#line.length === 0) return null;
    return { is: "stroke", line: this.#line, radius: this.#radius, erases: this.#erases };
  }

  down({ at, zoom, alt }: Press): boolean {
    this.#line = [at];
    this.#erases = this.#rules.erases !== alt;
    this.#radius = this.#rules.sizePx() / 2 / zoom;
    return true;
  }

  move({ at, zoom }: Press, isDown: boolean): void {
    const last = this.#line.at(-1);
    if (isDown && last && distance(last, at) * zoom >= STEP_PX) this.#line.push(at);
  }

  up({ zoom }: Press): void {
    const line = this.#line;
    this.#line = [];
    const group = this.#rules.group();
    const [start] = line;
    if (!group || !start) return;
    // Half a pixel of the screen, and never finer than the slide's own.
    const tolerance = Math.max(TOLERANCE_PX, TOLERANCE_PX / zoom);
    if (this.#erases) this.#erase(group, line, tolerance);
    else this.#add(group, line, tolerance);
  }

  finish(): void {}

  back(): void {}

  cancel(): void {
    this.#line = [];
  }

  revive(): boolean {
    return false;
  }

  #add(group: Group, line: readonly Point[], tolerance: number): void {
    const stroke = strokeArea(line, this.#radius);
    const place = this.#joined(group, line[0] as Point);
    const before = group.shapes[place]?.geometry;
    const area = before ? join(areaOfShape(before), stroke) : stroke;
    const shape = brushOf(area, tolerance, this.#rules.keepsHoles());
    if (shape) this.#rules.change(new Map([[before ? place : -1, shape]]), false);
  }

  #erase(group: Group, line: readonly Point[], tolerance: number): void {
    const stroke = strokeArea(line, this.#radius);
    const changes = new Map<number, Geometry | null>();
    group.shapes.forEach(({ geometry }, index) => {
      if (!group.meets(index, line, this.#radius)) return;
      const area = areaOfShape(geometry);
      if (area.length === 0 || !isTouching(area, stroke)) return;
      changes.set(index, brushOf(subtract(area, stroke), tolerance, true));
    });
    if (changes.size > 0) this.#rules.change(changes, true);
  }

  /** The shape in which a stroke starts, else the selected one when the stroke starts at it. */
  #joined(group: Group, start: Point): number {
    const hit = group.hit(start, this.#radius);
    const isArea = (place: number) =>
      ["brush", "polygon", "rect", "ellipse"].includes(group.shapes[place]?.geometry.kind ?? "");
    if (hit >= 0 && isArea(hit)) return hit;
    const selected = this.#rules.selected();
    return selected !== null && isArea(selected) ? selected : -1;
  }
}
