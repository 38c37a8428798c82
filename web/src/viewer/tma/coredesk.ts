/** Reading a microarray core by core: the slide, sheet and address follow the core that is chosen. */

import { computed, effect, signal } from "@preact/signals";
import { fetchPicture, tilePath } from "../../api/pixels";
import type { Sheet } from "../../scoring/sheet";
import { isSame, type Subject } from "../../scoring/versions";
import { levelShown, tilesIn } from "../ahead";
import type { Reading } from "../reading";
import type { ReadySlide } from "../slidecache";
import type { Look, SlideView } from "../slideview";
import { addressOf, parameter, type View } from "../viewurl";
import { Cores, type WantedCore } from "./cores";
import { type CorePlace, neighbour, nextCore, quarterOf, type Step } from "./layout";

/** What is seen of a core: its square and 6 % around it. */
const MARGIN = 1.06;
const MOST_TILES = 48;

export class CoreDesk {
  readonly cores: Cores;
  readonly hasGrid = signal(true);

  readonly #reading: Reading;
  readonly #sheet: Sheet;
  readonly #view: SlideView;
  #wanted: WantedCore | null = wantedCore(location.search);
  /** The slide whose map turned out to hold no core. */
  readonly #isPlain = signal<number | null>(null);
  #fitted = "";
  #seen: Look | null = null;
  #started: Promise<void> | null = null;

