/** The sheet of glass over the slide: paints shapes with each look, and hands presses to tools. */

import { effect, type ReadonlySignal } from "@preact/signals";
import type { Point } from "../viewer/geometry";
import type { Look, SlideView } from "../viewer/slideview";
import { areaText, lengthText, sizeText } from "./amounts";
import { Camera, carried } from "./camera";
import type { Drawing } from "./drawing";
import type { GivenGroup } from "./given";
import { betweensOf, handlesOf } from "./handles";
import { KeyPen } from "./keypen";
import { areaOf, boundsOf, lengthOf } from "./outline";
import { Painter } from "./painter";
import { MOST_HANDLES } from "./selecttool";
import type { Geometry } from "./shapes";
import { StillCopy } from "./stillcopy";
import type { Draft, Press } from "./tool";

const TAPE_COLOUR = "#f2f2f2";
const LABEL_PX = 12;
const EDGE_PX = 14;
// Longer than this, and a pan would stutter.
const SLOW_MS = 8;
const REST_MS = 120;

export class Board {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D | null;
  readonly #view: SlideView;
  readonly #drawing: Drawing;
  readonly #given: ReadonlySignal<readonly GivenGroup[]>;
  readonly #still = new StillCopy();
  #pointer: number | null = null;
  #hover: Point | null = null;
  #pansBySpace = false;
  #hasPen = false;
  #rest = 0;
  #painted: { look: Look; drafts: number; ms: number } | null = null;
  #shown: unknown[] = [];
  #last: { at: Point; time: number } | null = null;

