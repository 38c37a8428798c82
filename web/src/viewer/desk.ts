/** The reader's desk: slide, keyboard and panels, and what each command does to them. */

import { computed, effect, signal } from "@preact/signals";
import { SESSION_OVER } from "../api/http";
import { Drawing, pressKey, undo } from "../drawing/keys";
import { Sheet } from "../scoring/sheet";
import { words } from "../ui/words";
import type { Point } from "./geometry";
import { keepSheet } from "./keepsheet";
import { type Command, commandOf, objectiveOf } from "./keys";
import { exactText } from "./magnification";
import { placeText } from "./place";
import { Reading, readStart } from "./reading";
import { SlideView } from "./slideview";
import { addressOf } from "./viewurl";

const ADDRESS_AFTER_MS = 250;
const TOAST_MS = 6000;
const PREFERENCES = "coverslip.viewer";

const HELD: Partial<Record<Command, Point>> = {
  panUp: { x: 0, y: -1 },
  panLeft: { x: -1, y: 0 },
  panDown: { x: 0, y: 1 },
  panRight: { x: 1, y: 0 },
};
const STEPPED: Partial<Record<Command, Point>> = {
  stepUp: { x: 0, y: -1 },
  stepLeft: { x: -1, y: 0 },
  stepDown: { x: 0, y: 1 },
  stepRight: { x: 1, y: 0 },
};

export type PanelTab = "score" | "shapes" | "history" | "slide" | "list";

export class Desk {
  readonly reading = new Reading();
  /** The questions of the study; a linked file has none. */
  readonly sheet = new Sheet();
  readonly drawing = new Drawing(this.sheet, () => this.mpp.value);
  readonly view: SlideView;
  readonly isOnly = signal(false);
  readonly hasStrip = signal(true);
  readonly hasPanel = signal(true);
  readonly tab = signal<PanelTab>("score");
  readonly isHelpOpen = signal(false);
  readonly isFull = signal(false);
  /** The message at the foot of the panel. */
  readonly toast = signal("");
  readonly isSessionOver = signal(false);
  /** What a screen reader is told on demand. */
  readonly said = signal("");

  /** The exact magnification, as the status line writes it. */
  readonly magnification = computed(() => {
    const look = this.view.look.value;
    return look ? exactText(look.zoom, this.mpp.value) : "";
  });
  /** Whether there is a slide for the tools to act on. */
  readonly canView = computed(() => this.view.shown.value !== null);
  readonly mpp = computed(() => this.reading.facts.value?.mpp ?? null);

  readonly #start = readStart();
  readonly #stops: (() => void)[] = [];
  #awaitsObjective = false;
  #toastTimer = 0;

  constructor(slide: HTMLElement, underlay: HTMLCanvasElement) {
    this.view = new SlideView(slide, underlay);
    this.#readPreferences();
    this.#describeCanvas();
    this.#keepAddress();
    this.#prepareWhenSharp();
    this.#stops.push(...keepSheet(this.reading, this.sheet));
    this.sheet.onDone = () => void this.goToUnscored();
    this.#keepPreferences();
    this.#listen();
  }

