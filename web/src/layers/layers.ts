/** Drawn answers of others and of annotation files, shown over the slide as layers. */

import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { Failure } from "../api/http";
import type { Box } from "../drawing/outline";
import type { Geometry } from "../drawing/shapes";
import type { Sheet } from "../scoring/sheet";
import { isCore } from "../scoring/versions";
import type { Point } from "../viewer/geometry";
import { magnificationAt } from "../viewer/magnification";
import type { Reading } from "../viewer/reading";
import type { SlideView } from "../viewer/slideview";
import { type About, fetchBox, type LayerEntry, readLayers } from "./api";
import { geometryOf, shapeIn } from "./finding";
import { type LayerStyle, LayerStyles } from "./layerstyles";
import { unpack } from "./packed";

/** A layer with how it is shown. */
export interface ShownLayer {
  entry: LayerEntry;
  style: LayerStyle;
}

/** A shape of a layer that was clicked. */
export interface Picked {
  layer: ShownLayer;
  /** Place in its answer, from 0. */
  index: number;
  geometry: Geometry;
}

export class Layers {
  readonly picked = signal<Picked | null>(null);
  readonly styles = new LayerStyles();
  readonly #entries = signal<readonly LayerEntry[]>([]);
  readonly #reading: Reading;
  readonly #sheet: Sheet;
  readonly #view: SlideView;
  readonly #isHidden: ReadonlySignal<boolean>;
  #about: About | null = null;

  /** `isHidden`: nothing that was drawn is to be seen. */
  constructor(reading: Reading, sheet: Sheet, view: SlideView, isHidden: ReadonlySignal<boolean>) {
    this.#isHidden = isHidden;
    this.#reading = reading;
    this.#sheet = sheet;
    this.#view = view;
  }

  /** Layers about the slide or core that is looked at, which this reader may see by now. */
  readonly all = computed<readonly ShownLayer[]>(() =>
    this.#entries.value
      .filter((entry) => this.#isOpen(entry))
      .map((entry) => ({ entry, style: this.styles.of(entry, this.#colourOf(entry.question)) })),
  );

  /** Those that are to be painted at this zoom. */
  readonly painted = computed<readonly ShownLayer[]>(() => {
    const power = this.power.value;
    if (this.#isHidden.value) return [];
    return this.all.value.filter(
      ({ style }) => style.isShown && (power === null || power >= style.fromPower),
    );
  });

  /** The magnification, in steps that layers can tell apart; null without µm/px. */
  readonly power = computed(() => {
    const mpp = this.#reading.facts.value?.mpp ?? null;
    const zoom = this.#view.look.value?.zoom ?? null;
    if (mpp === null || zoom === null) return null;
    return Math.round(magnificationAt(zoom, mpp) * 100) / 100;
  });

  get about(): About | null {
    return this.#about;
  }

  get email(): string {
    return this.#sheet.rights.value?.email ?? "";
  }

  get maxLevel(): number {
    return this.#view.shown.peek()?.facts.maxLevel ?? 0;
  }

  /** Keep the layers those of the slide that is shown; returns what ends that. */
  follow(): () => void {
    return effect(() => {
      const shown = this.#view.shown.value;
      const studyId = this.#reading.studyId.value;
      const slideId = shown ? (this.#reading.slide.peek()?.id ?? null) : null;
      if (studyId === null || !slideId || this.#sheet.rights.value === null) return;
      if (this.#about?.slideId === slideId) return;
      this.#about = { studyId, slideId };
      this.#entries.value = [];
      this.picked.value = null;
      void this.#load(this.#about);
    });
  }

  /** Fetch a piece of a layer. */
  fetch(id: number, box: Box, level: number): Promise<ArrayBuffer> {
    if (!this.#about) return Promise.reject(new Failure("missing", ""));
    return fetchBox(this.#about, id, box, level);
  }

  /** Pick a shape by its place in its answer; its outline is fetched in full. */
  async pick(id: number, index: number, at: Point): Promise<void> {
    const layer = this.all.value.find(({ entry }) => entry.id === id);
    if (!layer) return;
    const box = { left: at.x - 2, top: at.y - 2, right: at.x + 2, bottom: at.y + 2 };
    const packed = unpack(await this.fetch(id, box, this.maxLevel));
    const only = packed.kinds.length === 1 ? geometryOf(packed, 0) : null;
    const geometry = shapeIn(packed, index) ?? only;
    if (geometry) this.picked.value = { layer, index, geometry };
  }

  async #load(about: About): Promise<void> {
    try {
      const found = await readLayers(about);
      if (this.#about === about) this.#entries.value = found;
    } catch (error) {
      // Who may not see answers has no layers; the slide is there all the same.
      if (!(error instanceof Failure)) throw error;
    }
  }

  /** One's own answers are drawn as shapes; others' are shown after one's own was given. */
  #isOpen({ question, email, core, isFile }: LayerEntry): boolean {
    const rights = this.#sheet.rights.value;
    const subject = this.#sheet.subject.value;
    if (!rights || (subject && !isCore(core, subject.core))) return false;
    if (email === rights.email) return isFile;
    const isFree = rights.canEdit || !rights.canScore;
    return isFree || (rights.seesOthers && this.#sheet.answerTo(question) !== "");
  }

  #colourOf(name: string): string {
    const question = this.#sheet.questions.value.find((entry) => entry.name === name);
    return question?.colour || "#ffd60a";
  }
}
