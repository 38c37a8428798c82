/** The keys of drawing. While something is drawn its keys go before those of the sheet. */

import type { KeyPress } from "../viewer/keys";
import type { Drawing } from "./drawing";
import { moveBy } from "./handles";
import { ARROWS } from "./keypen";
import type { ToolName } from "./tool";

export { Drawing } from "./drawing";

const TOOLS: Readonly<Record<string, ToolName>> = {
  KeyV: "select",
  KeyM: "measure",
  KeyK: "point",
  KeyB: "brush",
  KeyE: "erase",
  KeyP: "polygon",
  KeyF: "freehand",
  KeyL: "polyline",
  KeyR: "rect",
  KeyO: "ellipse",
};
const BRUSH_STEP = 1.2;
/** Do what a key means to drawing; tells whether it means anything. */
export function pressKey(drawing: Drawing, press: KeyPress): boolean {
  if (press.ctrlKey || press.metaKey || press.altKey) return false;
  if (drawing.draft && pressInDraft(drawing, press)) return true;
  if (drawing.pen?.press(press)) return true;
  if (drawing.selectedShape.value && pressOnSelected(drawing, press)) return true;
  const tool = press.shiftKey ? undefined : TOOLS[press.code];
  if (tool) {
    drawing.take(tool);
    return true;
  }
  if (press.code === "Escape") return leave(drawing);
  if (press.code === "KeyH" && !press.shiftKey) {
    drawing.isHidden.value = !drawing.isHidden.value;
    return true;
  }
  return sizeBrush(drawing, press);
}

function sizeBrush(drawing: Drawing, { code }: KeyPress): boolean {
  const isBrush = drawing.tool.value === "brush" || drawing.tool.value === "erase";
  if (!isBrush || (code !== "BracketLeft" && code !== "BracketRight")) return false;
  drawing.resizeBrush(code === "BracketLeft" ? 1 / BRUSH_STEP : BRUSH_STEP);
  return true;
}

/** Take the last step of a draft back, or bring back what Esc gave up, else undo the last answer. */
export function undo(drawing: Drawing): void {
  if (!reviveDraft(drawing)) drawing.sheet.undo();
}

/** Bring back what Esc gave up; tells whether there was anything. */
function reviveDraft(drawing: Drawing): boolean {
  const { hand } = drawing;
  if (drawing.draft) hand?.back();
  else if (!hand?.revive()) return false;
  drawing.redraw();
  return true;
}

function pressInDraft(drawing: Drawing, press: KeyPress): boolean {
  const { hand } = drawing;
  if (press.code === "Enter" || press.code === "NumpadEnter") hand?.finish();
  else if (press.code === "Backspace") hand?.back();
  else if (press.code === "Escape") hand?.cancel();
  else return false;
  drawing.redraw();
  return true;
}

function pressOnSelected(drawing: Drawing, press: KeyPress): boolean {
  if (press.code === "Delete" || press.code === "Backspace") {
    drawing.remove();
    return true;
  }
  const arrow = drawing.tool.value === "select" ? ARROWS[press.code] : undefined;
  const shape = drawing.free();
  if (!arrow || !shape) return false;
  const step = press.shiftKey ? 10 : 1;
  drawing.change(moveBy(shape.geometry, { x: arrow[0] * step, y: arrow[1] * step }), "moved");
  return true;
}

/** Esc: what is selected, then the tool. */
function leave(drawing: Drawing): boolean {
  if (drawing.tape.value) drawing.tape.value = null;
  else if (drawing.selected.value) drawing.selected.value = null;
  else if (drawing.tool.value) drawing.take(null);
  else return false;
  return true;
}
