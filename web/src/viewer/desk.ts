/** The reader's desk: slide, keyboard and panels, and what each command does to them. */

import { computed, effect, signal } from "@preact/signals";
import { Drawing, pressKey, undo } from "../drawing/keys";
import { Layers } from "../layers/layers";
import { summary } from "../scoring/SaveState";
import { Sheet } from "../scoring/sheet";
import { pressOn, stepOn } from "../scoring/sheetkeys";
import { sheetWords } from "../scoring/words";
import { words } from "../ui/words";
import { Adjust } from "./adjust";
import { isPressedBy, isTyping, moveFocus } from "./focus";
import { keepPage } from "./keeppage";
import { keepRecord } from "./keeprecord";
import { keepSheet } from "./keepsheet";
import { type Command, commandOf } from "./keys";
import { listen } from "./listening";
import { exactText } from "./magnification";
import { Moving } from "./moving";
import { Companions } from "./panes/companions";
import { paneWords } from "./panes/words";
import { placeText } from "./place";
import { keepPreferences } from "./preferences";
import { Reading, readStart } from "./reading";
import { SlideView } from "./slideview";
import { CoreBatch } from "./tma/batch";
import { CoreDesk } from "./tma/coredesk";
import { addressOf } from "./viewurl";

const TOAST_MS = 6000;
const GO_ON_AFTER_MS = 250;

export type PanelTab = "score" | "shapes" | "history" | "slide" | "list";

export class Desk {
  readonly reading = new Reading();
  /** The questions of the study; a linked file has none. */
  readonly sheet = new Sheet();
  readonly drawing = new Drawing(this.sheet, () => this.mpp.value);
  readonly view: SlideView;
  /** Drawn answers of others, and of annotation files. */
  readonly layers: Layers;
  /** Slides beside the scored one. */
  readonly companions: Companions;
  /** Reading of a microarray, core by core. */
  readonly tma: CoreDesk;
  /** Several of its cores at once. */
  readonly batch: CoreBatch;
  readonly adjust = new Adjust();
  readonly isOnly = signal(false);
  readonly hasStrip = signal(true);
  readonly hasPanel = signal(true);
  readonly tab = signal<PanelTab>("score");
  readonly isHelpOpen = signal(false);
  readonly isFull = signal(false);
  /** What is asked for in a dialog: a picture of the view, or a link for a guest. */
  readonly dialog = signal<"picture" | "guest" | null>(null);
  /** The message at the foot of the panel. */
  readonly toast = signal("");
  readonly isSessionOver = signal(false);
  readonly goesOn = { core: signal(true), slide: signal(false) };
  /** What a screen reader is told on demand. */
  readonly said = signal("");

  /** The exact magnification, as the status line writes it. */
  readonly magnification = computed(() => {
    const look = this.view.look.value;
    return look ? exactText(look.zoom, this.mpp.value) : "";
  });
  /** How far the reader is: with slides, or with the cores of the one that is shown. */
  readonly reach = computed(() => {
    const { current, counts } = this.tma.cores;
    if (!current.value) {
      const all = this.reading.slides.value.length;
      return { done: this.sheet.doneCount.value, all, isCores: false, goesOn: this.goesOn.slide };
    }
    const { done, partly, open, missing } = counts.value;
    const all = done + partly + open + missing;
    return { done: done + missing, all, isCores: true, goesOn: this.goesOn.core };
  });
  /** Whether there is a slide for the tools to act on. */
  readonly canView = computed(() => this.view.shown.value !== null);
  readonly mpp = computed(() => this.reading.facts.value?.mpp ?? null);

  readonly #start = readStart();
  readonly #stops: (() => void)[] = [];
  readonly #moving: Moving;
  #toastTimer = 0;
  #goOnTimer = 0;

  constructor(slide: HTMLElement, underlay: HTMLCanvasElement) {
    this.view = new SlideView(slide, underlay);
    this.layers = new Layers(this.reading, this.sheet, this.view, this.drawing.isHidden);
    this.companions = new Companions(this.reading, this.view);
    this.#moving = new Moving(() => this.companions.underKeys);
    this.#stops.push(...this.companions.follow());
    // Where none is looked at twice, none is looked at ahead.
    this.#stops.push(
      effect(() => {
        if (this.isOneWay.value) this.companions.closeSlides();
      }),
    );
    this.#stops.push(effect(() => this.adjust.turnTo(this.reading.slide.value?.id ?? 0)));
    this.#stops.push(...keepPage(this.view, this.reading));
    this.#stops.push(keepRecord(this.view, this.reading, this.sheet));
    this.tma = new CoreDesk(this.reading, this.sheet, this.view, this.#start.view !== null);
    this.#stops.push(...keepSheet(this.sheet, this.tma));
    this.batch = new CoreBatch(this.sheet, this.tma, this.companions);
    this.#stops.push(...this.batch.follow());
    this.sheet.onDone = () => void this.goToUnscored();
    this.sheet.onComplete = () => this.#goOn();
    this.sheet.onFinal = () => this.say(sheetWords.finalToast);
    this.#stops.push(keepPreferences(this));
    this.#listen();
  }

