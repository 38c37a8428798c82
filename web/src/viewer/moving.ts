/** Moving slides by keys: by steps, by keys that are held down, and to the objectives. */

import type { Point } from "./geometry";
import { type Command, type KeyPress, objectiveOf } from "./keys";
import type { SlideView } from "./slideview";

const HELD: Partial<Record<Command, Point>> = {
  panUp: { x: 0, y: -1 },
  panLeft: { x: -1, y: 0 },
  panDown: { x: 0, y: 1 },
  panRight: { x: 1, y: 0 },
};
const STEPPED: Partial<Record<Command, Point>> = {
  stepUp: { x: 0, y: -1 },
  stepLeft: { x: -1, y: 0 },
  stepDown: { x: 0, y: 1 },
  stepRight: { x: 1, y: 0 },
};
const MOVES: Partial<Record<Command, (view: SlideView) => void>> = {
  zoomIn: (view) => view.stepObjective(1),
  zoomOut: (view) => view.stepObjective(-1),
  native: (view) => view.zoomTo(1),
  rotateRight: (view) => view.rotateBy(90),
  rotateLeft: (view) => view.rotateBy(-90),
  rotateReset: (view) => view.resetRotation(),
};

export class Moving {
  readonly #underKeys: () => SlideView;
  /** The view that held keys pan. */
  #held: SlideView | null = null;
  #awaitsObjective = false;

  /** `underKeys` gives the view that keys move now. */
  constructor(underKeys: () => SlideView) {
    this.#underKeys = underKeys;
  }

  /** Do what a command means to the view; tells whether it means anything. */
  run(command: Command): boolean {
    const [direction, move] = [STEPPED[command], MOVES[command]];
    if (direction) this.#underKeys().step(direction);
    else move?.(this.#underKeys());
    return direction !== undefined || move !== undefined;
  }

  /** Move for as long as a key is down; tells whether the command is one of those. */
  hold(command: Command): boolean {
    const direction = HELD[command];
    if (!direction) return false;
    const view = this.#underKeys();
    if (this.#held !== view) this.rest();
    this.#held = view;
    view.hold(command, direction);
    return true;
  }

  release(command: Command | null): void {
    if (command && HELD[command]) this.#held?.release(command);
  }

  /** Stand still. */
  rest(): void {
    this.#held?.releaseAll();
  }

  /** Whether the next digit names an objective. */
  get awaitsObjective(): boolean {
    return this.#awaitsObjective;
  }

  awaitObjective(): void {
    this.#awaitsObjective = true;
  }

  /** Take the digit after Z; any other key ends the wait and means itself. */
  takesObjective(press: KeyPress): boolean {
    if (!this.#awaitsObjective) return false;
    this.#awaitsObjective = false;
    const index = objectiveOf(press);
    if (index === null) return false;
    this.#underKeys().goObjective(index);
    return true;
  }
}
