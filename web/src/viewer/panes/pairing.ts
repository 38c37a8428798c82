/** Matching two places of two slides, so that they lie on each other from then on. */

import { signal } from "@preact/signals";
import type { Point } from "../geometry";
import type { SlideView } from "../slideview";
import { matched, type Placing, type TwoPlaces } from "./alignment";
import type { Companion } from "./companions";

/** Which of the pair a place is on: the scored slide, or the one beside it. */
export type Side = "main" | "beside";

export interface Matching {
  companion: Companion;
  main: readonly Point[];
  beside: readonly Point[];
  /** Why the last two places were not taken. */
  refusal: "near" | "unlike" | null;
}

export interface PairingRules {
  main: SlideView;
  /** How the scored slide lies, and how the other one would by what the files tell. */
  placings: (companion: Companion) => { first: Placing; start: Placing; isScaled: boolean };
  lay: (companion: Companion, placing: Placing) => void;
}

const WANTED = 2;
// Nearer than this on the level-0 pixels, a click beside the place turns the slide by degrees.
const LEAST_APART_PX = 40;
// Sections stretch by some per cent; more than this, and the places are not the same.
const MOST_STRETCH = 1.5;

export class Pairing {
  /** What has been matched by now; null while nobody matches. */
  readonly now = signal<Matching | null>(null);
  /** Places are put by keys: the middle of the pane shows a cross. */
  readonly isByKeys = signal(false);
  readonly #rules: PairingRules;

  constructor(rules: PairingRules) {
    this.#rules = rules;
  }

  begin(companion: Companion, isByKeys: boolean): void {
    this.now.value = { companion, main: [], beside: [], refusal: null };
    this.isByKeys.value = isByKeys;
    if (isByKeys) this.#focusNext();
  }

  cancel(): void {
    this.now.value = null;
  }

  /** Which side of the pair a view is; null when it is none. */
  sideOf(view: SlideView): Side | null {
    const companion = this.now.value?.companion;
    if (!companion) return null;
    if (view === this.#rules.main) return "main";
    return view === companion.view ? "beside" : null;
  }

  /** Which side the next place is wanted on; null: either. */
  get next(): Side | null {
    const { main, beside } = this.now.value ?? { main: [], beside: [] };
    if (main.length === beside.length) return null;
    return main.length < beside.length ? "main" : "beside";
  }

  /** Put a place of a slide; a second one on the same slide takes the first one's stead. */
  put(view: SlideView, at: Point): void {
    const [matching, side] = [this.now.value, this.sideOf(view)];
    if (!matching || !side) return;
    const isAhead = this.next !== null && this.next !== side;
    const before = isAhead ? matching[side].slice(0, -1) : matching[side];
    this.now.value = { ...matching, [side]: [...before, at], refusal: null };
    this.#finish();
  }

  /** Put the place that the pointer is on. */
  click(view: SlideView): void {
    const at = view.cursor.peek();
    if (!at || !this.sideOf(view)) return;
    this.isByKeys.value = false;
    this.put(view, at);
  }

  /** Take the last place back; without any, give up. */
  back(): void {
    const matching = this.now.value;
    if (!matching) return;
    const { main, beside } = matching;
    const side = beside.length >= main.length ? "beside" : "main";
    if (matching[side].length === 0) this.cancel();
    else this.now.value = { ...matching, [side]: matching[side].slice(0, -1), refusal: null };
  }

  /** Do what a key means while places are matched; tells whether it means anything. */
  press(code: string): boolean {
    if (!this.now.value) return false;
    if (code === "Escape") this.cancel();
    else if (code === "Backspace") this.back();
    else if (code === "Enter" || code === "NumpadEnter" || code === "Space") this.#putMiddle();
    else return false;
    return true;
  }

  /** The view that the keyboard is on. */
  get focused(): SlideView {
    const beside = this.now.value?.companion.view;
    return beside?.canvas.contains(document.activeElement) ? beside : this.#rules.main;
  }

  #putMiddle(): void {
    const look = this.focused.look.peek();
    if (!look) return;
    this.isByKeys.value = true;
    this.put(this.focused, { x: look.view.x, y: look.view.y });
    this.#focusNext();
  }

  /** Have the keyboard where the next place is wanted; on the scored slide where either is. */
  #focusNext(): void {
    const beside = this.now.value?.companion.view;
    const view = this.next === "beside" && beside ? beside : this.#rules.main;
    view.canvas.focus({ preventScroll: true });
  }

  #finish(): void {
    const matching = this.now.value;
    if (matching?.main.length !== WANTED || matching.beside.length !== WANTED) return;
    const { companion } = matching;
    const [on, places] = [matching.main, matching.beside] as unknown as [TwoPlaces, TwoPlaces];
    const { first, start, isScaled } = this.#rules.placings(companion);
    const refusal = refusalOf(on, places, first, isScaled ? start : null);
    if (refusal) {
      const [main, beside] = [on.slice(0, 1), places.slice(0, 1)];
      this.now.value = { companion, main, beside, refusal };
      return;
    }
    this.now.value = null;
    this.#rules.lay(companion, matched(first, on, places));
  }
}

/** Why two pairs of places cannot be the same; `start`: how the slide lies by its resolution. */
export function refusalOf(
  on: TwoPlaces,
  places: TwoPlaces,
  first: Placing,
  start: Placing | null,
): Matching["refusal"] {
  const apart = [on, places].map(([one, two]) => Math.hypot(two.x - one.x, two.y - one.y));
  if (Math.min(...apart) < LEAST_APART_PX) return "near";
  if (!start) return null;
  const stretch = matched(first, on, places).scale / start.scale;
  return stretch > MOST_STRETCH || stretch < 1 / MOST_STRETCH ? "unlike" : null;
}
