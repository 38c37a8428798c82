/** The layer under the tiles: ground and whole-slide picture, so that no view is ever empty. */

import { Camera, carried } from "../drawing/camera";
import { turn } from "./geometry";
import type { ReadySlide } from "./slidecache";
import type { Look } from "./slideview";

// How far beyond the window it is painted, as a share of the window: a pan moves it, and paints none.
const BEYOND = 0.25;
// The picture has about 1000 pixels for the whole slide: closer than that it is no clearer anyway.
const MOST_STRETCH = 2;

export class Underlay {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D | null;
  #painted: { look: Look; picture: HTMLImageElement; ground: string; ratio: number } | null = null;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
  }

  /** Show a slide as a look sees it. */
  draw(slide: ReadySlide, look: Look): void {
    const before = this.#painted;
    const now = {
      look,
      picture: slide.picture.peek(),
      ground: slide.ground,
      ratio: window.devicePixelRatio,
    };
    const isSame =
      before?.picture === now.picture &&
      before.ground === now.ground &&
      before.ratio === now.ratio &&
      reaches(before.look, look);
    if (!isSame) {
      this.#painted = now;
      this.#paint(slide);
    }
    this.#place(look);
  }

  clear(): void {
    this.#painted = null;
    this.#context?.reset();
  }

  #paint(slide: ReadySlide): void {
    const [painted, context] = [this.#painted, this.#context];
    if (!painted || !context) return;
    const { look, picture, ground, ratio } = painted;
    const { width, height } = paperOf(look);
    const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.#canvas.width !== across) this.#canvas.width = across;
    if (this.#canvas.height !== down) this.#canvas.height = down;
    context.reset();
    context.scale(ratio, ratio);
    context.translate(width / 2, height / 2);
    context.rotate((look.view.rotation * Math.PI) / 180);
    context.scale(look.zoom, look.zoom);
    context.translate(-look.view.x, -look.view.y);
    context.fillStyle = ground;
    context.fillRect(0, 0, slide.facts.width, slide.facts.height);
    context.drawImage(picture, 0, 0, slide.facts.width, slide.facts.height);
  }

  /** Let the picture lie where the slide is by now. */
  #place(look: Look): void {
    if (!this.#painted) return;
    const { width, height } = paperOf(this.#painted.look);
    const { width: seen, height: tall } = this.#painted.look.window;
    const corner = { x: (seen - width) / 2, y: (tall - height) / 2 };
    const { style } = this.#canvas;
    style.width = `${width}px`;
    style.height = `${height}px`;
    style.transform = carried(new Camera(this.#painted.look), new Camera(look), corner);
  }
}

function paperOf({ window: { width, height } }: Look): { width: number; height: number } {
  return {
    width: width + 2 * Math.round(width * BEYOND),
    height: height + 2 * Math.round(height * BEYOND),
  };
}

/** Whether a picture that was painted for one look holds all that another one sees. */
function reaches(painted: Look, look: Look): boolean {
  const { width, height } = painted.window;
  const isSame = look.window.width === width && look.window.height === height;
  const stretch = look.zoom / painted.zoom;
  if (!isSame || painted.view.rotation !== look.view.rotation || stretch > MOST_STRETCH)
    return false;
  const [x, y] = [look.view.x - painted.view.x, look.view.y - painted.view.y];
  const away = turn({ x: x * painted.zoom, y: y * painted.zoom }, look.view.rotation);
  const isWithin = (by: number, side: number) =>
    Math.abs(by) + side / 2 / stretch <= side * (0.5 + BEYOND) - 2;
  return isWithin(away.x, width) && isWithin(away.y, height);
}
