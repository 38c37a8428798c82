/** The scoring sheet: its questions, the answers to them about what is shown, and what keys do. */

import { batch, computed, signal } from "@preact/signals";
import { Failure } from "../api/http";
import type { Waiting } from "./answerstore";
import {
  type Mark,
  type Rights,
  readMarks,
  readQuestions,
  readRights,
  readVersions,
  sendAnswer,
  type Version,
} from "./api";
import { Deeds } from "./deeds";
import { HScoreRows } from "./hscore";
import { type Line, linesOf, markOf, neededOf } from "./lines";
import { type Others, othersOn } from "./others";
import type { Question } from "./questions";
import { AnswerQueue, type SaveState } from "./queue";
import {
  type Given,
  isAbout,
  isSame,
  keyOf,
  keyOfVersion,
  type Reader,
  type Subject,
  withSaved,
} from "./versions";

const NOTHING: Given = { answer: "", version: null };

export class Sheet {
  readonly rights = signal<Rights | null>(null);
  readonly questions = signal<readonly Question[]>([]);
  readonly subject = signal<Subject | null>(null);
  /** This reader's answers, by key, about all that was opened in this window. */
  readonly answers = signal<ReadonlyMap<string, Given>>(new Map());
  /** Every version of the answers about this slide that may be seen. */
  readonly versions = signal<readonly Version[]>([]);
  readonly marks = signal<ReadonlyMap<number, Mark>>(new Map());
  /** Name of the question that keys answer; empty: none. */
  readonly active = signal("");
  /** Enter was tried while a needed answer was missing. */
  readonly showsMissing = signal(false);
  readonly problem = signal<Failure | null>(null);
  /** Between two slides of cores there is nothing yet that an answer could be about. */
  readonly isBetween = signal(false);
  readonly hScoreRows = new HScoreRows();
  readonly queue: AnswerQueue;

  /** Asked to show a slide or core again, as when an answer to it is taken back. */
  onGo: (subject: Subject) => void = () => undefined;
  /** Everything needed is answered, and the reader wants to go on. */
  onDone: () => void = () => undefined;
  /** A key or click has just given the last answer that was missing. */
  onComplete: () => void = () => undefined;
  /** An answer is final, and stays as it is. */
  onFinal: () => void = () => undefined;

  readonly canAnswer = computed(() => this.rights.value?.canScore === true);

