/** The shapes of one question, with what drawing and hitting them needs at hand. */

import type { Question } from "../scoring/questions";
import type { Point } from "../viewer/geometry";
import { boundsOf, isHit } from "./outline";
import { parseShapes, type Shape } from "./shapes";

export class Group {
  readonly question: Question;
  readonly answer: string;
  readonly shapes: readonly Shape[];
  /** The answer is no array of shapes, and must be left alone. */
  readonly isUnreadable: boolean;
  /** Left, top, right and bottom of each shape; NaN where it has no geometry. */
  readonly bounds: Float64Array;

  /** `found`: the shapes of the answer, where they are known. */
  constructor(
    question: Question,
    answer: string,
    found: readonly Shape[] | null = parseShapes(answer),
  ) {
    this.question = question;
    this.answer = answer;
    this.shapes = found ?? [];
    this.isUnreadable = found === null;
    this.bounds = new Float64Array(4 * this.shapes.length).fill(Number.NaN);
    this.shapes.forEach(({ geometry }, index) => {
      const box = boundsOf(geometry);
      if (box) this.bounds.set([box.left, box.top, box.right, box.bottom], 4 * index);
    });
  }

  /** Return the topmost shape at a place, or -1. */
  hit(at: Point, reach: number): number {
    for (let index = this.shapes.length - 1; index >= 0; index -= 1) {
      const shape = this.shapes[index];
      if (shape && this.#isNear(index, at, reach) && isHit(shape.geometry, at, reach)) return index;
    }
    return -1;
  }

  /** Tell whether the box of a shape meets the box around a stroke. */
  meets(index: number, line: readonly Point[], radius: number): boolean {
    const [left = 0, top = 0, right = 0, bottom = 0] = this.bounds.subarray(
      4 * index,
      4 * index + 4,
    );
    const xs = line.map(({ x }) => x);
    const ys = line.map(({ y }) => y);
    return (
      right >= Math.min(...xs) - radius &&
      left <= Math.max(...xs) + radius &&
      bottom >= Math.min(...ys) - radius &&
      top <= Math.max(...ys) + radius
    );
  }

  #isNear(index: number, { x, y }: Point, reach: number): boolean {
    const [left = 0, top = 0, right = 0, bottom = 0] = this.bounds.subarray(
      4 * index,
      4 * index + 4,
    );
    return x >= left - reach && x <= right + reach && y >= top - reach && y <= bottom + reach;
  }
}
