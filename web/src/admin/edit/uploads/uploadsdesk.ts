/** The page of uploads without its elements: what the server has, and what goes on here. */

import { computed, signal } from "@preact/signals";
import { post } from "../../../api/http";
import { listStudies } from "../../../api/studies";
import { type Problem, problemOf } from "../../../ui/failure";
import { type Arrival, isMoving, isShown, listArrivals, type Show, studyOf } from "./arrivals";
import { matched, Resuming, type StudyPlace } from "./resuming";
import { words } from "./words";

const AT_ONCE = 200;
const MOST = 1000;

export class UploadsDesk {
  readonly all = signal<readonly Arrival[] | null>(null);
  readonly problem = signal<Problem | null>(null);
  /** Why files that were chosen or dropped do not go on. */
  readonly refusals = signal<readonly string[]>([]);
  readonly query = signal("");
  readonly show = signal<Show>("all");
  readonly #studies = signal<ReadonlyMap<string, StudyPlace>>(new Map());
  readonly #resuming = new Resuming(() => void this.load());
  readonly #count = signal(AT_ONCE);

  readonly shown = computed(() => {
    const named = this.query.value.trim().toLowerCase();
    return (this.all.value ?? []).filter(
      (arrival) => isShown(arrival, this.show.value) && arrival.path.toLowerCase().includes(named),
    );
  });
  readonly isAnyMoving = computed(() => this.all.value?.some(isMoving) ?? false);
  readonly hasMore = computed(
    () => (this.all.value?.length ?? 0) >= this.#count.value && this.#count.value < MOST,
  );

  /** Find the studies, without which files come in but nothing goes on, and the uploads. */
  async open(): Promise<void> {
    const studies = listStudies().then(
      (found) => {
        this.#studies.value = new Map(found.map((study) => [study.name.toLowerCase(), study]));
      },
      () => undefined,
    );
    await Promise.all([studies, this.load()]);
  }

  async load(): Promise<void> {
    try {
      this.all.value = await listArrivals(this.#count.value);
      this.problem.value = null;
    } catch (error) {
      this.problem.value = problemOf(error, new Date());
    }
  }

  async loadMore(): Promise<void> {
    this.#count.value = MOST;
    await this.load();
  }

  async lookAgain({ id }: Arrival): Promise<void> {
    try {
      await post("CheckUpload", { id });
      await this.load();
    } catch (error) {
      this.problem.value = problemOf(error, new Date());
    }
  }

  /** The study in whose folder an upload lies, if this person sees it. */
  studyOf(arrival: Arrival): StudyPlace | null {
    return this.#studies.value.get(studyOf(arrival).toLowerCase()) ?? null;
  }

  /** What goes on in this page with an upload. */
  sending(arrival: Arrival) {
    return this.#resuming.of(arrival);
  }

  /** Go on with one upload, with the file that was chosen for it. */
  async choose(arrival: Arrival, file: File): Promise<void> {
    this.refusals.value = [];
    await this.#goOn(arrival, file);
  }

  /** Go on with all uploads that files are the rest of. */
  take(files: readonly File[]): void {
    const { pairs, strange } = matched(this.all.value ?? [], files);
    this.refusals.value = strange.map(({ name }) => words.strange(name));
    for (const [arrival, file] of pairs) void this.#goOn(arrival, file);
  }

  async #goOn(arrival: Arrival, file: File): Promise<void> {
    const study = this.studyOf(arrival);
    if (!study || this.sending(arrival)) return;
    let wrong = "";
    try {
      wrong = await this.#resuming.goOn(arrival, study, file);
    } catch (error) {
      wrong = problemOf(error, new Date()).sentence;
    }
    if (wrong) this.refusals.value = [...this.refusals.value, wrong];
  }
}