  constructor(reading: Reading, sheet: Sheet, view: SlideView, hasView: boolean) {
    this.#reading = reading;
    this.#sheet = sheet;
    this.#view = view;
    this.cores = new Cores(sheet);
    // An address that names a view is shown at it, and not at the core's whole square.
    if (hasView && this.#wanted?.core) this.#fitted = "address";
  }

  /** Known from the list of slides, so that the grid's place is kept before the cores are known. */
  readonly isMicroarray = computed(
    () =>
      this.#isPlain.value !== this.#reading.slide.value?.id &&
      Boolean(this.#reading.slide.value?.tmaMap),
  );

  /** Whether the grid stands beside the slide. */
  readonly showsGrid = computed(() => this.hasGrid.value && this.isMicroarray.value);

  /** Whether more than half of what is seen lies outside the chosen core. */
  readonly isOutside = computed(() => {
    const core = this.cores.current.value;
    const view = this.#view.look.value?.view;
    const radius = (this.cores.layout.value?.diameter ?? 0) / 2;
    return core && view ? Math.hypot(view.x - core.x, view.y - core.y) > radius : false;
  });

  get slideId(): number {
    return this.#reading.slide.value?.id ?? 0;
  }

  /** Start following; returns what ends it. */
  follow(): (() => void)[] {
    return [
      effect(() => this.#followSlide()),
      effect(() => this.#followCore()),
      effect(() => this.#fitWhenShown()),
      effect(() => this.#keepFitted(this.#view.look.value)),
      effect(() => this.#keepMark()),
    ];
  }

  go(core: CorePlace): void {
    this.cores.current.value = core;
  }

  /** Go to the core that is seen in a direction from the present one. */
  step(step: Step): CorePlace | null {
    const layout = this.cores.layout.value;
    const from = this.cores.current.value ?? layout?.cores[0];
    if (!layout || !from) return null;
    const next = neighbour(layout, from, step, quarterOf(this.#view.upright.value));
    if (next) this.go(next);
    return next;
  }

  /** Go to the next core with something to answer; false: the slide has none. */
  goToOpen(): boolean {
    const next = this.cores.nextOpen();
    if (next) this.go(next);
    return next !== null;
  }

  /** Show what an answer that is taken back was about. */
  show(subject: Subject): void {
    const { core } = subject;
    if (subject.slideId === this.#reading.slide.value?.id) {
      const place = this.cores.layout.value?.cores.find(
        ({ row, column }) => row === core?.row && column === core.column,
      );
      if (place) this.go(place);
      return;
    }
    const position = this.#reading.slides.value.findIndex(({ id }) => id === subject.slideId);
    if (position < 0) return;
    this.#wanted = { core, sample: "" };
    void this.#reading.open(position);
  }

  /** Show the whole core; a second time, the whole slide. */
  fit(): void {
    const wanted = this.#square();
    const seen = this.#view.look.value?.view;
    if (wanted && !isAbout(seen, wanted)) this.#view.go(wanted);
    else this.#view.fit();
  }

  /** A core that filled its pane fills it also when the pane has changed its size. */
  #keepFitted(look: Look | null): void {
    const before = this.#seen;
    this.#seen = look;
    if (!before || !look) return;
    const isResized =
      before.window.width !== look.window.width || before.window.height !== look.window.height;
    const core = this.cores.current.peek();
    if (!isResized || !core || !isAbout(before.view, this.#square(core, before.window))) return;
    const square = this.#square(core, look.window);
    if (square) this.#view.go(square, true);
  }

  #followSlide(): void {
    const studyId = this.#reading.studyId.value;
    const slide = this.#reading.slide.value;
    if (studyId === null || !slide) return;
    const isHere = () => this.#reading.slide.peek()?.id === slide.id;
    const sheet = this.#sheet;
    sheet.isBetween.value = slide.tmaMap !== "";
    this.cores.enter({ id: slide.id, caseId: slide.caseId }, null, null);
    this.#started ??= sheet.start(studyId);
    const layout = slide.tmaMap ? this.cores.load(slide.id) : Promise.resolve(null);
    void this.#started.then(async () => {
      const found = await layout;
      if (!isHere()) return;
      if (!found) this.#isPlain.value = slide.id;
      this.cores.enter({ id: slide.id, caseId: slide.caseId }, found, this.#wanted);
      this.#wanted = null;
      if (this.cores.current.peek()) return;
      sheet.isBetween.value = found !== null;
      await sheet.open({ slideId: slide.id, caseId: slide.caseId, core: null });
      if (!found || !isHere() || this.cores.current.peek() || !sheet.canAnswer.peek()) return;
      this.cores.current.value = this.cores.nextOpen() ?? nextCore(found, null, () => true);
    });
  }

  #followCore(): void {
    const core = this.cores.current.value;
    if (!core) return;
    const subject = this.cores.subjectOf(core);
    this.#sheet.isBetween.value = false;
    if (!isSame(subject, this.#sheet.subject.peek())) void this.#sheet.open(subject);
    const { row, column } = core;
    history.replaceState(null, "", addressOf(location.href, { core: { row, column } }));
  }

  #fitWhenShown(): void {
    const core = this.cores.current.value;
    const slide = this.#reading.slide.value;
    if (!core || !slide || this.#reading.phase.value !== "shown") return;
    const name = `${slide.id}/${core.row},${core.column}`;
    if (name === this.#fitted) return;
    const isFromAddress = this.#fitted === "address";
    this.#fitted = name;
    const square = this.#square();
    if (square && !isFromAddress) this.#view.go(square, true);
    this.#prepareNext();
  }

  /** How far the reader is with the slide follows from its cores. */
  #keepMark(): void {
    const slide = this.#reading.slide.value;
    const core = this.cores.current.value;
    if (!slide || !core || !this.#sheet.canAnswer.value) return;
    this.#sheet.setMark(slide.id, this.cores.slideMark());
  }

  #square(core = this.cores.current.peek(), size = this.#view.size): View | null {
    const layout = this.cores.layout.peek();
    if (!core || !layout || layout.diameter <= 0) return null;
    const zoom = Math.min(size.width, size.height) / (layout.diameter * MARGIN);
    const rotation = this.#view.upright.peek();
    return { x: core.x, y: core.y, width: size.width / zoom, rotation };
  }

  /** Have the next core's tiles in the browser before it is asked for. */
  #prepareNext(): void {
    const slide = this.#view.shown.peek();
    const square = this.#square(this.cores.nextOpen() ?? undefined);
    const layout = this.cores.layout.peek();
    if (slide && square && layout) {
      const zoom = this.#view.size.width / square.width;
      void prepareTiles(slide, square, layout.diameter * MARGIN, zoom);
    }
  }
}

function isAbout(seen: View | undefined, wanted: View | null): boolean {
  if (!seen || !wanted || Math.abs(seen.width / wanted.width - 1) > 0.01) return false;
  return Math.hypot(seen.x - wanted.x, seen.y - wanted.y) < 0.01 * wanted.width;
}

/** Fetch the tiles of a square into the browser's cache, at the level for a zoom. */
async function prepareTiles(
  { facts, grants }: ReadySlide,
  { x, y }: View,
  side: number,
  zoom: number,
): Promise<void> {
  const half = side / 2;
  const square = { left: x - half, top: y - half, right: x + half, bottom: y + half };
  const level = levelShown(facts, zoom, window.devicePixelRatio);
  const tiles = tilesIn(facts, level, square);
  const grant = await grants.current();
  await Promise.allSettled(
    tiles
      .slice(0, MOST_TILES)
      .map(({ column, row }) => fetchPicture(tilePath(grant, level, column, row))),
  );
}

/** Read which core an address names: by its place in the map, or by its sample. */
export function wantedCore(search: string): WantedCore | null {
  const index = (name: string) => {
    const value = parameter(search, name);
    return value !== null && /^\d{1,4}$/.test(value) ? Number(value) : null;
  };
  const [row, column] = [index("tmaRow"), index("tmaCol")];
  const sample = parameter(search, "tmaSample") ?? "";
  const core = row === null || column === null ? null : { row, column };
  return core || sample ? { core, sample } : null;
}
