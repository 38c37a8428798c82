/** The queue of answers: each is kept here until the server has said yes to it. */

import { computed, signal } from "@preact/signals";
import { Failure } from "../api/http";
import { type AnswerStore, openStore, type Waiting } from "./answerstore";

/** What stands at the server where another answer came between. */
export interface Clash {
  id: number | null;
  answer: string;
  changedBy: string;
}

export type SaveState =
  | { is: "saved" }
  | { is: "saving" }
  | { is: "kept" }
  | { is: "clash"; current: Clash }
  | { is: "refused"; reason: string };

/** What the server says to an answer. */
export type Sent = { id: number } | { clash: Clash };

/** Sends one answer; a `Failure` tells why it could not. */
export type Send = (waiting: Waiting) => Promise<Sent>;

const RETRY_AFTER_S = [1, 2, 4, 8, 15, 30];

export class AnswerQueue {
  /** What became of answers, by key. Answers that were never given here are not in it. */
  readonly states = signal<ReadonlyMap<string, SaveState>>(new Map());
  readonly offlineSince = signal<Date | null>(null);
  /** The server is there, but does not know any more who asks. */
  readonly needsSignIn = signal(false);

  readonly waitingCount = computed(
    () =>
      [...this.states.value.values()].filter(({ is }) => is === "saving" || is === "kept").length,
  );
  readonly refusedCount = computed(
    () =>
      [...this.states.value.values()].filter(({ is }) => is === "refused" || is === "clash").length,
  );

  /** Called when the server has kept an answer, with its id. */
  onSaved: (waiting: Waiting, id: number) => void = () => undefined;

  readonly #store: AnswerStore;
  readonly #send: Send;
  readonly #line = new Map<string, Waiting>();
  readonly #held = new Set<string>();
  #isSending = false;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #serial = 0;

  constructor(send: Send, store: AnswerStore = openStore()) {
    this.#send = send;
    this.#store = store;
  }

  /** Take up what an earlier page left; returns it, for the sheet shows it as given. */
  async resume(email: string): Promise<Waiting[]> {
    const left = (await this.#store.all()).filter((waiting) => waiting.email === email);
    for (const waiting of left) {
      this.#serial = Math.max(this.#serial, waiting.serial);
      if (this.#line.has(waiting.key)) continue;
      this.#line.set(waiting.key, waiting);
      this.#tell(waiting.key, { is: "kept" });
    }
    this.kick();
    return left;
  }

  /**
   * Keep an answer and send it; the promise resolves when it is safe in the browser. One that is
   * `held` waits until `release` tells which version it replaces.
   */
  async put(answer: Omit<Waiting, "serial">, isHeld = false): Promise<void> {
    if (isHeld) this.#held.add(answer.key);
    this.#serial += 1;
    const waiting = { ...answer, serial: this.#serial };
    // The newest goes to the end of the line: answers arrive in the order in which they were given.
    this.#line.delete(waiting.key);
    this.#line.set(waiting.key, waiting);
    this.#tell(waiting.key, { is: this.offlineSince.value ? "kept" : "saving" });
    await this.#store.put(waiting);
    this.kick();
  }

  /** Let answers go that waited for what the server has; `versionOf` tells what they replace. */
  async release(versionOf: (key: string) => number | null): Promise<void> {
    for (const key of [...this.#held]) {
      this.#held.delete(key);
      const waiting = this.#line.get(key);
      if (!waiting) continue;
      const rebased = { ...waiting, version: versionOf(key) ?? waiting.version };
      this.#line.set(key, rebased);
      await this.#store.put(rebased);
    }
    this.kick();
  }

  /** Slides with an answer that the server does not have yet. */
  get waitingSlides(): ReadonlySet<number> {
    const slides = new Set<number>();
    for (const [key, { is }] of this.states.value) {
      const slideId = is === "saved" ? null : (this.#line.get(key)?.slideId ?? null);
      if (slideId !== null) slides.add(slideId);
    }
    return slides;
  }

  /** The answer that waits under a key, if any. */
  waiting(key: string): Waiting | undefined {
    return this.#line.get(key);
  }

  /** Send a refused answer again, on top of what stands there now. */
  async insist(key: string, version: number | null): Promise<void> {
    const waiting = this.#line.get(key);
    if (waiting) await this.put({ ...waiting, version });
  }

  /** Give an answer up: what the server has holds. */
  async giveUp(key: string): Promise<void> {
    this.#line.delete(key);
    this.#tell(key, { is: "saved" });
    await this.#store.remove(key);
  }

  /** Try again now, as when the network is back. */
  kick(): void {
    // Whoever is sending goes on with the line, or has set the timer already.
    if (this.#isSending) return;
    clearTimeout(this.#timer);
    void this.#run();
  }

  async #run(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      for (let next = this.#next(); next; next = this.#next()) {
        if (!(await this.#try(next))) break;
      }
    } finally {
      this.#isSending = false;
    }
  }

  #next(): Waiting | undefined {
    return [...this.#line.values()].find((waiting) => {
      const state = this.#held.has(waiting.key) ? "held" : this.states.value.get(waiting.key)?.is;
      return state === "saving" || state === "kept";
    });
  }

  /** Send one answer; false: the server cannot be reached, and the line waits. */
  async #try(waiting: Waiting): Promise<boolean> {
    try {
      const sent = await this.#send(waiting);
      this.#failures = 0;
      this.offlineSince.value = null;
      this.needsSignIn.value = false;
      if ("clash" in sent) this.#tell(waiting.key, { is: "clash", current: sent.clash });
      else await this.#saved(waiting, sent.id);
      return true;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.kind === "network" || error.kind === "server" || error.kind === "session") {
        this.needsSignIn.value = error.kind === "session";
        this.#wait();
        return false;
      }
      this.#tell(waiting.key, { is: "refused", reason: error.message });
      return true;
    }
  }

  async #saved(waiting: Waiting, id: number): Promise<void> {
    this.onSaved(waiting, id);
    const newer = this.#line.get(waiting.key);
    if (newer && newer.serial !== waiting.serial) {
      // Another answer was given meanwhile: it replaces the one that was just kept.
      const rebased = { ...newer, version: id };
      this.#line.set(waiting.key, rebased);
      await this.#store.put(rebased);
      return;
    }
    this.#line.delete(waiting.key);
    this.#tell(waiting.key, { is: "saved" });
    await this.#store.remove(waiting.key);
  }

  #wait(): void {
    this.offlineSince.value ??= new Date();
    for (const key of this.#line.keys()) {
      if (this.states.value.get(key)?.is === "saving") this.#tell(key, { is: "kept" });
    }
    const seconds = RETRY_AFTER_S[Math.min(this.#failures, RETRY_AFTER_S.length - 1)] ?? 30;
    this.#failures += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#run(), seconds * 1000);
  }

  #tell(key: string, state: SaveState): void {
    const states = new Map(this.states.value);
    states.set(key, state);
    this.states.value = states;
  }
}
