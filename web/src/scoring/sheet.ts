/** The scoring sheet: its questions, the answers to them about what is shown, and what keys do. */

import { batch, computed, signal } from "@preact/signals";
import { Failure } from "../api/http";
import type { KeyPress } from "../viewer/keys";
import { answerOfKey, stepOf } from "./answering";
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
import { EXTRAS, isAsked, type Question } from "./questions";
import { AnswerQueue, type SaveState } from "./queue";
import { isAt, isSame, type Subject, withSaved } from "./versions";

/** An answer as the sheet shows it, and the version that the server has of it. */
export interface Given {
  answer: string;
  version: number | null;
}

interface Deed {
  subject: Subject;
  question: string;
  before: string;
  after: string;
}

const MOST_DEEDS = 200;
const NOTHING: Given = { answer: "", version: null };

export class Sheet {
  readonly rights = signal<Rights | null>(null);
  readonly questions = signal<readonly Question[]>([]);
  readonly subject = signal<Subject | null>(null);
  readonly given = signal<ReadonlyMap<string, Given>>(new Map());
  /** Every version of the answers about this slide that may be seen. */
  readonly versions = signal<readonly Version[]>([]);
  readonly marks = signal<ReadonlyMap<number, Mark>>(new Map());
  /** Name of the question that keys answer; empty: none. */
  readonly active = signal("");
  /** Enter was tried while a needed answer was missing. */
  readonly showsMissing = signal(false);
  readonly problem = signal<Failure | null>(null);
  readonly queue: AnswerQueue;

  /** Asked to show a slide or core again, as when an answer to it is taken back. */
  onGo: (subject: Subject) => void = () => undefined;
  /** Everything needed is answered, and the reader wants to go on. */
  onDone: () => void = () => undefined;

  readonly canAnswer = computed(() => this.rights.value?.canScore === true);

  /** Questions with whether each is asked now. */
  readonly lines = computed(() =>
    this.questions.value.map((question) => ({
      question,
      isAsked: isAsked(
        question.condition,
        question.condition ? this.answerTo(question.condition.question) : "",
      ),
    })),
  );

  /** Questions that must be answered before the slide counts as done. */
  readonly needed = computed(() => {
    const asked = this.lines.value.filter(
      ({ question, isAsked: is }) => is && question.kind !== "none",
    );
    const mandatory = asked.filter(({ question }) => question.isMandatory);
    return (mandatory.length > 0 ? mandatory : asked).map(({ question }) => question);
  });

  readonly missing = computed(() =>
    this.needed.value.filter(({ name }) => this.answerTo(name) === ""),
  );

  readonly doneCount = computed(
    () => [...this.marks.value.values()].filter((mark) => mark === "done").length,
  );

