/** Where places of the slide are on the screen. Screen: CSS pixels from the stage's corner. */

import type { Point, Size } from "../viewer/geometry";
import type { Look } from "../viewer/slideview";
import type { Box } from "./outline";

export class Camera {
  /** CSS pixels per level-0 pixel. */
  readonly zoom: number;
  readonly window: Size;
  readonly #across: number;
  readonly #down: number;
  readonly #centre: Point;

  constructor({ view, zoom, window }: Look) {
    const radians = (view.rotation * Math.PI) / 180;
    this.zoom = zoom;
    this.window = window;
    this.#across = zoom * Math.cos(radians);
    this.#down = zoom * Math.sin(radians);
    this.#centre = { x: view.x, y: view.y };
  }

  toScreen({ x, y }: Point): Point {
    const [dx, dy] = [x - this.#centre.x, y - this.#centre.y];
    return {
      x: dx * this.#across - dy * this.#down + this.window.width / 2,
      y: dx * this.#down + dy * this.#across + this.window.height / 2,
    };
  }

  toSlide({ x, y }: Point): Point {
    const [dx, dy] = [x - this.window.width / 2, y - this.window.height / 2];
    const squared = this.zoom * this.zoom;
    return {
      x: (dx * this.#across + dy * this.#down) / squared + this.#centre.x,
      y: (dy * this.#across - dx * this.#down) / squared + this.#centre.y,
    };
  }

  /** The upright box on the slide around all that is seen, and a margin in CSS pixels. */
  seen(margin: number): Box {
    const { width, height } = this.window;
    const corners = [
      { x: -margin, y: -margin },
      { x: width + margin, y: -margin },
      { x: width + margin, y: height + margin },
      { x: -margin, y: height + margin },
    ].map((corner) => this.toSlide(corner));
    const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)];
    return {
      left: Math.min(...xs),
      top: Math.min(...ys),
      right: Math.max(...xs),
      bottom: Math.max(...ys),
    };
  }
}

/**
 * Return the CSS transformation that carries a picture, painted for one camera, to where another
 * one sees it. `corner` is where the picture's corner lay on the screen; its origin is that corner.
 */
export function carried(old: Camera, now: Camera, corner: Point): string {
  const [o, x, y] = [
    corner,
    { x: corner.x + 1, y: corner.y },
    { x: corner.x, y: corner.y + 1 },
  ].map((place) => now.toScreen(old.toSlide(place))) as [Point, Point, Point];
  return `matrix(${[x.x - o.x, x.y - o.y, y.x - o.x, y.y - o.y, o.x, o.y].join(",")})`;
}
