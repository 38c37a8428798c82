/** The keys of the viewer: one table, from which both the keyboard and its help sheet are made. */

import { drawingKeys } from "../drawing/keysheet";
import { words } from "../ui/words";
import { adjustWords } from "./adjustwords";
import { paneWords } from "./panes/words";
import { coreWords } from "./tma/words";

export type Command =
  | "panUp"
  | "panLeft"
  | "panDown"
  | "panRight"
  | "stepUp"
  | "stepLeft"
  | "stepDown"
  | "stepRight"
  | "zoomIn"
  | "zoomOut"
  | "fit"
  | "native"
  | "rotateRight"
  | "rotateLeft"
  | "rotateReset"
  | "information"
  | "onlySlide"
  | "fullScreen"
  | "previousSlide"
  | "nextSlide"
  | "strip"
  | "help"
  | "copyLink"
  | "objective"
  | "close"
  | "nextUnscored"
  | "finish"
  | "nextQuestion"
  | "previousQuestion"
  | "stepUpAnswer"
  | "stepDownAnswer"
  | "exact"
  | "coreUp"
  | "coreLeft"
  | "coreDown"
  | "coreRight"
  | "grid"
  | "adjust"
  | "compare"
  | "sync"
  | "align"
  | "nextRegion"
  | "previousRegion";

/** What of a key press decides which command it is. */
export interface KeyPress {
  code: string;
  key: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
}

interface Binding {
  command: Command;
  /** Positions on the keyboard, the same on every layout. */
  codes?: readonly string[];
  /** Signs, where the sign itself is the mnemonic. */
  signs?: readonly string[];
  shift?: boolean;
}

const BINDINGS: readonly Binding[] = [
  { command: "help", codes: ["F1"] },
  // Before the slash's own code: on many layouts "?" is Shift and a key that differs.
  { command: "help", signs: ["?"] },
  { command: "close", codes: ["Escape"] },
  { command: "nextRegion", codes: ["F6"], shift: false },
  { command: "previousRegion", codes: ["F6"], shift: true },
  { command: "panUp", codes: ["KeyW"], shift: false },
  { command: "panLeft", codes: ["KeyA"], shift: false },
  { command: "panDown", codes: ["KeyS"], shift: false },
  { command: "panRight", codes: ["KeyD"], shift: false },
  { command: "stepUp", codes: ["KeyW"], shift: true },
  { command: "stepLeft", codes: ["KeyA"], shift: true },
  { command: "stepDown", codes: ["KeyS"], shift: true },
  { command: "stepRight", codes: ["KeyD"], shift: true },
  { command: "zoomIn", signs: ["+", "="], codes: ["NumpadAdd"] },
  { command: "zoomOut", signs: ["-", "−"], codes: ["NumpadSubtract"] },
  { command: "objective", codes: ["KeyZ"], shift: false },
  { command: "fit", codes: ["Home"], shift: false },
  { command: "rotateReset", codes: ["Home"], shift: true },
  { command: "native", codes: ["End"] },
  { command: "rotateRight", codes: ["KeyU"], shift: false },
  { command: "rotateLeft", codes: ["KeyU"], shift: true },
  { command: "information", codes: ["KeyI"], shift: false },
  { command: "onlySlide", codes: ["KeyQ"], shift: false },
  { command: "fullScreen", codes: ["KeyF"], shift: true },
  { command: "copyLink", codes: ["KeyL"], shift: true },
  { command: "previousSlide", codes: ["Comma", "PageUp"], shift: false },
  { command: "nextSlide", codes: ["Period", "PageDown"], shift: false },
  { command: "strip", codes: ["KeyT"], shift: false },
  { command: "nextUnscored", codes: ["KeyN"], shift: false },
  { command: "coreUp", codes: ["ArrowUp"], shift: true },
  { command: "coreLeft", codes: ["ArrowLeft"], shift: true },
  { command: "coreDown", codes: ["ArrowDown"], shift: true },
  { command: "coreRight", codes: ["ArrowRight"], shift: true },
  { command: "grid", codes: ["KeyG"], shift: false },
  { command: "compare", codes: ["KeyC"], shift: false },
  { command: "sync", codes: ["KeyY"], shift: false },
  { command: "align", codes: ["KeyY"], shift: true },
  { command: "adjust", codes: ["KeyJ"], shift: false },
  { command: "finish", codes: ["Enter", "NumpadEnter"], shift: false },
  { command: "nextQuestion", codes: ["ArrowDown"], shift: false },
  { command: "previousQuestion", codes: ["ArrowUp"], shift: false },
  { command: "stepUpAnswer", codes: ["ArrowRight"], shift: false },
  { command: "stepDownAnswer", codes: ["ArrowLeft"], shift: false },
  { command: "exact", codes: ["F2"], shift: false },
];

