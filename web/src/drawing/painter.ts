/** Paints shapes over the slide: strokes with a dark casing, which show on any tissue. */

import type { Point } from "../viewer/geometry";
import type { Camera } from "./camera";
import type { Box } from "./outline";
import { ringsOf } from "./outline";
import type { Geometry, Ring } from "./shapes";

const CASING = "rgb(0 0 0 / 72%)";
const CASING_PX = 4.4;
const LINE_PX = 2;
const SELECTED_FILL = 0.07;
const DOT_UNDER_PX = 3;
// Corners closer than this on the screen are one.
const STEP_PX = 0.7;
const POINT_PX = 6;
// One path of thousands of outlines takes browsers longer than many paths of some.
const PER_PATH = 128;

export interface Style {
  colour: string;
  isDashed?: boolean;
  isFilled?: boolean;
}

export class Painter {
  readonly #context: CanvasRenderingContext2D;
  readonly #camera: Camera;
  readonly #seen: Box;
  readonly #marks = new Map<string, HTMLCanvasElement>();
  readonly #ratio: number;

  constructor(context: CanvasRenderingContext2D, camera: Camera, ratio: number) {
    this.#context = context;
    this.#camera = camera;
    this.#ratio = ratio;
    this.#seen = camera.seen(10);
  }

