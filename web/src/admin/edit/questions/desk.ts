/** The questions that are edited: which one is shown, what of it is not saved, and why not. */

import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import { isObject, number, objects, post, text } from "../../../api/http";
import { parseQuestions } from "../../../scoring/questions";
import { problemOf } from "../../../ui/failure";
import {
  asked,
  type Draft,
  draftOf,
  isSameDraft,
  lineOf,
  NEW_DRAFT,
  type Row,
  renamed,
  textOf,
} from "./draft";
import { risksOf, type Usage } from "./risks";
import { words } from "./words";

/** Where questions are kept: a study, or the address of the page. Each deed throws what refuses it. */
export interface Keeper {
  readonly rows: ReadonlySignal<readonly Row[]>;
  add(line: string): Promise<number>;
  update(id: number, line: string, place?: number): Promise<void>;
  remove(id: number): Promise<void>;
  replace(sheet: string): Promise<void>;
  /** How often each answer counts; null: not known. */
  usage(id: number): Promise<readonly Usage[] | null>;
}

export interface Mistake {
  line: number;
  message: string;
}

export interface CheckedSheet {
  mistakes: readonly Mistake[];
  drafts: readonly Draft[];
}

export type State = "saved" | "edited" | "saving" | "held" | "wrong";

/** The id of the question that is not on the sheet yet. */
export const NEW_ID = -1;

export class QuestionDesk {
  readonly drafts = signal<ReadonlyMap<number, Draft>>(new Map());
  readonly state = signal<State>("saved");
  /** Why the shown question was not saved, in the server's words. */
  readonly mistakes = signal<readonly string[]>([]);
  /** What its change means for given answers; it waits until somebody says yes. */
  readonly risks = signal<readonly string[]>([]);
  /** Rises when the form must begin anew. */
  readonly edition = signal(0);
  readonly #chosen = signal<number | null>(null);
  #turns: Promise<unknown> = Promise.resolve();

  constructor(
    readonly keeper: Keeper,
    readonly say: (text: string, isBad?: boolean) => void,
  ) {}

  /** All questions with what is not saved of them. */
  readonly rows = computed<readonly Row[]>(() => {
    const drafts = this.drafts.value;
    const rows = this.keeper.rows.value.map((row) => ({
      ...row,
      draft: drafts.get(row.id) ?? row.draft,
    }));
    const fresh = drafts.get(NEW_ID);
    return fresh ? [...rows, { id: NEW_ID, draft: fresh, answerCount: 0 }] : rows;
  });

  readonly row = computed<Row | null>(() => {
    const rows = this.rows.value;
    return rows.find(({ id }) => id === this.#chosen.value) ?? rows[0] ?? null;
  });

  readonly asked = computed(() => asked(this.rows.value));

  select(id: number): void {
    if (id === this.row.peek()?.id) return;
    this.#chosen.value = id;
    this.#begin();
    if (this.drafts.value.has(id) && id !== NEW_ID) void this.commit();
  }

  /** Begin a question that goes onto the sheet when it has a text. */
  begin(): void {
    if (!this.drafts.value.has(NEW_ID)) this.#set(NEW_ID, NEW_DRAFT);
    this.#chosen.value = NEW_ID;
    this.#begin();
  }

  /** Take over what is typed; it is saved when its field is left. */
  edit(changed: Partial<Draft>): void {
    const row = this.row.value;
    if (!row) return;
    this.#set(row.id, { ...row.draft, ...changed });
    this.state.value = "edited";
  }

  /** Change something that is whole at once, as a switch is. */
  set(changed: Partial<Draft>): void {
    this.edit(changed);
    void this.commit();
  }

  /** Put the shown question back to what the sheet has. */
  putBack(): void {
    const row = this.row.value;
    if (!row) return;
    this.#drop(row.id);
    this.#begin();
  }

  /** Save the shown question, unless it has a mistake or given answers speak against it. */
  commit(isSure = false): Promise<void> {
    return this.#inTurn(() => this.#commit(isSure));
  }

  async #commit(isSure: boolean): Promise<void> {
    const row = this.row.value;
    if (!row || !this.drafts.value.has(row.id)) return;
    const stored = this.#stored(row.id);
    if (stored && isSameDraft(stored.draft, row.draft)) {
      this.#drop(row.id);
      this.#tell(row.id, "saved");
      return;
    }
    if (row.draft.name.trim() === "") {
      if (stored) this.#tell(row.id, "wrong", [words.noName]);
      return;
    }
    this.#tell(row.id, "saving");
    try {
      const mistakes = await this.#mistakesOf(row);
      if (mistakes.length > 0) {
        this.#tell(row.id, "wrong", mistakes);
        return;
      }
      const risks = stored && !isSure ? await this.#risksOf(stored, row.draft) : [];
      if (risks.length > 0) {
        this.#tell(row.id, "held", [], risks);
        return;
      }
      await this.#keep(row);
    } catch (error) {
      this.#tell(row.id, "wrong", [problemOf(error, new Date()).sentence]);
    }
  }