/** Return the command of a key press, or null when it is not one of ours. */
export function commandOf(press: KeyPress): Command | null {
  if (press.ctrlKey || press.altKey || press.metaKey) return null;
  const found = BINDINGS.find(
    (binding) =>
      (binding.shift === undefined || binding.shift === press.shiftKey) &&
      (binding.codes?.includes(press.code) || binding.signs?.includes(press.key)),
  );
  return found?.command ?? null;
}

/** Return which of the seven stops a digit after Z means (0 to 6; 6 is native), or null. */
export function objectiveOf(press: KeyPress): number | null {
  const digit = /^(?:Digit|Numpad)([1-7])$/.exec(press.code);
  return digit ? Number(digit[1]) - 1 : null;
}

/** One line of the help sheet: key caps, a word between them, and what they do. */
export interface SheetLine {
  caps: readonly string[];
  between?: string;
  does: string;
}

export interface SheetGroup {
  title: string;
  lines: readonly SheetLine[];
}

/** The help sheet, in the order in which people learn it. */
export function keySheet(): SheetGroup[] {
  const does = words.keys;
  return [
    {
      title: does.view,
      lines: [
        { caps: ["W", "A", "S", "D"], does: does.pan },
        { caps: ["⇧W", "⇧A", "⇧S", "⇧D"], does: does.step },
        { caps: ["+", "−"], does: does.objectives },
        { caps: ["Z", "1 … 7"], between: does.andThen, does: does.objective },
        { caps: ["Home"], does: does.fit },
        { caps: ["End"], does: does.native },
        { caps: ["U", "⇧U"], does: does.rotate },
        { caps: ["⇧Home"], does: does.rotateReset },
        { caps: ["J"], does: adjustWords.title },
        { caps: ["I"], does: does.information },
        { caps: ["Q"], does: does.onlySlide },
        { caps: ["⇧F"], does: does.fullScreen },
        { caps: ["⇧L"], does: does.copyLink },
      ],
    },
    {
      title: does.score,
      lines: [
        { caps: ["1 … 9", "0"], does: does.option },
        { caps: ["⇧1 … ⇧9", "⇧0"], does: does.units },
        { caps: ["F2"], does: does.exact },
        { caps: ["↑", "↓"], does: does.question },
        { caps: ["←", "→"], does: does.stepAnswer },
        { caps: ["X", "⇧X"], does: does.extras },
        { caps: ["Backspace"], does: does.clearAnswer },
        { caps: ["Enter"], does: does.finish },
        { caps: ["Ctrl Z", "Ctrl ⇧Z"], does: does.undo },
      ],
    },
    {
      title: does.slides,
      lines: [
        { caps: ["N"], does: does.nextUnscored },
        { caps: [",", "."], does: does.neighbours },
        { caps: ["Page Up", "Page Down"], does: does.neighbours },
        { caps: ["T"], does: does.strip },
        { caps: ["⇧↑", "⇧↓", "⇧←", "⇧→"], does: coreWords.step },
        { caps: ["G"], does: coreWords.toggle },
        { caps: ["C"], does: paneWords.keys.compare },
        { caps: ["Y"], does: paneWords.keys.sync },
        { caps: ["⇧Y"], does: paneWords.keys.align },
      ],
    },
    drawingKeys(),
    {
      title: does.mouse,
      lines: [
        { caps: [does.wheel], does: does.wheelDoes },
        { caps: ["Alt", does.wheel], does: does.altWheelDoes },
        { caps: [does.doubleClick], does: does.doubleClickDoes },
        { caps: ["Alt", does.doubleClick], does: does.altDoubleClickDoes },
        { caps: [does.drag], does: does.dragDoes },
      ],
    },
    {
      title: does.everywhere,
      lines: [
        { caps: ["?", "F1"], does: does.help },
        { caps: ["F6", "⇧F6"], does: does.regions },
        { caps: ["Esc"], does: does.close },
      ],
    },
  ];
}
