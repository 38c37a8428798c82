/** What is being read: the study, its slides, the one shown, and how the change to another goes. */

import { batch, computed, signal } from "@preact/signals";
import { Failure, root } from "../api/http";
import type { SlideFacts } from "../api/pixels";
import { listSlides, listStudies, readDescription, type Slide, studyOf } from "../api/studies";
import { type Problem, problemOf } from "../ui/failure";
import { remember } from "../ui/recent";
import { SlideCache, type SlideKey } from "./slidecache";
import type { SlideView } from "./slideview";
import { addressOf, parameter, parseView, type View } from "./viewurl";

/** Where a page's address leads. */
export interface Start {
  studyId: number | null;
  slideId: number | null;
  view: View | null;
  /** Slides to be shown beside it. */
  beside: readonly number[];
  /** A file on the server, shown by a link and part of no study. */
  link: { text: string; name: string } | null;
}

export type Phase = "opening" | "shown" | "failed" | "empty";

const OPENING_SHOWS_AFTER_MS = 300;

export class Reading {
  readonly studyId = signal<number | null>(null);
  readonly studyLabel = signal("");
  readonly slides = signal<readonly Slide[]>([]);
  /** Position in `slides` of the slide asked for. */
  readonly position = signal(0);
  readonly phase = signal<Phase>("opening");
  /** The change takes long enough that the old slide is dimmed. */
  readonly isSlow = signal(false);
  readonly problem = signal<Problem | null>(null);
  readonly facts = signal<SlideFacts | null>(null);
  readonly description = signal("");
  readonly cache = new SlideCache((slideId, failure) => void this.#lost(slideId, failure));

  readonly slide = computed(() => this.slides.value[this.position.value] ?? null);
  readonly name = computed(() => this.slide.value?.name ?? "");

  #view: SlideView | null = null;
  #turn = 0;
  #link: Start["link"] = null;

  /** Open what the page's address names. */
  async start(view: SlideView, start: Start): Promise<void> {
    this.#view = view;
    this.#link = start.link;
    try {
      if (start.link) await this.#startLink(start.link, start.view);
      else await this.#startStudy(start);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Show another slide of the study; `history` says how the address takes note of it. */
  async open(
    position: number,
    history: "push" | "keep" = "push",
    view: View | null = null,
  ): Promise<void> {
    const slide = this.slides.value[position];
    if (!slide || !this.#view) return;
    batch(() => {
      this.position.value = position;
      this.phase.value = "opening";
      this.problem.value = null;
      this.description.value = "";
    });
    if (history === "push") this.#pushAddress(slide.id);
    await this.#show(slide.id, view);
  }

  next(): Promise<void> {
    return this.open(this.position.value + 1);
  }

  previous(): Promise<void> {
    return this.open(this.position.value - 1);
  }

  /** Follow the browser's Back and Forward. */
  async follow(): Promise<void> {
    const slideId = Number(parameter(location.search, "imageId"));
    const position = this.slides.value.findIndex((slide) => slide.id === slideId);
    const view = parseView(parameter(location.search, "view"));
    if (position >= 0) await this.open(position, "keep", view);
  }

  async retry(start: Start): Promise<void> {
    if (!this.#view) return;
    this.problem.value = null;
    this.phase.value = "opening";
    if (this.slides.value.length > 0 && !this.#link) await this.open(this.position.value, "keep");
    else await this.start(this.#view, start);
  }

  /** Make the neighbours ready, so that the change to them needs no waiting. */
  prepareNeighbours(): void {
    for (const step of [1, -1]) {
      const slide = this.slides.value[this.position.value + step];
      if (slide) this.cache.ready(slide.id).catch(() => undefined);
    }
  }

  async #startLink(link: { text: string; name: string }, view: View | null): Promise<void> {
    this.slides.value = [
      {
        id: 0,
        name: link.name,
        fileSize: null,
        caseId: null,
        caseName: "",
        tmaMap: "",
        rotation: 0,
      },
    ];
    await this.#show({ link: link.text }, view);
  }

  async #startStudy(start: Start): Promise<void> {
    const studyId = start.studyId ?? (start.slideId === null ? null : await studyOf(start.slideId));
    if (studyId === null) {
      this.phase.value = "empty";
      return;
    }
    this.studyId.value = studyId;
    void this.#nameStudy(studyId);
    // The slide need not wait for the list: its neighbours are a second thought.
    if (start.slideId !== null) this.cache.ready(start.slideId).catch(() => undefined);
    const slides = await listSlides(studyId);
    const found = slides.findIndex((slide) => slide.id === start.slideId);
    if (start.slideId !== null && found < 0) throw new Failure("missing", "", 404);
    this.slides.value = slides;
    if (slides.length === 0) {
      this.phase.value = "empty";
      return;
    }
    const position = Math.max(found, 0);
    const slideId = slides[position]?.id ?? 0;
    history.replaceState(null, "", addressOf(location.href, { slideId, studyId }));
    await this.open(position, "keep", start.view);
  }

  async #nameStudy(studyId: number): Promise<void> {
    try {
      const study = (await listStudies()).find((entry) => entry.id === studyId);
      this.studyLabel.value = study?.label ?? "";
    } catch {
      // The slide matters more than the name of its study; the call for slides tells what is wrong.
    }
  }

  async #show(key: SlideKey, view: View | null): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    const isLatest = () => turn === this.#turn;
    const slow = window.setTimeout(() => {
      if (isLatest()) this.isSlow.value = true;
    }, OPENING_SHOWS_AFTER_MS);
    try {
      const ready = await this.cache.ready(key);
      // Faster fingers than the network: only the slide asked for last is shown.
      if (!isLatest() || !this.#view) return;
      await this.#view.show(ready, this.slide.value?.rotation ?? 0, view);
      if (!isLatest()) return;
      batch(() => {
        this.facts.value = ready.facts;
        this.phase.value = "shown";
        this.isSlow.value = false;
      });
      if (typeof key === "number") void this.#describe(key, isLatest);
    } catch (error) {
      if (isLatest()) this.#fail(error);
    } finally {
      window.clearTimeout(slow);
      if (isLatest()) this.isSlow.value = false;
    }
  }

  async #describe(slideId: number, isLatest: () => boolean): Promise<void> {
    const studyId = this.studyId.value;
    if (studyId !== null) {
      const slideName = this.name.value;
      remember({ studyId, slideId, slideName, at: new Date().toISOString() });
    }
    try {
      const description = await readDescription(slideId);
      if (isLatest()) this.description.value = description;
    } catch {
      // An addition: without it the facts from the file stand alone.
    }
  }

  /** A slide that is shown may not be seen any more, or it is gone: the study's list tells which. */
  async #lost(slideId: number, failure: Failure): Promise<void> {
    const [studyId, turn] = [this.studyId.peek(), this.#turn];
    const listed = studyId === null ? null : await listSlides(studyId).catch(() => null);
    const isGone = listed?.every(({ id }) => id !== slideId) ?? false;
    const isShown = turn === this.#turn && this.slide.peek()?.id === slideId;
    if (!isShown || this.phase.peek() !== "shown") return;
    this.#fail(isGone ? new Failure("missing", "", 404) : failure);
  }

  #fail(error: unknown): void {
    this.#view?.clear();
    batch(() => {
      this.facts.value = null;
      this.problem.value = problemOf(error, new Date());
      this.phase.value = "failed";
    });
  }

  #pushAddress(slideId: number): void {
    const studyId = this.studyId.value;
    history.pushState(
      null,
      "",
      addressOf(location.href, { slideId, studyId, view: null, core: null }),
    );
  }
}

/** Read the page's address; the server names the link of a slide file in the document. */
export function readStart(): Start {
  const search = location.search;
  const id = (name: string) => {
    const value = Number(parameter(search, name) ?? Number.NaN);
    return Number.isSafeInteger(value) && value > 0 ? value : null;
  };
  // Side by side: the first of several is the one that is scored.
  const listed = (parameter(search, "imageIds") ?? "").split(",").map(Number);
  const several = listed.filter((value) => Number.isSafeInteger(value) && value > 0);
  const slideId = id("imageId") ?? several[0] ?? null;
  const { link = "", name = "" } = document.documentElement.dataset;
  return {
    studyId: id("studyId"),
    slideId,
    beside: several.filter((value) => value !== slideId),
    view: parseView(parameter(search, "view")),
    link: link ? { text: link, name } : null,
  };
}

/** Where a slide of a study is looked at. */
export function slideAddress(slideId: number, studyId: number | null): string {
  const study = studyId === null ? "" : `&studyId=${studyId}`;
  return `${root}/Image/Details?imageId=${slideId}${study}`;
}
