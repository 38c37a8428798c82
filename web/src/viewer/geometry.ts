/** Geometry between the slide and the screen. Lengths are level-0 pixels or CSS pixels, as named. */

import type { View } from "./viewurl";

export interface Point {
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

/** Return the view that shows a whole slide, turned by an angle, in a window. */
export function fittingView(slide: Size, window: Size, rotation: number): View {
  const turned = turnedSize(slide, rotation);
  const zoom = Math.min(window.width / turned.width, window.height / turned.height);
  return { x: slide.width / 2, y: slide.height / 2, width: window.width / zoom, rotation };
}

/** Return the size of the upright rectangle around a slide turned by an angle in degrees. */
export function turnedSize(slide: Size, rotation: number): Size {
  const radians = (rotation * Math.PI) / 180;
  const sine = Math.abs(Math.sin(radians));
  const cosine = Math.abs(Math.cos(radians));
  return {
    width: slide.width * cosine + slide.height * sine,
    height: slide.width * sine + slide.height * cosine,
  };
}

/** Return where on the slide the corners of a window lie, clockwise from the upper left. */
export function viewCorners(view: View, window: Size): Point[] {
  const height = (view.width * window.height) / window.width;
  const signs: readonly (readonly [number, number])[] = [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
  ];
  return signs.map(([across, down]) => {
    const offset = turn({ x: (across * view.width) / 2, y: (down * height) / 2 }, -view.rotation);
    return { x: view.x + offset.x, y: view.y + offset.y };
  });
}

/** Turn a vector clockwise on the screen by an angle in degrees. */
export function turn(vector: Point, degrees: number): Point {
  const radians = (degrees * Math.PI) / 180;
  const sine = Math.sin(radians);
  const cosine = Math.cos(radians);
  return { x: vector.x * cosine - vector.y * sine, y: vector.x * sine + vector.y * cosine };
}
