/** A copy of shapes that lie still, so that one more is drawn over thousands within a frame. */

export class StillCopy {
  #canvas: HTMLCanvasElement | null = null;
  #of: readonly unknown[] = [];

  /** Paint the copy, if it is one of these very things; tells whether it was. */
  restore(context: CanvasRenderingContext2D, of: readonly unknown[]): boolean {
    if (!this.#canvas || !of.every((each, index) => each === this.#of[index])) return false;
    context.save();
    context.resetTransform();
    context.drawImage(this.#canvas, 0, 0);
    context.restore();
    return true;
  }

  /** Copy a canvas on which nothing but these things is painted. */
  keep(painted: HTMLCanvasElement, of: readonly unknown[]): void {
    this.#canvas ??= document.createElement("canvas");
    this.#canvas.width = painted.width;
    this.#canvas.height = painted.height;
    this.#canvas.getContext("2d")?.drawImage(painted, 0, 0);
    this.#of = of;
  }

  drop(): void {
    this.#canvas = null;
    this.#of = [];
  }
}
