/** The layer under the tiles: ground and whole-slide picture, so that no view is ever empty. */

import type { Size } from "./geometry";
import type { ReadySlide } from "./slidecache";
import type { View } from "./viewurl";

export class Underlay {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D | null;
  #drawn: unknown[] = [];

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
  }

  /** Draw a slide as a view shows it in a window, unless that is what is there already. */
  draw(slide: ReadySlide, look: { view: View; zoom: number; window: Size }): void {
    const { view, zoom, window: size } = look;
    const picture = slide.picture.peek();
    const ratio = window.devicePixelRatio;
    const wanted = [
      picture,
      slide.ground,
      ratio,
      zoom,
      view.x,
      view.y,
      view.rotation,
      size.width,
      size.height,
    ];
    // Most frames only bring tiles; this layer need not be painted for those.
    if (wanted.every((value, index) => value === this.#drawn[index])) return;
    this.#drawn = wanted;
    const context = this.#cleared(size, ratio);
    if (!context) return;
    context.scale(ratio, ratio);
    context.translate(size.width / 2, size.height / 2);
    context.rotate((view.rotation * Math.PI) / 180);
    context.scale(zoom, zoom);
    context.translate(-view.x, -view.y);
    const { width, height } = slide.facts;
    context.fillStyle = slide.ground;
    context.fillRect(0, 0, width, height);
    context.drawImage(picture, 0, 0, width, height);
  }

  clear(): void {
    this.#drawn = [];
    this.#cleared(
      { width: this.#canvas.clientWidth, height: this.#canvas.clientHeight },
      window.devicePixelRatio,
    );
  }

  #cleared(size: Size, ratio: number): CanvasRenderingContext2D | null {
    // Setting a size clears a canvas and its transformation.
    this.#canvas.width = Math.round(size.width * ratio);
    this.#canvas.height = Math.round(size.height * ratio);
    return this.#context;
  }
}