  /** Paint many shapes; `bounds` holds four numbers for each. */
  shapes(shapes: readonly { geometry: Geometry }[], bounds: Float64Array, style: Style): void {
    const { left, top, right, bottom } = this.#seen;
    const dots: Point[] = [];
    let paths: Geometry[] = [];
    for (let index = 0; index < shapes.length; index += 1) {
      const at = 4 * index;
      const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = [
        bounds[at],
        bounds[at + 1],
        bounds[at + 2],
        bounds[at + 3],
      ];
      // Not so either for bounds that are no numbers.
      if (!(x1 >= left && x0 <= right && y1 >= top && y0 <= bottom)) continue;
      const geometry = shapes[index]?.geometry;
      if (!geometry) continue;
      if (geometry.kind === "point") this.#mark(geometry.at, style.colour);
      else if (Math.max(x1 - x0, y1 - y0) * this.#camera.zoom < DOT_UNDER_PX) {
        dots.push(this.#camera.toScreen({ x: (x0 + x1) / 2, y: (y0 + y1) / 2 }));
      } else paths.push(geometry);
      if (paths.length === PER_PATH) {
        this.#outlines(paths, style);
        paths = [];
      }
    }
    this.#outlines(paths, style);
    this.#dots(dots, style.colour);
  }

  /** Paint one shape. */
  shape(geometry: Geometry, style: Style): void {
    if (geometry.kind === "point") this.#mark(geometry.at, style.colour);
    else this.#outlines([geometry], style);
  }

  /** Paint what can be dragged: corners as squares, and places for new ones as dots. */
  handles(corners: Ring, betweens: Ring, colour: string): void {
    const context = this.#context;
    context.lineWidth = 1.4;
    context.strokeStyle = "#000";
    for (const between of betweens) {
      const { x, y } = this.#camera.toScreen(between);
      context.beginPath();
      context.arc(x, y, 2.6, 0, 2 * Math.PI);
      context.fillStyle = colour;
      context.fill();
      context.stroke();
    }
    for (const corner of corners) {
      const { x, y } = this.#camera.toScreen(corner);
      context.beginPath();
      context.roundRect(x - 4, y - 4, 8, 8, 1.5);
      context.fillStyle = "#fff";
      context.fill();
      context.stroke();
    }
  }

  /** Paint what a brush has covered since it was put down. */
  stroke(line: Ring, radius: number, colour: string, erases: boolean): void {
    const context = this.#context;
    context.save();
    context.beginPath();
    line.forEach((point, index) => {
      const { x, y } = this.#camera.toScreen(point);
      if (index === 0) context.moveTo(x, y);
      context.lineTo(x, y);
    });
    context.lineCap = "round";
    context.lineJoin = "round";
    context.lineWidth = 2 * radius * this.#camera.zoom;
    context.globalAlpha = erases ? 0.5 : 0.3;
    context.strokeStyle = erases ? "#303030" : colour;
    context.stroke();
    context.restore();
  }

  /** Paint the brush itself: a circle of its true size with + or − in it. */
  brush(at: Point, radius: number, colour: string, erases: boolean): void {
    const { x, y } = this.#camera.toScreen(at);
    const size = radius * this.#camera.zoom;
    const arm = Math.min(4, size / 2);
    this.#cased({ colour }, (context) => {
      context.moveTo(x + size, y);
      context.arc(x, y, size, 0, 2 * Math.PI);
      context.moveTo(x - arm, y);
      context.lineTo(x + arm, y);
      if (erases) return;
      context.moveTo(x, y - arm);
      context.lineTo(x, y + arm);
    });
  }

  /** Paint the cross that keys move. */
  cross(at: Point, colour: string): void {
    const { x, y } = this.#camera.toScreen(at);
    this.#cased({ colour }, (context) => {
      for (const [across, down] of [
        [1, 0],
        [-1, 0],
        [0, 1],
        [0, -1],
      ] as const) {
        context.moveTo(x + 4 * across, y + 4 * down);
        context.lineTo(x + 14 * across, y + 14 * down);
      }
    });
  }

  /** Write over the slide, at a distance in CSS pixels below a place of it. */
  text(said: string, at: Point, below = 0, px = 12): void {
    const { x, y } = this.#camera.toScreen(at);
    const context = this.#context;
    context.font = `600 ${px}px Inter, system-ui, sans-serif`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    context.lineWidth = 3.5;
    context.strokeStyle = "rgb(0 0 0 / 80%)";
    context.strokeText(said, x, y + below);
    context.fillStyle = "#fff";
    context.fillText(said, x, y + below);
  }

  #outlines(geometries: readonly Geometry[], style: Style): void {
    if (geometries.length === 0) return;
    this.#cased(style, (context) => {
      for (const geometry of geometries) this.#trace(context, geometry);
    });
  }

  #cased(style: Style, trace: (context: CanvasRenderingContext2D) => void): void {
    const context = this.#context;
    context.beginPath();
    trace(context);
    context.lineJoin = "round";
    context.setLineDash([]);
    if (style.isFilled) {
      context.globalAlpha = SELECTED_FILL;
      context.fillStyle = style.colour;
      context.fill("evenodd");
      context.globalAlpha = 1;
    }
    context.strokeStyle = CASING;
    context.lineWidth = CASING_PX;
    context.stroke();
    if (style.isDashed) context.setLineDash([7, 5]);
    context.strokeStyle = style.colour;
    context.lineWidth = LINE_PX;
    context.stroke();
    context.setLineDash([]);
  }

  #trace(context: CanvasRenderingContext2D, geometry: Geometry): void {
    if (geometry.kind === "ellipse") this.#traceEllipse(context, geometry);
    const isClosed = geometry.kind !== "polyline";
    for (const ring of ringsOf(geometry) ?? []) this.#traceRing(context, ring, isClosed);
  }

  #traceRing(context: CanvasRenderingContext2D, ring: Ring, isClosed: boolean): void {
    let last: Point | null = null;
    const end = ring.length - 1;
    for (let index = 0; index <= end; index += 1) {
      const point = ring[index];
      if (!point) continue;
      const at = this.#camera.toScreen(point);
      if (!last) context.moveTo(at.x, at.y);
      else if (index < end && Math.abs(at.x - last.x) + Math.abs(at.y - last.y) < STEP_PX) continue;
      else context.lineTo(at.x, at.y);
      last = at;
    }
    if (isClosed) context.closePath();
  }

  #traceEllipse(
    context: CanvasRenderingContext2D,
    { center, radii }: { center: Point; radii: Point },
  ): void {
    const at = this.#camera.toScreen(center);
    const side = this.#camera.toScreen({ x: center.x + Math.abs(radii.x), y: center.y });
    const angle = Math.atan2(side.y - at.y, side.x - at.x);
    const [a, b] = [Math.abs(radii.x), Math.abs(radii.y)];
    context.moveTo(side.x, side.y);
    const { zoom } = this.#camera;
    context.ellipse(at.x, at.y, a * zoom, b * zoom, angle, 0, 2 * Math.PI);
  }

  #dots(dots: readonly Point[], colour: string): void {
    const context = this.#context;
    context.fillStyle = CASING;
    for (const { x, y } of dots) context.fillRect(x - 2, y - 2, 4, 4);
    context.fillStyle = colour;
    for (const { x, y } of dots) context.fillRect(x - 1, y - 1, 2, 2);
  }

  /** Thousands of points are quick as copies of one picture. */
  #mark(place: Point, colour: string): void {
    const mark = this.#marks.get(colour) ?? this.#makeMark(colour);
    const { x, y } = this.#camera.toScreen(place);
    const side = mark.width / this.#ratio;
    this.#context.drawImage(mark, x - side / 2, y - side / 2, side, side);
  }

  #makeMark(colour: string): HTMLCanvasElement {
    const mark = document.createElement("canvas");
    const side = 2 * (POINT_PX + 4);
    mark.width = Math.ceil(side * this.#ratio);
    mark.height = mark.width;
    const context = mark.getContext("2d");
    this.#marks.set(colour, mark);
    if (!context) return mark;
    context.scale(this.#ratio, this.#ratio);
    context.arc(side / 2, side / 2, POINT_PX, 0, 2 * Math.PI);
    context.moveTo(side / 2 + 1, side / 2);
    context.arc(side / 2, side / 2, 1, 0, 2 * Math.PI);
    for (const [style, width] of [
      [CASING, CASING_PX],
      [colour, LINE_PX],
    ] as const) {
      context.strokeStyle = style;
      context.lineWidth = width;
      context.stroke();
    }
    return mark;
  }
}