  start(): Promise<void> {
    return this.reading.start(this.view, this.#start);
  }

  retry(): Promise<void> {
    return this.reading.retry(this.#start);
  }

  leave(): void {
    for (const stop of this.#stops) stop();
  }

  /** Whether slides lie beside this one. */
  get isInStudy(): boolean {
    return this.#start.link === null;
  }

  /** Do what a key or button stands for. */
  run(command: Command): void {
    const direction = STEPPED[command];
    if (direction) this.view.step(direction);
    else this.#deeds[command]?.();
  }

  readonly #deeds: Partial<Record<Command, () => void>> = {
    zoomIn: () => this.view.stepObjective(1),
    zoomOut: () => this.view.stepObjective(-1),
    fit: () => this.view.fit(),
    native: () => this.view.zoomTo(1),
    rotateRight: () => this.view.rotateBy(90),
    rotateLeft: () => this.view.rotateBy(-90),
    rotateReset: () => this.view.resetRotation(),
    information: () => this.#inform(),
    onlySlide: () => this.#toggle(this.isOnly),
    fullScreen: () => this.#toggleFullScreen(),
    previousSlide: () => void this.reading.previous(),
    nextSlide: () => void this.reading.next(),
    strip: () => this.#toggle(this.hasStrip),
    help: () => this.#toggle(this.isHelpOpen),
    copyLink: () => void this.#copyLink(),
    close: () => this.#close(),
    nextUnscored: () => void this.goToUnscored(),
    finish: () => this.sheet.finish(),
    nextQuestion: () => this.sheet.move(1),
    previousQuestion: () => this.sheet.move(-1),
    stepUpAnswer: () => this.sheet.step(1),
    stepDownAnswer: () => this.sheet.step(-1),
    exact: () => void this.typeAnswer(),
    nextRegion: () => moveFocus(1),
    previousRegion: () => moveFocus(-1),
  };

  togglePanel(): void {
    this.#toggle(this.hasPanel);
  }

  closeHelp(): void {
    this.isHelpOpen.value = false;
    this.view.canvas.focus();
  }

  say(message: string): void {
    window.clearTimeout(this.#toastTimer);
    this.toast.value = message;
    this.#toastTimer = window.setTimeout(() => {
      this.toast.value = "";
    }, TOAST_MS);
  }

  /** Go to the next slide with something to answer; after the last one, say so. */
  async goToUnscored(): Promise<void> {
    const studyId = this.reading.studyId.value;
    if (studyId === null) return;
    const slides = this.reading.slides.value;
    // What was answered just now may not have reached the server yet: the marks here know it.
    const position = this.reading.position.value;
    const order = [...slides.slice(position + 1), ...slides.slice(0, position)];
    const marks = this.sheet.marks.value;
    const next = order.find((slide) => (marks.get(slide.id) ?? "open") !== "done");
    if (next) await this.reading.open(slides.indexOf(next));
    else this.say(words.scoring.allDone(slides.length));
  }

  /** Put the cursor into the field of the active question. */
  typeAnswer(): boolean {
    const field = document.querySelector<HTMLElement>(".question[data-active='true'] [data-exact]");
    field?.focus();
    if (field instanceof HTMLInputElement) field.select();
    return field !== null;
  }

  #toggle(switched: { value: boolean }): void {
    switched.value = !switched.value;
  }

