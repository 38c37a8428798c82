/** What a drawing tool is: it takes presses of pointers, shows a draft, and gives shapes. */

import type { Point } from "../viewer/geometry";
import type { Geometry, Ring } from "./shapes";

export type ToolName =
  | "select"
  | "measure"
  | "point"
  | "brush"
  | "erase"
  | "polygon"
  | "freehand"
  | "polyline"
  | "rect"
  | "ellipse";

/** A pointer at a place; tools know nothing of what kind it is. */
export interface Press {
  /** Level-0 pixels. */
  at: Point;
  /** CSS pixels per level-0 pixel. */
  zoom: number;
  shift: boolean;
  alt: boolean;
  /** The second press of a double click. */
  isDouble: boolean;
}

/** What is being drawn. */
export type Draft =
  | { is: "shape"; geometry: Geometry; corners: Ring }
  | { is: "stroke"; line: Ring; radius: number; erases: boolean };

export interface Tool {
  /** What is shown while it is drawn; null: nothing is begun. */
  readonly draft: Draft | null;
  /** Begin or go on; false leaves the press to the slide, which pans. */
  down(press: Press): boolean;
  move(press: Press, isDown: boolean): void;
  up(press: Press): void;
  /** Close what is drawn. */
  finish(): void;
  /** Take the last step back. */
  back(): void;
  /** Give up what is drawn. */
  cancel(): void;
  /** Bring back what was given up last; tells whether there was anything. */
  revive(): boolean;
}

export type Given = (geometry: Geometry) => void;

/** Slips of the hand: a shape must be larger than this, in CSS pixels. */
export const LEAST_PX = 3;
/** How near a corner a press takes hold of it, in CSS pixels. */
export const REACH_PX = 8;