  /** Questions with whether each is asked now. */
  readonly lines = computed(() => this.#linesOf(this.subject.value));

  /** Questions that must be answered before the reader goes on. */
  readonly needed = computed(() => neededOf(this.lines.value));

  readonly missing = computed(() =>
    this.needed.value.filter(({ name }) => this.answerTo(name) === ""),
  );

  readonly doneCount = computed(
    () => [...this.marks.value.values()].filter((mark) => mark === "done").length,
  );

  readonly #deeds = new Deeds();
  #studyId = 0;
  #turn = 0;
  #isTouched = false;
  #readSlide: number | null = null;

  constructor(queue: AnswerQueue = new AnswerQueue(sendAnswer)) {
    this.queue = queue;
    this.queue.onSaved = (waiting, id) => this.#saved(waiting, id);
  }

  /** Learn the study's questions and the reader's rights. */
  async start(studyId: number): Promise<void> {
    this.#studyId = studyId;
    try {
      const [rights, questions] = await Promise.all([readRights(studyId), readQuestions(studyId)]);
      batch(() => {
        this.rights.value = rights;
        this.questions.value = questions;
      });
      if (!rights.canScore) return;
      this.#keepWaiting(await this.queue.resume(rights.email));
      this.#activateFirst();
      this.marks.value = await readMarks(studyId, rights.email);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.problem.value = error;
    }
  }

  /** Show the answers about a slide or core; they are known at once where they were seen before. */
  async open(subject: Subject): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    const isOtherSlide = this.subject.value?.slideId !== subject.slideId;
    batch(() => {
      this.subject.value = subject;
      this.showsMissing.value = false;
      if (isOtherSlide) this.versions.value = [];
    });
    this.#isTouched = false;
    this.hScoreRows.clearAll();
    this.#activateFirst();
    if (this.#readSlide === subject.slideId) return;
    this.#readSlide = null;
    try {
      const byCase = subject.caseId !== null && this.#hasCaseQuestion();
      const found = await readVersions(
        this.#studyId,
        byCase && subject.caseId !== null
          ? { caseId: subject.caseId }
          : { imageId: subject.slideId },
      );
      if (this.subject.value?.slideId !== subject.slideId) return;
      this.#readSlide = subject.slideId;
      this.#take(found, subject);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      // Who may not see answers still sees the questions; who is cut off goes on answering.
      const isTrouble = error.kind !== "rights" && error.kind !== "network";
      if (isTrouble && turn === this.#turn) this.problem.value = error;
    }
    void this.queue.release((key) => this.answers.value.get(key)?.version ?? null);
    // Whoever answers already is not moved to another question under the fingers.
    if (turn === this.#turn && isOtherSlide && !this.#isTouched) this.#activateFirst();
  }

  answerTo(name: string, subject = this.subject.value): string {
    const question = this.questions.value.find((entry) => entry.name === name);
    return question && subject ? this.#given(question, subject).answer : "";
  }

  /** What became of the answer to a question; null: nothing was answered in this session. */
  stateOf(question: Question): SaveState | null {
    const subject = this.subject.value;
    if (!subject) return null;
    return this.queue.states.value.get(this.#key(question, subject)) ?? null;
  }

  /** Whether an answer that stands may not be changed. */
  isLocked(question: Question, subject = this.subject.value): boolean {
    if (!subject || this.rights.value?.isFinal !== true) return false;
    const { version, answer } = this.#given(question, subject);
    return version !== null && answer !== "";
  }

  /** What others answered here; null until this reader has answered, or where it is not shown. */
  othersOn(question: Question): Others | null {
    const subject = this.subject.value;
    const rights = this.rights.value;
    if (!subject || !rights?.seesOthers) return null;
    if (rights.canScore && this.answerTo(question.name) === "") return null;
    return othersOn(this.versions.value, question, subject, rights.email);
  }

  /** Versions about what is shown; of others only where this reader has answered as well. */
  readonly history = computed(() => {
    const subject = this.subject.value;
    const rights = this.rights.value;
    if (!subject || !rights) return [];
    return this.questions.value
      .flatMap((question) => {
        const isOpen = !rights.canScore || this.answerTo(question.name) !== "";
        const about = this.versions.value.filter((entry) => isAbout(entry, question, subject));
        return isOpen ? about : about.filter(({ email }) => email === rights.email);
      })
      .sort((a, b) => a.id - b.id);
  });

  /** How far this reader is with a slide or core that was opened in this window. */
  markOf(subject: Subject): Mark {
    return markOf(this.#linesOf(subject), (name) => this.answerTo(name, subject));
  }

  setMark(slideId: number, mark: Mark): void {
    if (this.marks.peek().get(slideId) === mark) return;
    this.marks.value = new Map(this.marks.peek()).set(slideId, mark);
  }

  /** Give an answer; an empty one clears. The next question becomes active where `moves` says so. */
  answer(question: Question, answer: string, moves = false): void {
    const subject = this.subject.value;
    if (!subject || !this.canAnswer.value || this.isBetween.value) return;
    if (this.isLocked(question)) {
      this.onFinal();
      return;
    }
    this.#isTouched = true;
    const wasMissing = this.missing.value.length > 0;
    const before = this.answerTo(question.name);
    batch(() => {
      if (before !== answer) {
        this.#deeds.add({ subject, question: question.name, before, after: answer });
        this.#keep(question, subject, answer);
      }
      if (moves) this.#activateNext(question.name);
    });
    if (moves && wasMissing && this.missing.value.length === 0) this.onComplete();
  }

  /** Hold on to an answer although another one came between. */
  async insist(question: Question): Promise<void> {
    const state = this.stateOf(question);
    const subject = this.subject.value;
    if (state?.is !== "clash" || !subject) return;
    await this.queue.insist(this.#key(question, subject), state.current.id);
  }

  /** Let go of an answer that was not taken; what the server has is shown again. */
  async giveUp(question: Question): Promise<void> {
    const subject = this.subject.value;
    if (!subject) return;
    const key = this.#key(question, subject);
    await this.queue.giveUp(key);
    this.#set(key, NOTHING);
    this.#readSlide = null;
    await this.open(subject);
  }

  /** Take the last answer back, also when another slide is shown by now. */
  undo(): void {
    this.#turnDeed("back");
  }

  redo(): void {
    this.#turnDeed("again");
  }

  /** Make the next or previous question that is asked the active one. */
  move(step: 1 | -1): void {
    const asked = this.#answerable();
    if (asked.length === 0) return;
    const at = asked.findIndex(({ name }) => name === this.active.value);
    const wanted = at < 0 ? 0 : Math.min(asked.length - 1, Math.max(0, at + step));
    this.active.value = asked[wanted]?.name ?? "";
  }

  /** Go to the next question when the field of this one is left. */
  leave(question: Question): void {
    this.#activateNext(question.name);
    if (this.missing.value.length === 0) this.onComplete();
  }

  /** Go on when all that is needed is answered; else show what is missing. */
  finish(): void {
    const first = this.missing.value[0];
    if (!first) {
      this.onDone();
      return;
    }
    this.showsMissing.value = true;
    this.active.value = first.name;
  }

  activeQuestion(): Question | null {
    return this.#answerable().find(({ name }) => name === this.active.value) ?? null;
  }

  #turnDeed(direction: "back" | "again"): void {
    const deed = this.#deeds.turn(direction);
    const question = this.questions.value.find(({ name }) => name === deed?.question);
    if (!deed || !question) return;
    if (this.isLocked(question, deed.subject)) {
      this.onFinal();
      return;
    }
    this.#keep(question, deed.subject, direction === "back" ? deed.before : deed.after);
    this.hScoreRows.clear(question.name);
    if (!isSame(deed.subject, this.subject.value)) this.onGo(deed.subject);
    this.active.value = question.name;
  }

  #keep(question: Question, subject: Subject, answer: string): void {
    if (!this.rights.value) return;
    const isCase = question.isPerCase && subject.caseId !== null;
    const key = this.#key(question, subject);
    const { version } = this.#given(question, subject);
    this.#set(key, { answer, version });
    const waiting = {
      key,
      email: this.#reader.email,
      studyId: this.#studyId,
      slideId: isCase ? null : subject.slideId,
      caseId: isCase ? subject.caseId : null,
      tmaRow: isCase ? null : (subject.core?.row ?? null),
      tmaCol: isCase ? null : (subject.core?.column ?? null),
      question: question.name,
      answer,
      version,
    };
    // What stands at the server may not be known yet: keys work before the slide's answers came.
    void this.queue.put(waiting, version === null && this.#readSlide !== subject.slideId);
    // Cores have marks of their own; a slide of them is told by the server.
    if (!subject.core) this.setMark(subject.slideId, this.markOf(subject));
  }

  #saved(waiting: Waiting, id: number): void {
    const now = this.answers.value.get(waiting.key) ?? { ...NOTHING, answer: waiting.answer };
    this.#set(waiting.key, { ...now, version: id });
    const subject = this.subject.value;
    const isHere =
      waiting.slideId === null
        ? waiting.caseId === subject?.caseId
        : waiting.slideId === subject?.slideId;
    if (isHere) this.versions.value = withSaved(this.versions.value, waiting, id, new Date());
  }

  #take(found: readonly Version[], subject: Subject): void {
    const answers = new Map(this.answers.value);
    for (const version of found) {
      if (!version.isCurrent || version.email !== this.#reader.email) continue;
      const key = keyOfVersion(this.#studyId, version, subject);
      // Answers that wait in this browser are newer than what the server tells.
      const answer = this.queue.waiting(key)?.answer ?? version.answer;
      answers.set(key, { answer, version: version.id });
    }
    batch(() => {
      this.versions.value = found;
      this.answers.value = answers;
    });
  }

  #keepWaiting(left: readonly Waiting[]): void {
    const answers = new Map(this.answers.value);
    for (const { key, answer, version } of left) answers.set(key, { answer, version });
    this.answers.value = answers;
  }

  #set(key: string, given: Given): void {
    this.answers.value = new Map(this.answers.value).set(key, given);
  }

  #given(question: Question, subject: Subject): Given {
    return this.answers.value.get(this.#key(question, subject)) ?? NOTHING;
  }

  #linesOf(subject: Subject | null): Line[] {
    return linesOf(this.questions.value, (name) => this.answerTo(name, subject));
  }

  #answerable(): Question[] {
    return this.lines.value
      .filter(({ question, isAsked: is }) => is && question.kind !== "none")
      .map(({ question }) => question);
  }

  #activateNext(name: string): void {
    const asked = this.#answerable();
    const at = asked.findIndex((question) => question.name === name);
    const open = asked.slice(at + 1).find((question) => this.answerTo(question.name) === "");
    this.active.value = (open ?? asked[at + 1] ?? asked[at])?.name ?? "";
  }

  #activateFirst(): void {
    if (!this.canAnswer.value) return;
    const asked = this.#answerable();
    const isThere = asked.some(({ name }) => name === this.active.value);
    const open = asked.find(({ name }) => this.answerTo(name) === "");
    const kept = isThere ? this.active.value : "";
    this.active.value = open?.name ?? (kept || (asked[0]?.name ?? ""));
  }

  #hasCaseQuestion(): boolean {
    return this.questions.value.some(({ isPerCase }) => isPerCase);
  }

  get #reader(): Reader {
    return { email: this.rights.value?.email ?? "", studyId: this.#studyId };
  }

  #key(question: Question, subject: Subject): string {
    return keyOf(this.#reader, question, subject);
  }
}