  #close(): void {
    if (this.isHelpOpen.value) this.closeHelp();
    else if (this.isOnly.value) this.isOnly.value = false;
  }

  #inform(): void {
    this.isOnly.value = false;
    this.hasPanel.value = true;
    this.tab.value = "slide";
    const look = this.view.look.value;
    if (!look) return;
    const place = words.viewer.position(placeText(look.view, this.mpp.value));
    this.said.value = words.viewer.said(this.magnification.value, place);
  }

  async #copyLink(): Promise<void> {
    const look = this.view.look.value;
    const address = addressOf(location.href, look ? { view: look.view } : {});
    try {
      await navigator.clipboard.writeText(address);
      this.say(words.viewer.linkCopied);
    } catch {
      // Browsers give the clipboard only to pages that came over https or from this machine.
      history.replaceState(null, "", address);
      this.say(words.viewer.linkNotCopied);
    }
  }

  async #toggleFullScreen(): Promise<void> {
    try {
      if (document.fullscreenElement) await document.exitFullscreen();
      else await document.documentElement.requestFullscreen();
    } catch {
      // A frame around the page may forbid it; then the page stays as it is.
    }
  }

  #listen(): void {
    const keyDown = (event: KeyboardEvent) => this.#keyDown(event);
    const keyUp = (event: KeyboardEvent) => {
      const command = commandOf({ ...pressOf(event), shiftKey: false });
      if (command && HELD[command]) this.view.release(command);
    };
    const end = () => {
      this.isSessionOver.value = true;
    };
    const rest = () => this.view.releaseAll();
    const follow = () => void this.reading.follow();
    const full = () => {
      this.isFull.value = document.fullscreenElement !== null;
    };
    window.addEventListener("keydown", keyDown);
    window.addEventListener("keyup", keyUp);
    window.addEventListener("blur", rest);
    window.addEventListener("popstate", follow);
    window.addEventListener(SESSION_OVER, end);
    document.addEventListener("fullscreenchange", full);
    this.#stops.push(() => {
      window.removeEventListener("keydown", keyDown);
      window.removeEventListener("keyup", keyUp);
      window.removeEventListener("blur", rest);
      window.removeEventListener("popstate", follow);
      window.removeEventListener(SESSION_OVER, end);
      document.removeEventListener("fullscreenchange", full);
    });
  }

  #keyDown(event: KeyboardEvent): void {
    const press = pressOf(event);
    if (this.#isUndo(event)) return;
    if (isTyping(event.target)) return;
    if (!this.isHelpOpen.value && pressKey(this.drawing, press)) return event.preventDefault();
    if (!this.isHelpOpen.value && !this.#awaitsObjective && this.#answersBy(press)) {
      event.preventDefault();
      return;
    }
    const command = this.#awaitedObjective(press) ? "objective" : commandOf(press);
    if (!command || (this.isHelpOpen.value && command !== "help" && command !== "close")) return;
    if (command !== "close") event.preventDefault();
    const held = HELD[command];
    if (held) this.view.hold(command, held);
    else if (command !== "objective") this.run(command);
    else if (press.code === "KeyZ") this.#awaitsObjective = true;
  }

  /** Answer by a key; the question shows it in the same frame. */
  #answersBy(press: ReturnType<typeof pressOf>): boolean {
    if (!this.isInStudy || this.phaseHidesSheet) return false;
    if (press.ctrlKey || press.altKey || press.metaKey) return false;
    // On a focused button Enter presses it.
    if (press.code === "Enter" && document.activeElement instanceof HTMLButtonElement) return false;
    return this.sheet.press(press);
  }

  /** Whether there is no slide whose questions could be answered. */
  get phaseHidesSheet(): boolean {
    return this.reading.phase.value === "empty";
  }

  #isUndo(event: KeyboardEvent): boolean {
    const isCommand = event.ctrlKey || event.metaKey;
    if (!isCommand || event.altKey || isTyping(event.target)) return false;
    const key = event.key.toLowerCase();
    if (key === "z" && !event.shiftKey) undo(this.drawing);
    else if (key === "y" || (key === "z" && event.shiftKey)) this.sheet.redo();
    else if (key === "s") this.say(words.scoring.allSaved);
    else return false;
    event.preventDefault();
    return true;
  }

  /** Take the digit after Z; any other key ends the wait and means itself. */
  #awaitedObjective(press: ReturnType<typeof pressOf>): boolean {
    if (!this.#awaitsObjective) return false;
    this.#awaitsObjective = false;
    const index = objectiveOf(press);
    if (index === null) return false;
    this.view.goObjective(index);
    return true;
  }

  #describeCanvas(): void {
    const { canvas } = this.view;
    canvas.setAttribute("role", "application");
    this.#stops.push(
      effect(() => {
        const name = this.reading.name.value;
        canvas.setAttribute("aria-label", words.viewer.slideRegion(name));
      }),
    );
  }

  /** Keep the address restoring what is seen, without a step of history for each pan. */
  #keepAddress(): void {
    let timer = 0;
    this.#stops.push(
      effect(() => {
        const look = this.view.look.value;
        window.clearTimeout(timer);
        if (!look || this.reading.phase.value !== "shown") return;
        timer = window.setTimeout(() => {
          history.replaceState(null, "", addressOf(location.href, { view: look.view }));
        }, ADDRESS_AFTER_MS);
      }),
    );
  }

  #prepareWhenSharp(): void {
    this.#stops.push(
      effect(() => {
        const isSharp = this.view.supply.value.isSharp;
        if (isSharp && this.reading.phase.value === "shown") this.reading.prepareNeighbours();
      }),
    );
  }

  #readPreferences(): void {
    try {
      const stored = JSON.parse(localStorage.getItem(PREFERENCES) ?? "{}") as Record<
        string,
        unknown
      >;
      this.hasStrip.value = stored.strip !== false;
      this.hasPanel.value = stored.panel !== false;
    } catch {
      // Unreadable or forbidden storage: the page starts as it does for a newcomer.
    }
  }

  #keepPreferences(): void {
    this.#stops.push(
      effect(() => {
        const wanted = { strip: this.hasStrip.value, panel: this.hasPanel.value };
        try {
          localStorage.setItem(PREFERENCES, JSON.stringify(wanted));
        } catch {
          // Then the choice holds for this page only.
        }
      }),
    );
  }
}

function pressOf({ code, key, shiftKey, ctrlKey, altKey, metaKey }: KeyboardEvent) {
  return { code, key, shiftKey, ctrlKey, altKey, metaKey };
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, select");
}

/** Move the focus to the next of the page's parts, in the order in which they are read. */
function moveFocus(direction: 1 | -1): void {
  const parts = [...document.querySelectorAll<HTMLElement>("[data-part], .openseadragon-canvas")];
  const visible = parts.filter((part) => part.offsetParent !== null);
  const now = visible.findIndex((part) => part.contains(document.activeElement));
  const next = visible[(now + direction + visible.length) % visible.length];
  const target = next?.matches("[tabindex]")
    ? next
    : next?.querySelector<HTMLElement>("a[href], button, input, [tabindex='0']");
  target?.focus();
}