  async start(): Promise<void> {
    await this.reading.start(this.view, this.#start);
    this.companions.open(this.#start.beside);
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
    if (!this.#moving.run(command)) this.#deeds[command]?.();
  }

  readonly #deeds: Partial<Record<Command, () => void>> = {
    fit: () => this.#fit(),
    coreUp: () => void this.tma.step({ rows: -1, columns: 0 }),
    coreLeft: () => void this.tma.step({ rows: 0, columns: -1 }),
    coreDown: () => void this.tma.step({ rows: 1, columns: 0 }),
    coreRight: () => void this.tma.step({ rows: 0, columns: 1 }),
    compare: () => !this.isOneWay.value && this.companions.toggle(),
    sync: () => this.companions.toggleSync(),
    align: () => this.#align(),
    adjust: () => this.#openAdjust(),
    grid: () => this.#toggle(this.tma.hasGrid),
    information: () => this.#inform(),
    onlySlide: () => {
      this.#toggle(this.isOnly);
      this.#focusSlide();
    },
    fullScreen: () => this.#toggleFullScreen(),
    previousSlide: () => this.#goBeside(-1),
    nextSlide: () => this.#goBeside(1),
    strip: () => this.#toggle(this.hasStrip),
    help: () => (this.isHelpOpen.value ? this.closeHelp() : this.#toggle(this.isHelpOpen)),
    copyLink: () => void this.#copyLink(),
    close: () => this.#close(),
    nextUnscored: () => this.#nextUnscored(),
    finish: () => this.#finish(),
    nextQuestion: () => this.sheet.move(1),
    previousQuestion: () => this.sheet.move(-1),
    stepUpAnswer: () => stepOn(this.sheet, 1),
    stepDownAnswer: () => stepOn(this.sheet, -1),
    exact: () => void this.typeAnswer(),
    nextRegion: () => moveFocus(1),
    previousRegion: () => moveFocus(-1),
  };

  #fit(): void {
    const view = this.companions.underKeys;
    if (view === this.view) this.tma.fit();
    else view.fit();
  }

  #align(): void {
    this.drawing.take(null);
    if (!this.companions.beginPairing()) this.say(paneWords.none);
  }

  togglePanel(): void {
    this.#toggle(this.hasPanel);
  }

  closeHelp(): void {
    this.isHelpOpen.value = false;
    this.#focusSlide();
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
    if (this.reading.studyId.value === null || this.tma.goToOpen()) return;
    const slides = this.reading.slides.value;
    // What was answered just now may not have reached the server yet: the marks here know it.
    const position = this.reading.position.value;
    const order = [...slides.slice(position + 1), ...slides.slice(0, position)];
    const marks = this.sheet.marks.value;
    const next = order.find((slide) => (marks.get(slide.id) ?? "open") !== "done");
    if (next) await this.reading.open(slides.indexOf(next));
    else this.say(words.scoring.allDone(slides.length));
  }

  /** Whether slides are scored in their order, and none is looked at twice. */
  readonly isOneWay = computed(() => this.sheet.rights.value?.isOneWay === true);

  /** Go on by itself after the last answer: for cores unless switched off, for slides if wished. */
  #goOn(): void {
    const subject = this.sheet.subject.value;
    if (!(subject?.core ? this.goesOn.core : this.goesOn.slide).value) return;
    window.clearTimeout(this.#goOnTimer);
    this.#goOnTimer = window.setTimeout(() => {
      const isHere = subject === this.sheet.subject.value;
      if (isHere && this.sheet.missing.value.length === 0) void this.goToUnscored();
    }, GO_ON_AFTER_MS);
  }

  #goBeside(step: 1 | -1): void {
    if (!this.isOneWay.value) void this.reading.open(this.reading.position.value + step);
  }

  #nextUnscored(): void {
    if (this.isOneWay.value) this.sheet.finish();
    else void this.goToUnscored();
  }

  /** Enter writes where a text is wanted and something is still missing; else it goes on. */
  #finish(): void {
    const isText = this.sheet.activeQuestion()?.kind === "text";
    if (!(isText && this.sheet.missing.value.length > 0 && this.typeAnswer())) this.sheet.finish();
  }

  /** Put the cursor into the field of the active question. */
  typeAnswer(): boolean {
    const field = document.querySelector<HTMLElement>(".question[data-active='true'] [data-exact]");
    field?.focus();
    if (field instanceof HTMLInputElement) field.select();
    return field !== null;
  }

  /** Show the sheet, and begin the answer with a sign that was typed before it was there. */
  #showField(sign: string): void {
    this.tab.value = "score";
    requestAnimationFrame(() => {
      if (!this.typeAnswer()) return;
      const field = document.activeElement as HTMLInputElement;
      field.value = sign;
      field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    });
  }

  #toggle(switched: { value: boolean }): void {
    switched.value = !switched.value;
  }

  /** Open the sliders with the keyboard on them; closed, it is on the slide again. */
  #openAdjust(): void {
    this.#toggle(this.adjust.isOpen);
    if (!this.adjust.isOpen.value) {
      this.#focusSlide();
      return;
    }
    this.hasPanel.value = true;
    requestAnimationFrame(() =>
      document.querySelector<HTMLElement>(".adjust-card input")?.focus({ preventScroll: true }),
    );
  }

  /** In the next frame: a dialog that is still there would keep the focus from it. */
  #focusSlide(): void {
    requestAnimationFrame(() => this.view.canvas.focus({ preventScroll: true }));
  }

  #close(): void {
    if (this.isHelpOpen.value) this.closeHelp();
    else if (this.isOnly.value) this.isOnly.value = false;
    else if (document.activeElement?.closest(".adjust-card")) this.#openAdjust();
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
    const stop = listen({
      keyDown: (event) => this.#keyDown(event),
      keyUp: (event) => {
        this.#moving.release(commandOf({ ...pressOf(event), shiftKey: false }));
      },
      rest: () => this.#moving.rest(),
      follow: () => void this.reading.follow(),
      end: () => {
        this.isSessionOver.value = true;
      },
      full: (isFull) => {
        this.isFull.value = isFull;
      },
    });
    this.#stops.push(stop);
  }

  #keyDown(event: KeyboardEvent): void {
    const press = pressOf(event);
    if (this.#isUndo(event) || isTyping(event.target, press.code)) return;
    if (isPressedBy(press.code, event.target)) return;
    const isAnswer = this.#answersBy(press);
    if (isAnswer) event.preventDefault();
    if (isAnswer !== false) return;
    const command = this.#moving.takesObjective(press) ? "objective" : commandOf(press);
    if (!command || (this.isHelpOpen.value && command !== "help" && command !== "close")) return;
    if (command !== "close") event.preventDefault();
    if (command === "objective") {
      if (press.code === "KeyZ") this.#moving.awaitObjective();
    } else if (!this.#moving.hold(command)) this.run(command);
  }

  /** Answer by a key, seen in the same frame; null: a field took the focus, and the key is its. */
  #answersBy(press: ReturnType<typeof pressOf>): boolean | null {
    if (this.isHelpOpen.value || this.#moving.awaitsObjective) return false;
    if (this.companions.pairing.press(press.code)) return true;
    if (pressKey(this.drawing, press)) return true;
    if (!this.isInStudy || this.reading.phase.value === "empty") return false;
    if (press.ctrlKey || press.altKey || press.metaKey) return false;
    const kind = this.sheet.activeQuestion()?.kind;
    const isNumber = kind === "integer" || kind === "real";
    // The field takes the focus before the sign is typed, so that the sign lands in it.
    if (isNumber && /^[\d.,-]$/.test(press.key)) {
      if (this.typeAnswer()) return null;
      this.#showField(press.key);
    }
    const isAnswer = pressOn(this.sheet, press);
    // An answer is never given where it is not seen.
    if (isAnswer) this.tab.value = "score";
    return isAnswer;
  }

  #isUndo(event: KeyboardEvent): boolean {
    const isCommand = event.ctrlKey || event.metaKey;
    if (!isCommand || event.altKey || isTyping(event.target)) return false;
    const key = event.key.toLowerCase();
    if (key === "z" && !event.shiftKey) undo(this.drawing);
    else if (key === "y" || (key === "z" && event.shiftKey)) this.sheet.redo();
    else if (key === "s") this.say(summary(this.sheet.queue).sentence);
    else return false;
    event.preventDefault();
    return true;
  }
}

function pressOf({ code, key, shiftKey, ctrlKey, altKey, metaKey }: KeyboardEvent) {
  return { code, key, shiftKey, ctrlKey, altKey, metaKey };
}
