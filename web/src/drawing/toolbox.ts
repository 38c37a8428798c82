/** Makes the tools. */

import type { Point } from "../viewer/geometry";
import { BoxTool } from "./boxtool";
import { BrushTool } from "./brushtool";
import type { Drawing } from "./drawing";
import { FREEHAND, LineTool, MEASURE, POLYGON, POLYLINE } from "./linetools";
import { SelectTool } from "./selecttool";
import { type Draft, type Press, REACH_PX, type Tool, type ToolName } from "./tool";

export function makeTool(name: ToolName, drawing: Drawing): Tool {
  const give = drawing.add.bind(drawing);
  switch (name) {
    case "polygon":
      return new LineTool(POLYGON, give);
    case "freehand":
      return new LineTool(FREEHAND, give);
    case "polyline":
      return new LineTool(POLYLINE, give);
    case "measure":
      return new LineTool(MEASURE, (line) => drawing.measured(line));
    case "rect":
    case "ellipse":
      return new BoxTool(name, give);
    case "point":
      return new PointTool(drawing);
    case "brush":
    case "erase":
      return makeBrush(name === "erase", drawing);
    case "select":
      return makeSelect(drawing);
  }
}

function makeBrush(erases: boolean, drawing: Drawing): BrushTool {
  return new BrushTool({
    erases,
    sizePx: () => drawing.brushPx.value,
    keepsHoles: () => drawing.keepsHoles.value,
    group: () => drawing.group.value,
    selected: () => drawing.selected.value?.index ?? null,
    change: (changes, isErased) => drawing.brushed(changes, isErased),
  });
}

function makeSelect(drawing: Drawing): SelectTool {
  return new SelectTool({
    selected: () => drawing.free(),
    pick: (at, reach) => drawing.pick(at, reach),
    change: (geometry, how) => drawing.change(geometry, how),
  });
}

/** Each click counts one; a point that is there already is taken hold of. */
class PointTool implements Tool {
  readonly #drawing: Drawing;
  readonly #select: SelectTool;
  #isHeld = false;
  #at: Point | null = null;

  constructor(drawing: Drawing) {
    this.#drawing = drawing;
    this.#select = makeSelect(drawing);
  }

  get draft(): Draft | null {
    return this.#select.draft;
  }

  down(press: Press): boolean {
    const group = this.#drawing.group.value;
    const index = group?.hit(press.at, REACH_PX / press.zoom) ?? -1;
    this.#isHeld = group !== null && index >= 0;
    if (group && this.#isHeld) {
      this.#drawing.selected.value = { question: group.question.name, index };
      this.#select.down(press);
    } else this.#at = press.at;
    return true;
  }

  move(press: Press, isDown: boolean): void {
    if (this.#isHeld) this.#select.move(press, isDown);
    else if (isDown && this.#at) this.#at = press.at;
  }

  up(press: Press): void {
    if (this.#isHeld) this.#select.up(press);
    else if (this.#at) this.#drawing.add({ kind: "point", at: press.at });
    this.cancel();
    this.#drawing.selected.value = null;
  }

  finish(): void {}

  back(): void {}

  cancel(): void {
    this.#select.cancel();
    this.#isHeld = false;
    this.#at = null;
  }

  revive(): boolean {
    return false;
  }
}
