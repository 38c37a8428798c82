/** Which core of a microarray is looked at, and how far the reader is with each. */

import { batch, computed, signal } from "@preact/signals";
import { Failure } from "../../api/http";
import type { Mark } from "../../scoring/api";
import { EXTRAS } from "../../scoring/questions";
import type { Sheet } from "../../scoring/sheet";
import type { Core, Subject } from "../../scoring/versions";
import { type CoreLayout, type CorePlace, isScored, nextCore, readLayout } from "./layout";

export type CoreMark = Mark | "missing";

/** Which core the page's address names. */
export interface WantedCore {
  core: Core;
  sample: string;
}

export class Cores {
  /** Of the slide that is shown; null: it is no microarray, or not known yet. */
  readonly layout = signal<CoreLayout | null>(null);
  readonly current = signal<CorePlace | null>(null);
  /** Only cores of this sample are lit; empty: all. */
  readonly sample = signal("");

  readonly #sheet: Sheet;
  readonly #layouts = new Map<number, Promise<CoreLayout | null>>();
  #slide: { id: number; caseId: number | null } | null = null;

  constructor(sheet: Sheet) {
    this.#sheet = sheet;
  }

  /** How far the reader is with each core, by its index in the layout. */
  readonly marks = computed<readonly CoreMark[]>(() =>
    (this.layout.value?.cores ?? []).map((core) => this.#markOf(core)),
  );

  readonly counts = computed(() => {
    const counts = { done: 0, partly: 0, open: 0, missing: 0 };
    this.layout.value?.cores.forEach((core, index) => {
      const mark = this.marks.value[index] ?? "open";
      if (isScored(core) || mark === "done") counts[mark] += 1;
    });
    return counts;
  });

  /** Learn where the cores of a slide lie; null where it has none. */
  load(slideId: number): Promise<CoreLayout | null> {
    const known = this.#layouts.get(slideId);
    if (known) return known;
    const asked = readLayout(slideId).then(
      (layout) => (layout.cores.length > 0 ? layout : null),
      (error: unknown) => {
        this.#layouts.delete(slideId);
        if (error instanceof Failure) return null;
        throw error;
      },
    );
    this.#layouts.set(slideId, asked);
    return asked;
  }

  /** Take a slide's cores up, at the core that is wanted or else none. */
  enter(
    slide: { id: number; caseId: number | null },
    layout: CoreLayout | null,
    wanted: WantedCore | null,
  ): void {
    this.#slide = slide;
    const cores = layout?.cores ?? [];
    const named = cores.find(
      ({ row, column }) => row === wanted?.core?.row && column === wanted.core.column,
    );
    const ofSample = wanted?.sample ? cores.filter(({ sample }) => sample === wanted.sample) : [];
    batch(() => {
      this.layout.value = layout;
      this.sample.value = ofSample.length > 1 ? (wanted?.sample ?? "") : "";
      this.current.value = named ?? (ofSample.length === 1 ? (ofSample[0] ?? null) : null);
    });
  }

  /** The next core with something to answer; null: all of the slide are done. */
  nextOpen(): CorePlace | null {
    const layout = this.layout.value;
    if (!layout) return null;
    const isOpen = (core: CorePlace) => !["done", "missing"].includes(this.#markOf(core));
    const sample = this.sample.value;
    // First what the address asked for; after that all the others.
    const ofSample = (core: CorePlace) => core.sample === sample && isOpen(core);
    const among = sample ? nextCore(layout, this.current.value, ofSample) : null;
    return among ?? nextCore(layout, this.current.value, isOpen);
  }

  /** A core and those to be answered after it, as many as there are up to a number. */
  following(first: CorePlace, most: number): CorePlace[] {
    const layout = this.layout.peek();
    const found = [first];
    const isWanted = (core: CorePlace) =>
      !found.includes(core) && !["done", "missing"].includes(this.#markOf(core));
    while (layout && found.length < most) {
      const next = nextCore(layout, found.at(-1) ?? first, isWanted);
      if (!next) break;
      found.push(next);
    }
    return found;
  }

  subjectOf({ row, column }: CorePlace): Subject {
    const { id, caseId } = this.#slide ?? { id: 0, caseId: null };
    return { slideId: id, caseId, core: { row, column } };
  }

  /** How far the reader is with the whole slide. */
  slideMark(): Mark {
    const { done, partly, open, missing } = this.counts.value;
    if (open + partly === 0) return "done";
    return done + partly + missing > 0 ? "partly" : "open";
  }

  #markOf(core: CorePlace): CoreMark {
    const subject = this.subjectOf(core);
    const isMissing = this.#sheet.questions.value.some(
      ({ name }) => this.#sheet.answerTo(name, subject) === EXTRAS.missing,
    );
    const mark = this.#sheet.markOf(subject);
    return isMissing && mark === "done" ? "missing" : mark;
  }
}