  readonly #done: Deed[] = [];
  readonly #undone: Deed[] = [];
  #studyId = 0;
  #turn = 0;

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
      await this.queue.resume(rights.email);
      this.#mergeWaiting();
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
    batch(() => {
      this.subject.value = subject;
      this.given.value = new Map();
      this.versions.value = [];
      this.showsMissing.value = false;
    });
    this.#mergeWaiting();
    try {
      const about = { imageId: subject.slideId };
      const cases = this.#caseQuestion() && subject.caseId !== null;
      const found = await readVersions(
        this.#studyId,
        cases && subject.caseId !== null ? { caseId: subject.caseId } : about,
      );
      if (turn !== this.#turn) return;
      this.#take(found);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      // Who may not see answers still sees the questions.
      if (error.kind !== "rights" && turn === this.#turn) this.problem.value = error;
    }
    if (turn === this.#turn) this.#activateFirst();
  }

  answerTo(name: string): string {
    return this.given.value.get(name)?.answer ?? "";
  }

  /** What became of the answer to a question; null: nothing was answered in this session. */
  stateOf(question: Question): SaveState | null {
    const subject = this.subject.value;
    if (!subject) return null;
    return this.queue.states.value.get(this.#key(question, subject)) ?? null;
  }

  /** Whether an answer that stands may not be changed. */
  isLocked(question: Question): boolean {
    const version = this.given.value.get(question.name)?.version ?? null;
    return this.rights.value?.isFinal === true && version !== null;
  }

  /** Give an answer; an empty one clears. The next question becomes active where `moves` says so. */
  answer(question: Question, answer: string, moves = false): void {
    const subject = this.subject.value;
    if (!subject || !this.canAnswer.value || this.isLocked(question)) return;
    const before = this.answerTo(question.name);
    if (before !== answer) {
      this.#done.push({ subject, question: question.name, before, after: answer });
      if (this.#done.length > MOST_DEEDS) this.#done.shift();
      this.#undone.length = 0;
      this.#keep(question, subject, answer);
    }
    if (moves) this.#activateNext(question.name);
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
    await this.queue.giveUp(this.#key(question, subject));
    await this.open(subject);
  }

  /** Take the last answer back, also when another slide is shown by now. */
  undo(): void {
    const deed = this.#done.pop();
    if (deed) this.#redoing(deed, deed.before, this.#undone);
  }

  redo(): void {
    const deed = this.#undone.pop();
    if (deed) this.#redoing(deed, deed.after, this.#done);
  }

  /** Answer the active question by a key; tells whether the key was one. */
  press(press: KeyPress): boolean {
    const question = this.#activeQuestion();
    if (!question || !this.canAnswer.value) return false;
    if (press.code === "KeyX" && question.hasExtras) {
      this.answer(question, press.shiftKey ? EXTRAS.missing : EXTRAS.notRepresentative, true);
      return true;
    }
    if (press.code === "Backspace" && question.kind !== "shapes" && question.kind !== "points") {
      this.answer(question, "");
      return true;
    }
    const answer = answerOfKey(question, press);
    if (answer === null) return false;
    this.answer(question, answer, true);
    return true;
  }

  /** Move the active answer one step along its options. */
  step(step: 1 | -1): void {
    const question = this.#activeQuestion();
    if (!question) return;
    const wanted = stepOf(question, this.answerTo(question.name), step);
    if (wanted !== null) this.answer(question, wanted);
  }

  /** Make the next or previous question that is asked the active one. */
  move(step: 1 | -1): void {
    const asked = this.#answerable();
    if (asked.length === 0) return;
    const at = asked.findIndex(({ name }) => name === this.active.value);
    const wanted = at < 0 ? 0 : Math.min(asked.length - 1, Math.max(0, at + step));
    this.active.value = asked[wanted]?.name ?? "";
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

  #redoing(deed: Deed, answer: string, other: Deed[]): void {
    other.push(deed);
    const question = this.questions.value.find(({ name }) => name === deed.question);
    if (!question) return;
    this.#keep(question, deed.subject, answer);
    this.active.value = question.name;
    if (!isSame(deed.subject, this.subject.value)) this.onGo(deed.subject);
  }

  #keep(question: Question, subject: Subject, answer: string): void {
    const rights = this.rights.value;
    if (!rights) return;
    const isCase = question.isPerCase && subject.caseId !== null;
    const key = this.#key(question, subject);
    const isShown = isSame(subject, this.subject.value);
    const version = isShown
      ? (this.given.value.get(question.name)?.version ?? null)
      : (this.#known.get(key) ?? null);
    if (isShown) this.#set(question.name, { answer, version });
    void this.queue.put({
      key,
      email: rights.email,
      studyId: this.#studyId,
      slideId: isCase ? null : subject.slideId,
      caseId: isCase ? subject.caseId : null,
      tmaRow: isCase ? null : (subject.core?.row ?? null),
      tmaCol: isCase ? null : (subject.core?.column ?? null),
      question: question.name,
      answer,
      version,
    });
    if (isShown) this.#mark(subject);
  }

  /** Versions that the server has, by key, also of slides that are not shown any more. */
  readonly #known = new Map<string, number>();

  #saved(waiting: Waiting, id: number): void {
    this.#known.set(waiting.key, id);
    const subject = this.subject.value;
    const question = this.questions.value.find(({ name }) => name === waiting.question);
    if (!subject || !question || this.#key(question, subject) !== waiting.key) return;
    const now = this.given.value.get(question.name) ?? NOTHING;
    this.#set(question.name, { ...now, version: id });
    this.versions.value = withSaved(this.versions.value, waiting, id, new Date());
  }

  #set(name: string, given: Given): void {
    const all = new Map(this.given.value);
    all.set(name, given);
    this.given.value = all;
  }

  #take(found: readonly Version[]): void {
    const subject = this.subject.value;
    const email = this.rights.value?.email;
    if (!subject) return;
    const given = new Map<string, Given>();
    for (const question of this.questions.value) {
      const isAboutCase = question.isPerCase && subject.caseId !== null;
      const place = {
        question: question.name,
        email: email ?? "",
        isAboutCase,
        core: subject.core,
      };
      const mine = found.find((version) => version.isCurrent && isAt(version, place));
      if (!mine) continue;
      this.#known.set(this.#key(question, subject), mine.id);
      given.set(question.name, { answer: mine.answer, version: mine.id });
    }
    batch(() => {
      this.versions.value = found;
      this.given.value = given;
    });
    this.#mergeWaiting();
  }

  /** Answers that wait in this browser are newer than what the server told. */
  #mergeWaiting(): void {
    const subject = this.subject.value;
    if (!subject || !this.rights.value) return;
    for (const question of this.questions.value) {
      const waiting = this.queue.waiting(this.#key(question, subject));
      if (!waiting) continue;
      const version = this.given.value.get(question.name)?.version ?? waiting.version;
      this.#set(question.name, { answer: waiting.answer, version });
    }
  }

  #mark(subject: Subject): void {
    // Cores have marks of their own; a slide of them is told by the server.
    if (subject.core) return;
    const marks = new Map(this.marks.value);
    const isBegun = this.questions.value.some(({ name }) => this.answerTo(name) !== "");
    const mark = this.missing.value.length === 0 ? "done" : isBegun ? "partly" : "open";
    marks.set(subject.slideId, mark);
    this.marks.value = marks;
  }

  #answerable(): Question[] {
    return this.lines.value
      .filter(({ question, isAsked: is }) => is && question.kind !== "none")
      .map(({ question }) => question);
  }

  #activeQuestion(): Question | null {
    return this.#answerable().find(({ name }) => name === this.active.value) ?? null;
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

  #caseQuestion(): boolean {
    return this.questions.value.some(({ isPerCase }) => isPerCase);
  }

  #key(question: Question, subject: Subject): string {
    const email = this.rights.value?.email ?? "";
    const isCase = question.isPerCase && subject.caseId !== null;
    const { core } = subject;
    const of = isCase
      ? `case:${subject.caseId}`
      : `slide:${subject.slideId}${core ? `/${core.row},${core.column}` : ""}`;
    return `${email}|${this.#studyId}|${of}|${question.name}`;
  }
}