  /** `given` are shapes that are shown beside those of the drawing, and cannot be changed. */
  constructor(
    canvas: HTMLCanvasElement,
    view: SlideView,
    drawing: Drawing,
    given: ReadonlySignal<readonly GivenGroup[]>,
  ) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    this.#view = view;
    this.#drawing = drawing;
    this.#given = given;
  }

  /** Begin; returns what ends it. */
  start(): () => void {
    this.#drawing.pen = new KeyPen(this.#view, this.#drawing);
    const stopPainting = effect(() => {
      // In the frame of OpenSeadragon in which the slide moves.
      const { visible, selected, tape, brushPx, tool } = this.#drawing;
      const shown = [visible, selected, tape, brushPx, tool, this.#given];
      const now = shown.map((each) => each.value);
      // Something else than the view has changed: that is painted at once.
      if (now.some((value, index) => value !== this.#shown[index])) this.#painted = null;
      this.#shown = now;
      this.#follow();
    });
    const element = this.#canvas.parentElement ?? this.#canvas;
    const listeners: [string, (event: PointerEvent) => void][] = [
      ["pointerdown", (event) => this.#down(event)],
      ["pointermove", (event) => this.#move(event)],
      ["pointerup", (event) => this.#up(event)],
      ["pointercancel", (event) => this.#cancel(event)],
      ["pointerleave", () => this.#leave()],
    ];
    // Before OpenSeadragon's own listeners, which lie deeper.
    for (const [name, listener] of listeners) {
      element.addEventListener(name, listener as EventListener, { capture: true });
    }
    const key = (event: KeyboardEvent) => {
      if (!this.#drawing.pen?.at) this.#space(event);
    };
    window.addEventListener("keydown", key);
    window.addEventListener("keyup", key);
    return () => {
      stopPainting();
      window.clearTimeout(this.#rest);
      for (const [name, listener] of listeners) {
        element.removeEventListener(name, listener as EventListener, { capture: true });
      }
      window.removeEventListener("keydown", key);
      window.removeEventListener("keyup", key);
    };
  }

  #down(event: PointerEvent): void {
    if (event.pointerType === "pen") this.#hasPen = true;
    const press = this.#press(event);
    const { hand } = this.#drawing;
    // A finger pans once there is a pen, and a second finger zooms.
    const isFinger = event.pointerType === "touch";
    if (!press || !hand || this.#pansBySpace || event.button !== 0) return;
    if ((isFinger && this.#hasPen) || (isFinger && !event.isPrimary)) {
      hand.cancel();
      this.#pointer = null;
      this.#drawing.redraw();
      return;
    }
    if (!hand.down(press)) {
      this.#drawing.redraw();
      return;
    }
    event.stopPropagation();
    event.preventDefault();
    this.#view.canvas.focus({ preventScroll: true });
    this.#pointer = event.pointerId;
    this.#canvas.parentElement?.setPointerCapture(event.pointerId);
    this.#drawing.redraw();
  }

  #move(event: PointerEvent): void {
    const { hand, pen } = this.#drawing;
    // Browsers send moves also when the slide goes by under a pointer that rests.
    if (event.movementX !== 0 || event.movementY !== 0) pen?.leave();
    if (pen?.at) return;
    const isDown = this.#pointer === event.pointerId;
    if (isDown) event.stopPropagation();
    // What the hand did between two frames is told together.
    const all = isDown ? event.getCoalescedEvents() : [];
    for (const each of all.length > 0 ? all : [event]) {
      const press = this.#press(each);
      if (!press || !hand) return;
      this.#hover = press.at;
      hand.move(press, isDown);
    }
    this.#drawing.redraw();
  }

  #up(event: PointerEvent): void {
    if (this.#pointer !== event.pointerId) return;
    event.stopPropagation();
    this.#pointer = null;
    const press = this.#press(event);
    if (press) this.#drawing.hand?.up(press);
    this.#drawing.redraw();
  }

  #cancel(event: PointerEvent): void {
    if (this.#pointer !== event.pointerId) return;
    this.#pointer = null;
    this.#drawing.hand?.cancel();
    this.#drawing.redraw();
  }

  #leave(): void {
    this.#hover = null;
    this.#drawing.redraw();
  }

  #space(event: KeyboardEvent): void {
    if (event.code !== "Space" || this.#drawing.hand === null) return;
    const isField =
      event.target instanceof HTMLElement && event.target.matches("input, textarea, button");
    if (isField) return;
    this.#pansBySpace = event.type === "keydown";
    this.#canvas.parentElement?.toggleAttribute("data-panning", this.#pansBySpace);
    event.preventDefault();
  }

  #press(event: PointerEvent): Press | null {
    const look = this.#view.look.peek();
    if (!look) return null;
    // The canvas itself may be on the move.
    const box = (this.#canvas.parentElement ?? this.#canvas).getBoundingClientRect();
    const screen = { x: event.clientX - box.left, y: event.clientY - box.top };
    const isDown = event.type === "pointerdown";
    const isDouble = isDown && this.#isDouble(screen, event.timeStamp);
    if (isDown) this.#last = { at: screen, time: event.timeStamp };
    return {
      at: new Camera(look).toSlide(screen),
      zoom: look.zoom,
      shift: event.shiftKey,
      alt: event.altKey,
      isDouble,
    };
  }

  #isDouble(at: Point, time: number): boolean {
    const last = this.#last;
    if (!last || time - last.time > 350) return false;
    return Math.hypot(at.x - last.at.x, at.y - last.at.y) < 6;
  }

  /** Where painting takes long, what is painted moves with the slide, and is painted at rest. */
  #follow(): void {
    const look = this.#view.look.value;
    const drafts = this.#drawing.drafts.value;
    const before = this.#painted;
    const isMove = before !== null && look !== null && before.drafts === drafts;
    if (isMove && before.look !== look && before.ms > SLOW_MS) {
      const corner = { x: 0, y: 0 };
      this.#canvas.style.transform = carried(new Camera(before.look), new Camera(look), corner);
      window.clearTimeout(this.#rest);
      this.#rest = window.setTimeout(() => this.#paintAll(), REST_MS);
      return;
    }
    this.#paintAll();
  }

  #paintAll(): void {
    window.clearTimeout(this.#rest);
    const began = performance.now();
    this.#canvas.style.transform = "";
    this.#paint();
    const look = this.#view.look.peek();
    const drafts = this.#drawing.drafts.peek();
    this.#painted = look && { look, drafts, ms: performance.now() - began };
  }

  /** Paint all there is. Reads signals: whatever changes is painted anew. */
  #paint(): void {
    const look = this.#view.look.value;
    this.#drawing.drafts.value;
    const { visible, selected, tape, brushPx, tool } = this.#drawing;
    const groups = visible.value;
    const given = this.#given.value;
    const chosen = selected.value;
    const line = tape.value;
    brushPx.value;
    const held = this.#drawing.draft;
    const isBlank =
      [...groups, ...given].every(({ shapes }) => shapes.length === 0) &&
      line === null &&
      tool.value === null;
    // A canvas that is cleared is laid over the slide anew in each frame, with nothing on it.
    if (isBlank && !this.#canvas.hidden) this.#cleared(look?.window ?? null);
    this.#canvas.hidden = isBlank;
    if (isBlank) return;
    const context = this.#cleared(look?.window ?? null);
    if (!look || !context) return;
    const camera = new Camera(look);
    const painter = new Painter(context, camera, window.devicePixelRatio);
    const still = [look, groups, given, window.devicePixelRatio];
    if (!this.#still.restore(context, still)) this.#paintStill(painter, camera, still);
    if (chosen) this.#selected(painter, held);
    if (line) this.#measured(painter, line, TAPE_COLOUR);
    this.#draft(painter, held);
  }

  /** Paint what no act of the hand changes before it ends; where that takes long, a copy is kept. */
  #paintStill(painter: Painter, camera: Camera, still: readonly unknown[]): void {
    const began = performance.now();
    for (const { colour, isPicked = false, ...group } of this.#given.peek()) {
      const style = { colour, isDashed: !isPicked, isFilled: isPicked };
      painter.shapes(group.shapes, group.bounds, style);
    }
    for (const group of this.#drawing.visible.peek()) {
      painter.shapes(group.shapes, group.bounds, { colour: group.question.colour });
      this.#labels(painter, camera, group.shapes);
    }
    if (performance.now() - began > SLOW_MS / 2) this.#still.keep(this.#canvas, still);
    else this.#still.drop();
  }

  #labels(
    painter: Painter,
    camera: Camera,
    shapes: readonly { labels: readonly { text: string; at: Point; size: number }[] }[],
  ): void {
    const { left, top, right, bottom } = camera.seen(50);
    for (const { labels } of shapes) {
      for (const { text, at, size } of labels) {
        if (at.x < left || at.x > right || at.y < top || at.y > bottom) continue;
        const px = size > 0 ? Math.min(48, size * camera.zoom) : LABEL_PX;
        if (px >= 6) painter.text(text, at, -px / 2 - 3, px);
      }
    }
  }

  #selected(painter: Painter, draft: Draft | null): void {
    const shape = this.#drawing.selectedShape.peek();
    const group = this.#drawing.selected.peek();
    const colour = group && this.#drawing.groupOf(group.question)?.question.colour;
    if (!shape || !colour || this.#drawing.isHidden.peek()) return;
    const isHeld = draft?.is === "shape" && this.#drawing.tool.peek() === "select";
    const geometry = isHeld ? draft.geometry : shape.geometry;
    painter.shape(geometry, { colour, isFilled: true });
    this.#measured(painter, geometry, null);
    const corners = handlesOf(geometry);
    if (!this.#drawing.free() || corners.length > MOST_HANDLES) return;
    painter.handles(
      corners,
      betweensOf(geometry).map(({ at }) => at),
      colour,
    );
    const held = corners[this.#drawing.pen?.corner ?? -1];
    if (held) painter.cross(held, colour);
  }

  /** Write what a shape measures under it. */
  #measured(painter: Painter, geometry: Geometry, colour: string | null): void {
    if (colour) painter.shape(geometry, { colour });
    const box = boundsOf(geometry);
    const said = sizeText(geometry, this.#drawing.mpp());
    if (!box || said === "") return;
    painter.text(said, { x: (box.left + box.right) / 2, y: box.bottom }, EDGE_PX);
  }

  #draft(painter: Painter, held: Draft | null): void {
    const { tool } = this.#drawing;
    const colour = this.#drawing.group.peek()?.question.colour ?? TAPE_COLOUR;
    const name = tool.peek();
    if (held?.is === "stroke") painter.stroke(held.line, held.radius, colour, held.erases);
    else if (held?.is === "shape" && name !== "select") {
      painter.shape(held.geometry, {
        colour: name === "measure" ? TAPE_COLOUR : colour,
        isFilled: true,
      });
      painter.handles(held.corners, [], colour);
      this.#live(painter, held.geometry);
    }
    this.#tip(painter, held, colour);
  }

  /** Paint what draws: the cross of the keys, and the brush in its true size. */
  #tip(painter: Painter, held: Draft | null, colour: string): void {
    const name = this.#drawing.tool.peek();
    const pen = this.#drawing.pen?.at ?? null;
    if (pen && name) painter.cross(pen, colour);
    const at = pen ?? this.#hover;
    if ((name !== "brush" && name !== "erase") || !at || this.#pansBySpace) return;
    const radius = this.#drawing.brushPx.peek() / 2 / (this.#view.look.peek()?.zoom ?? 1);
    const erases = held?.is === "stroke" ? held.erases : name === "erase";
    painter.brush(at, radius, colour, erases);
  }

  /** Write what the shape that is being drawn measures by now, under the pointer. */
  #live(painter: Painter, geometry: Geometry): void {
    const [area, length] = [areaOf(geometry), lengthOf(geometry)];
    const mpp = this.#drawing.mpp();
    const said = area !== null ? areaText(area, mpp) : length ? lengthText(length, mpp) : "";
    const at = this.#drawing.pen?.at ?? this.#hover;
    if (said !== "" && at) painter.text(said, at, 24);
  }

  #cleared(size: { width: number; height: number } | null): CanvasRenderingContext2D | null {
    const ratio = window.devicePixelRatio;
    const width = Math.round((size?.width ?? 0) * ratio);
    const height = Math.round((size?.height ?? 0) * ratio);
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    const context = this.#context;
    context?.setTransform(1, 0, 0, 1, 0, 0);
    context?.clearRect(0, 0, width, height);
    context?.setTransform(ratio, 0, 0, ratio, 0, 0);
    return context;
  }
}