  /** Put a question at another place, counted from 0. */
  move(id: number, place: number): Promise<void> {
    return this.#inTurn(async () => {
      const rows = this.keeper.rows.value;
      const stored = this.#stored(id);
      if (!stored || place < 0 || place >= rows.length || rows[place]?.id === id) return;
      await this.#deed(() => this.keeper.update(id, lineOf(stored.draft), place));
    });
  }

  duplicate(): Promise<void> {
    return this.#inTurn(async () => {
      const row = this.row.value;
      const stored = row && this.#stored(row.id);
      if (!stored) return;
      const rows = this.keeper.rows.value;
      const name = freeName(stored.draft.name, rows);
      await this.#deed(async () => {
        const line = lineOf({ ...stored.draft, name });
        const id = await this.keeper.add(line);
        await this.keeper.update(id, line, rows.indexOf(stored) + 1);
        this.select(id);
      });
    });
  }

  remove(): Promise<void> {
    return this.#inTurn(async () => {
      const row = this.row.value;
      if (!row) return;
      const place = this.rows.value.indexOf(row);
      const isGone = row.id === NEW_ID || (await this.#deed(() => this.keeper.remove(row.id)));
      if (!isGone) return;
      this.#drop(row.id);
      this.#chosen.value = this.rows.value[Math.min(place, this.rows.value.length - 1)]?.id ?? null;
      this.#begin();
    });
  }

  /** Make the sheet what a text says; tells whether it is. */
  replace(sheet: string): Promise<boolean> {
    return this.#inTurn(async () => {
      const isDone = await this.#deed(() => this.keeper.replace(sheet));
      if (isDone) this.drafts.value = new Map();
      this.#begin();
      return isDone;
    });
  }

  /** The questions above one that its condition may name. */
  above(id: number): Row[] {
    const rows = this.rows.value;
    const place = rows.findIndex((row) => row.id === id);
    return rows.slice(0, place).filter(({ draft }) => draft.typeName !== "Explanation");
  }

  async #keep(row: Row): Promise<void> {
    const line = lineOf(row.draft);
    const isNew = row.id === NEW_ID;
    const id = isNew ? await this.keeper.add(line) : row.id;
    if (!isNew) await this.keeper.update(id, line);
    batch(() => {
      const now = this.drafts.value.get(row.id);
      this.#drop(row.id);
      // The form stays as it is, with what was typed in it meanwhile.
      if (isNew && this.#chosen.value === NEW_ID) this.#chosen.value = id;
      if (now && now !== row.draft) this.#set(id, now);
      this.#tell(id, this.drafts.value.has(id) ? "edited" : "saved");
    });
  }

  async #mistakesOf(row: Row): Promise<string[]> {
    const stored = this.#stored(row.id);
    const others = renamed(this.keeper.rows.value, stored?.draft.name ?? "", row.draft.name.trim());
    const all = stored
      ? others.map((entry) => (entry.id === row.id ? row : entry))
      : [...others, row];
    const { mistakes } = await checkSheet(textOf(all));
    return mistakes.map(({ message }) => message);
  }

  async #risksOf(stored: Row, draft: Draft): Promise<string[]> {
    if (stored.answerCount === 0) return [];
    const usage = await this.keeper.usage(stored.id).catch(() => null);
    return risksOf(stored, draft, usage);
  }

  async #deed(deed: () => Promise<void>): Promise<boolean> {
    try {
      await deed();
      return true;
    } catch (error) {
      this.say(problemOf(error, new Date()).sentence, true);
      return false;
    }
  }

  /** One deed after the other: a field that is left by a click on Remove is saved first. */
  #inTurn<T>(deed: () => Promise<T>): Promise<T> {
    const turn = this.#turns.then(deed);
    this.#turns = turn.catch(() => undefined);
    return turn;
  }

  #stored(id: number): Row | undefined {
    return this.keeper.rows.value.find((row) => row.id === id);
  }

  #set(id: number, draft: Draft): void {
    this.drafts.value = new Map(this.drafts.value).set(id, draft);
  }

  #drop(id: number): void {
    const drafts = new Map(this.drafts.value);
    drafts.delete(id);
    this.drafts.value = drafts;
  }

  #begin(): void {
    this.#tell(this.row.value?.id ?? 0, "saved");
    this.edition.value += 1;
  }

  #tell(
    id: number,
    state: State,
    mistakes: readonly string[] = [],
    risks: readonly string[] = [],
  ): void {
    if (id !== (this.row.value?.id ?? 0)) return;
    this.state.value = state;
    this.mistakes.value = mistakes;
    this.risks.value = risks;
  }
}

/** Ask the server what is wrong with a text, and which questions it holds. */
export async function checkSheet(sheet: string): Promise<CheckedSheet> {
  const reply = await post("CheckConfigFile", { fileName: ".scores", text: sheet });
  const told = isObject(reply) ? reply : {};
  return {
    mistakes: objects(told.mistakes).map((entry) => ({
      line: number(entry.line) ?? 1,
      message: text(entry.message),
    })),
    drafts: parseQuestions(told.questions).map(draftOf),
  };
}

function freeName(name: string, rows: readonly Row[]): string {
  const taken = new Set(rows.map(({ draft }) => draft.name));
  let count = 1;
  while (taken.has(words.copyOf(name, count))) count += 1;
  return words.copyOf(name, count);
}
