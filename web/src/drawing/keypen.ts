/** Drawing by keys: a cross that arrows move, and Space as the pen that touches the slide. */

import type { Point } from "../viewer/geometry";
import type { KeyPress } from "../viewer/keys";
import type { SlideView } from "../viewer/slideview";
import { Camera } from "./camera";
import type { Drawing } from "./drawing";
import { handlesOf, moveHandle } from "./handles";
import { MOST_HANDLES } from "./selecttool";
import type { Press, ToolName } from "./tool";

export const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
// With Shift a single pixel of the screen.
const STEP_PX = 10;
const EDGE_PX = 30;
/** Tools that draw while the pen is held down: Space puts it down, and lifts it. */
const HELD: readonly ToolName[] = ["brush", "erase", "rect", "ellipse", "freehand"];

export class KeyPen {
  readonly #view: SlideView;
  readonly #drawing: Drawing;
  #at: Point | null = null;
  #isDown = false;
  #corner: { geometry: unknown; index: number } | null = null;

  constructor(view: SlideView, drawing: Drawing) {
    this.#view = view;
    this.#drawing = drawing;
  }

  /** Where the cross is, in level-0 pixels; null while a pointer draws. */
  get at(): Point | null {
    return this.#at;
  }

  /** The corner of the selected shape that arrows move; null: they move all of it. */
  get corner(): number | null {
    const shape = this.#drawing.selectedShape.peek();
    return this.#corner && shape?.geometry === this.#corner.geometry ? this.#corner.index : null;
  }

  /** Put the cross away: a pointer draws, or the tool was put down. */
  leave(): void {
    if (this.#isDown) this.#drawing.hand?.cancel();
    this.#isDown = false;
    this.#at = null;
  }

  /** Do what a key means to the pen; tells whether it means anything. */
  press(press: KeyPress): boolean {
    const { tool } = this.#drawing;
    if (tool.value === null) return false;
    if (tool.value === "select" && this.#drawing.free()) return this.#edit(press);
    const arrow = ARROWS[press.code];
    if (arrow) this.#move(arrow, press.shiftKey ? 1 : STEP_PX);
    else if (press.code === "Space" && this.#at && this.#hasFocus()) this.#touch();
    else return false;
    this.#drawing.redraw();
    return true;
  }

  #move([across, down]: readonly [number, number], step: number): void {
    const look = this.#view.look.peek();
    if (!look) return;
    const camera = new Camera(look);
    const { width, height } = look.window;
    const from = this.#at ? camera.toScreen(this.#at) : { x: width / 2, y: height / 2 };
    const to = this.#at ? { x: from.x + across * step, y: from.y + down * step } : from;
    this.#at = camera.toSlide(to);
    const isInside =
      to.x > EDGE_PX && to.y > EDGE_PX && to.x < width - EDGE_PX && to.y < height - EDGE_PX;
    if (!isInside) this.#view.centre(this.#at);
    const press = this.#pressed();
    if (press) this.#drawing.hand?.move(press, this.#isDown);
  }

  #touch(): void {
    const { hand, tool } = this.#drawing;
    const press = this.#pressed();
    if (!hand || !press) return;
    const isHeld = tool.value !== null && HELD.includes(tool.value);
    if (this.#isDown) {
      this.#isDown = false;
      hand.up(press);
    } else if (hand.down(press) && isHeld) this.#isDown = true;
    else hand.up(press);
  }

  /** Arrows move the selected shape, or the corner that Tab went to. */
  #edit({ code, shiftKey }: KeyPress): boolean {
    const shape = this.#drawing.free();
    if (!shape) return false;
    const corners = handlesOf(shape.geometry);
    const now = this.corner;
    if (code === "Tab" && this.#hasFocus()) {
      const next = shiftKey ? (now ?? corners.length) - 1 : (now ?? -1) + 1;
      const isThere = next >= 0 && next < corners.length && corners.length <= MOST_HANDLES;
      this.#corner = isThere ? { geometry: shape.geometry, index: next } : null;
      this.#drawing.redraw();
      // After the last corner the focus goes on.
      return isThere;
    }
    const arrow = ARROWS[code];
    const from = now === null ? null : corners[now];
    if (!arrow || !from || now === null) return false;
    const step = shiftKey ? 10 : 1;
    const to = { x: from.x + arrow[0] * step, y: from.y + arrow[1] * step };
    this.#drawing.change(moveHandle(shape.geometry, now, to), "edited");
    const changed = this.#drawing.selectedShape.peek();
    this.#corner = changed && { geometry: changed.geometry, index: now };
    return true;
  }

  /** On a button Space presses it, and Tab goes on. */
  #hasFocus(): boolean {
    const focused = document.activeElement;
    return !focused || focused === document.body || this.#view.canvas.contains(focused);
  }

  #pressed(): Press | null {
    const look = this.#view.look.peek();
    if (!look || !this.#at) return null;
    return { at: this.#at, zoom: look.zoom, shift: false, alt: false, isDouble: false };
  }
}
