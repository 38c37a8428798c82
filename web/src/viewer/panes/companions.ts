/** Slides beside the one that is scored: which, how they lie, and who leads. */

import { effect, signal } from "@preact/signals";
import type { Point } from "../geometry";
import type { Reading } from "../reading";
import type { ReadySlide } from "../slidecache";
import type { SlideView } from "../slideview";
import type { CorePlace } from "../tma/layout";
import { addressOf } from "../viewurl";
import {
  aligned,
  centred,
  composed,
  followed,
  fromCommon,
  inverted,
  type Placing,
  pinned,
  type Sync,
  toCommon,
} from "./alignment";
import { KeptRelations } from "./kept";
import { Pairing } from "./pairing";

export const MOST_PANES = 8;
const UNMOVED: Placing = { scale: 1, angle: 0, offset: { x: 0, y: 0 } };

/** One further pane. */
export class Companion {
  static #made = 0;
  readonly key = ++Companion.#made;
  readonly slideId = signal(0);
  readonly isLinked = signal(true);
  readonly isFailed = signal(false);
  /** The core that it shows of a microarray; null: a slide. */
  readonly core = signal<CorePlace | null>(null);
  readonly placing = signal<Placing>(UNMOVED);
  /** It lies as places that were matched say. */
  readonly isByPoints = signal(false);
  /** Where it lay before anybody moved it. */
  start: Placing = UNMOVED;
  view: SlideView | null = null;
  shown: ReadySlide | null = null;

  constructor(slideId: number) {
    this.slideId.value = slideId;
  }
}

/** How a slide was moved by hand: common units, degrees and a factor. */
interface Offset {
  length: number;
  angle: number;
  stretch: number;
}

export class Companions {
  readonly all = signal<readonly Companion[]>([]);
  readonly sync = signal<Sync>({ pan: true, zoom: true, rotation: true });
  /** Where the pointer is, in the common plane; null: over no slide. */
  readonly cross = signal<{ at: Point; from: SlideView } | null>(null);
  readonly pairing: Pairing;
  readonly #kept = new KeptRelations();
  readonly #reading: Reading;
  readonly #main: SlideView;
  #mainPlacing: Placing = UNMOVED;
  /** The core that is scored, while there are panes for others. */
  #core: CorePlace | null = null;
  /** The view that the hand moves; the others follow it. */
  #leader: SlideView;

  constructor(reading: Reading, main: SlideView) {
    this.#reading = reading;
    this.#main = main;
    this.#leader = main;
    this.pairing = new Pairing({
      main,
      placings: (companion) => ({
        first: this.#mainPlacing,
        start: companion.start,
        isScaled: this.#isScaled(companion),
      }),
      lay: (companion, placing) => this.#lay(companion, placing, true),
    });
  }

  get main(): SlideView {
    return this.#main;
  }

