/** Where edited questions are kept: in a study, or in the address of the page alone. */

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { ask, Failure, isObject, number, objects, text } from "../../../api/http";
import { change } from "../api";
import type { Studio } from "../studio";
import { checkSheet, type Keeper } from "./desk";
import { draftOf, lineOf, type Row, renamed, textOf } from "./draft";
import type { Usage } from "./risks";

export class StudyKeeper implements Keeper {
  readonly rows: ReadonlySignal<readonly Row[]>;
  readonly #studio: Studio;

  constructor(studio: Studio) {
    this.#studio = studio;
    this.rows = computed(() =>
      (studio.setup.value?.questions ?? []).map((question) => ({
        id: question.id,
        draft: draftOf(question),
        answerCount: question.answerCount,
      })),
    );
  }

  async add(line: string): Promise<number> {
    const reply = await this.#change("AddQuestion", { questionSpec: line });
    return number(reply.id) ?? 0;
  }

  async update(id: number, line: string, place?: number): Promise<void> {
    const order = place === undefined ? {} : { order: place };
    await this.#change("UpdateQuestion", { scoreId: id, questionSpec: line, ...order });
  }

  async remove(id: number): Promise<void> {
    await this.#change("RemoveQuestion", { scoreId: id });
  }

  async replace(sheet: string): Promise<void> {
    await this.#change("SetQuestions", { scores: sheet });
  }

  async usage(id: number): Promise<readonly Usage[] | null> {
    const reply = await ask("AnswerCounts", { studyId: this.#studio.studyId, scoreId: id });
    if (!isObject(reply)) return null;
    return objects(reply.answers).map((entry) => ({
      answer: text(entry.answer),
      count: number(entry.count) ?? 0,
    }));
  }

  async #change(name: string, parameters: Record<string, number | string>) {
    try {
      return await change(name, this.#studio.studyId, parameters);
    } catch (error) {
      throw error instanceof Failure ? plainly(error) : error;
    } finally {
      await this.#studio.load();
    }
  }
}

/** Leave out where in its only line a question is refused: the form shows no lines. */
function plainly({ kind, message, status }: Failure): Failure {
  return new Failure(kind, message.replace(/^questionSpec, line 1, column \d+: /, ""), status);
}

/** A sheet without a study: nobody has answered it, and nothing is refused but mistakes. */
export class TextKeeper implements Keeper {
  readonly rows = signal<readonly Row[]>([]);
  readonly text = computed(() => textOf(this.rows.value));
  #lastId = 0;

  async add(line: string): Promise<number> {
    const id = this.#nextId();
    await this.#take(
      [...this.rows.value.map(({ id: known }) => known), id],
      [...this.#lines, line],
    );
    return id;
  }

  async update(id: number, line: string, place?: number): Promise<void> {
    const before = this.rows.value.find((row) => row.id === id);
    if (!before) return;
    const name = line.split("\t", 1)[0] ?? "";
    const rows = renamed(this.rows.value, before.draft.name, name);
    const at = place ?? this.rows.value.indexOf(before);
    const others = rows.filter((row) => row.id !== id);
    const ids = others.map((row) => row.id);
    const lines = others.map(({ draft }) => lineOf(draft));
    await this.#take(ids.toSpliced(at, 0, id), lines.toSpliced(at, 0, line));
  }

  async remove(id: number): Promise<void> {
    const rows = this.rows.value.filter((row) => row.id !== id);
    await this.#take(
      rows.map((row) => row.id),
      rows.map(({ draft }) => lineOf(draft)),
    );
  }

  async replace(sheet: string): Promise<void> {
    await this.#take([], [sheet]);
  }

  async usage(): Promise<readonly Usage[]> {
    return [];
  }

  get #lines(): string[] {
    return this.rows.value.map(({ draft }) => lineOf(draft));
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  async #take(ids: readonly number[], lines: readonly string[]): Promise<void> {
    const { mistakes, drafts } = await checkSheet(lines.join("\n"));
    if (mistakes[0]) throw new Failure("refused", mistakes[0].message);
    this.rows.value = drafts.map((draft, index) => ({
      id: ids[index] ?? this.#nextId(),
      draft,
      answerCount: 0,
    }));
  }
}
