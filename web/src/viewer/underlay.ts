/** The layer under the tiles: ground and whole-slide picture, so that no view is ever empty. */

/** Where level-0 pixels lie on the screen: x' = a·x + c·y + e, y' = b·x + d·y + f, CSS pixels. */
export interface Placement {
  a: number;
  b: number;
  c: number;
  d: number;
  e: number;
  f: number;
}

export class Underlay {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D | null;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d", { alpha: true });
  }

  /** Draw a slide of a size in level-0 pixels; the picture is stretched over all of it. */
  draw(
    slide: { width: number; height: number },
    look: { picture: CanvasImageSource; ground: string },
    at: Placement,
  ): void {
    const context = this.#fitted();
    if (!context) return;
    const ratio = window.devicePixelRatio;
    context.setTransform(
      at.a * ratio,
      at.b * ratio,
      at.c * ratio,
      at.d * ratio,
      at.e * ratio,
      at.f * ratio,
    );
    context.fillStyle = look.ground;
    context.fillRect(0, 0, slide.width, slide.height);
    context.drawImage(look.picture, 0, 0, slide.width, slide.height);
  }

  clear(): void {
    this.#fitted();
  }

  #fitted(): CanvasRenderingContext2D | null {
    const ratio = window.devicePixelRatio;
    const width = Math.round(this.#canvas.clientWidth * ratio);
    const height = Math.round(this.#canvas.clientHeight * ratio);
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    this.#context?.resetTransform();
    this.#context?.clearRect(0, 0, width, height);
    return this.#context;
  }
}