  /** Start following the main view; returns what ends that. */
  follow(): (() => void)[] {
    return [
      effect(() => {
        this.#main.look.value;
        this.sync.value;
        this.#led(this.#main);
      }),
      effect(() => this.#point(this.#main, this.#mainPlacing)),
      effect(() => {
        const main = this.#reading.slide.value?.id;
        const slides = this.all.value.filter(({ core }) => core.value === null);
        const beside = slides.map(({ slideId }) => slideId.value);
        if (main === undefined || this.#reading.phase.value !== "shown") return;
        const address = addressOf(location.href, { panes: [main, ...beside] });
        if (address !== location.href) history.replaceState(null, "", address);
      }),
      // Who was matched, and is not any more, goes where the others go.
      effect(() => {
        const matched = this.pairing.now.value?.companion;
        this.#main.isMarked = matched !== undefined;
        for (const each of this.all.peek()) if (each.view) each.view.isMarked = each === matched;
        if (!matched) this.lead(this.#main);
        this.#led(this.#main);
      }),
      // Another slide in the main pane lies elsewhere.
      effect(() => {
        if (this.#main.shown.value) for (const each of this.all.peek()) this.#place(each);
      }),
    ];
  }

  /** Open the other slides of the case, or the next slide; close them when there are some. */
  toggle(): void {
    if (this.hasCores) return;
    if (this.all.value.length > 0) this.all.value = [];
    else this.open(this.#others());
  }

  /** Whether the panes show cores of the scored slide. */
  get hasCores(): boolean {
    return this.all.value.some(({ core }) => core.value !== null);
  }

  open(slideIds: readonly number[]): void {
    const added = slideIds.slice(0, MOST_PANES - 1).map((id) => new Companion(id));
    this.all.value = added;
  }

  add(): void {
    const [next] = this.#free();
    if (next !== undefined && this.all.value.length < MOST_PANES - 1) {
      this.all.value = [...this.all.value, new Companion(next)];
    }
  }

  get canAdd(): boolean {
    return this.all.value.length < MOST_PANES - 1 && this.#free().length > 0;
  }

  /** Have panes show cores of the scored slide, each where the scored core is in the main pane. */
  arrange(panes: readonly Companion[], current: CorePlace | null): void {
    this.#core = current;
    const now = this.all.peek();
    const isSame = panes.length === now.length && panes.every((pane, at) => pane === now[at]);
    if (!isSame) this.all.value = panes;
    for (const pane of panes) this.#place(pane);
  }

  /** Close what shows other slides; cores of the scored one stay. */
  closeSlides(): void {
    if (this.all.value.length > 0 && !this.hasCores) this.all.value = [];
  }

  close(companion: Companion): void {
    this.all.value = this.all.value.filter((each) => each !== companion);
    if (this.pairing.now.value?.companion === companion) this.pairing.cancel();
    if (this.#leader === companion.view) this.#leader = this.#main;
  }

  /** Let a companion show its slide in its own place on the page. */
  async show(companion: Companion, view: SlideView): Promise<void> {
    const id = companion.slideId.value;
    companion.view = view;
    try {
      const ready = await this.#reading.cache.ready(id);
      if (companion.slideId.value !== id) return;
      const rotation = this.#reading.slides.value.find((slide) => slide.id === id)?.rotation ?? 0;
      await view.show(ready, rotation, null);
      companion.shown = ready;
      companion.isFailed.value = false;
      this.#place(companion);
    } catch {
      companion.isFailed.value = true;
      view.clear();
    }
  }

  /** Follow the views of a companion; returns what ends that. */
  watch(companion: Companion, view: SlideView): () => void {
    const stops = [
      effect(() => {
        view.look.value;
        this.#led(view);
      }),
      effect(() => this.#point(view, companion.placing.value)),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  /** Whoever is touched leads. */
  lead(view: SlideView): void {
    this.#leader = view;
  }

  /** The view that keys move: that of the pane with the focus where it goes its own way. */
  get underKeys(): SlideView {
    const focused = this.all.value.find(({ view }) => hasFocus(view));
    return focused?.view && !this.#follows(focused) ? focused.view : this.#main;
  }

  /** Match places of a pane by keys: that with the focus, else the first; tells whether there is one. */
  beginPairing(): boolean {
    const slides = this.all.value.filter(({ core }) => core.value === null);
    const companion = slides.find(({ view }) => hasFocus(view)) ?? slides[0];
    if (companion) this.pairing.begin(companion, true);
    return companion !== undefined;
  }

  /** Let a pane go its own way, or keep it from now on at the offset that it has. */
  toggleLink(companion: Companion): void {
    companion.isLinked.value = !companion.isLinked.value;
    const [look, own] = [this.#main.look.value, companion.view?.look.value];
    if (!companion.isLinked.value || !look || !own) return;
    const leader = { view: look.view, placing: this.#mainPlacing };
    this.#lay(companion, aligned(leader, own.view, companion.placing.value), false);
  }

  /** Lie as at the beginning. */
  reset(companion: Companion): void {
    const id = this.#reading.slide.value?.id;
    if (id !== undefined) this.#kept.keep(id, companion.slideId.value, null);
    this.#put(companion, companion.start, false);
  }

  toggleSync(name?: keyof Sync): void {
    const { pan, zoom, rotation } = this.sync.value;
    if (name) this.sync.value = { ...this.sync.value, [name]: !this.sync.value[name] };
    else {
      const isOn = !(pan && zoom && rotation);
      this.sync.value = { pan: isOn, zoom: isOn, rotation: isOn };
    }
  }

  /** Score the companion's slide, and have the scored one in its place. */
  async swap(companion: Companion): Promise<void> {
    const { slides, slide } = this.#reading;
    const position = slides.value.findIndex(({ id }) => id === companion.slideId.value);
    const before = slide.value?.id;
    const view = companion.view?.look.value?.view ?? null;
    if (position < 0 || before === undefined) return;
    companion.slideId.value = before;
    await this.#reading.open(position, "push", view);
  }

  /** How far a pane was moved from where it lay at first; null: not at all. */
  offsetOf({ placing, start, isLinked, isByPoints }: Companion): Offset | null {
    const { offset, angle, scale } = placing.value;
    const length = Math.hypot(offset.x - start.offset.x, offset.y - start.offset.y);
    const isMoved = isByPoints.value || length > 0.5 || Math.abs(angle - start.angle) > 0.05;
    if (!isMoved || !isLinked.value) return null;
    return { length, angle: angle - start.angle, stretch: scale / start.scale };
  }

  /** Where the cross of another pane lies on this one, in level-0 pixels. */
  crossOn(view: SlideView, placing: Placing | null): Point | null {
    const cross = this.cross.value;
    if (!cross || cross.from === view) return null;
    return fromCommon(placing ?? this.#mainPlacing, cross.at);
  }

  #point(view: SlideView, placing: Placing): void {
    const place = view.cursor.value;
    const known = this.cross.peek();
    if (place) this.cross.value = { at: toCommon(placing, place), from: view };
    else if (known?.from === view) this.cross.value = null;
  }

  #place(companion: Companion): void {
    const [first, other] = [this.#main.shown.peek(), companion.shown];
    if (!first || !other) return;
    const core = companion.core.peek();
    const [one, two] =
      core && this.#core
        ? pinned(this.#core, core, first.facts.mpp ?? 1)
        : centred(first.facts, other.facts);
    this.#mainPlacing = one;
    companion.start = two;
    if (this.pairing.now.peek()?.companion === companion) this.pairing.cancel();
    const id = this.#reading.slide.peek()?.id;
    const kept = core || id === undefined ? null : this.#kept.of(id, companion.slideId.peek());
    if (kept) this.#put(companion, composed(one, kept.placing), kept.isByPoints);
    else this.#put(companion, two, false);
  }

  /** Lay a slide by hand, also for the next time that these two are side by side. */
  #lay(companion: Companion, placing: Placing, isByPoints: boolean): void {
    const id = this.#reading.slide.value?.id;
    const relation = { placing: composed(inverted(this.#mainPlacing), placing), isByPoints };
    if (id !== undefined) this.#kept.keep(id, companion.slideId.value, relation);
    companion.isLinked.value = true;
    if (isByPoints) this.sync.value = { pan: true, zoom: true, rotation: true };
    this.#put(companion, placing, isByPoints);
  }

  #put(companion: Companion, placing: Placing, isByPoints: boolean): void {
    companion.placing.value = placing;
    companion.isByPoints.value = isByPoints;
    this.#leader = this.#main;
    this.#led(this.#main);
  }

  #isScaled({ shown }: Companion): boolean {
    return this.#main.shown.peek()?.facts.mpp != null && shown?.facts.mpp != null;
  }

  /** Whether a pane goes where others go; while its places are matched it stays where it is. */
  #follows(companion: Companion): boolean {
    const { pan, zoom, rotation } = this.sync.peek();
    const isMatched = this.pairing.now.peek()?.companion === companion;
    return companion.isLinked.peek() && !isMatched && (pan || zoom || rotation);
  }

  /** Have the others follow, when it is the leader that moved. */
  #led(view: SlideView): void {
    const look = view.look.peek();
    if (view !== this.#leader || !look) return;
    const companion = this.all.peek().find((each) => each.view === view);
    if (companion && !this.#follows(companion)) return;
    const placing = companion?.placing.peek() ?? this.#mainPlacing;
    const leader = { view: look.view, width: look.window.width, placing };
    if (companion) this.#move(this.#main, this.#mainPlacing, leader);
    for (const each of this.all.peek()) {
      if (each === companion || !each.view || !this.#follows(each)) continue;
      this.#move(each.view, each.placing.peek(), leader);
    }
  }

  #move(view: SlideView, placing: Placing, leader: Parameters<typeof followed>[0]): void {
    // A slide that was shown just now is seen from the next frame on.
    const own = view.look.peek()?.view ?? leader.view;
    const seen = { view: own, width: view.size.width };
    view.go(followed(leader, seen, placing, this.sync.peek()), true);
  }

  #others(): number[] {
    const { slides, slide, position } = this.#reading;
    const ofCase = slides.value.filter(
      ({ id, caseId }) =>
        caseId !== null && caseId === slide.value?.caseId && id !== slide.value.id,
    );
    if (ofCase.length > 0) return ofCase.map(({ id }) => id);
    const next = slides.value[position.value + 1] ?? slides.value[position.value - 1];
    return next ? [next.id] : [];
  }

  /** Slides in no pane yet, those after the scored one first. */
  #free(): number[] {
    const { slides, position } = this.#reading;
    const taken = new Set(this.all.value.map(({ slideId }) => slideId.value));
    const order = [
      ...slides.value.slice(position.value + 1),
      ...slides.value.slice(0, position.value),
    ];
    return order.map(({ id }) => id).filter((id) => !taken.has(id));
  }
}

function hasFocus(view: SlideView | null): boolean {
  return view?.canvas.contains(document.activeElement) ?? false;
}
