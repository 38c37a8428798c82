/** Several cores at once: which of them stand side by side, and where each one's pane is. */

import { effect, signal } from "@preact/signals";
import type { Sheet } from "../../scoring/sheet";
import { Companion, type Companions } from "../panes/companions";
import type { CoreDesk } from "./coredesk";
import type { CorePlace } from "./layout";

/** How many panes a reader can choose; the first is what a study begins with. */
export const AT_ONCE: readonly number[] = [4, 1, 2, 3, 6];

const KEPT_AS = "coverslip.coresAtOnce";

export class CoreBatch {
  /** Panes that the reader wants; 1: one core at a time. */
  readonly wanted = signal(kept());
  /** The cores side by side, in the order in which they are scored; empty: one at a time. */
  readonly cores = signal<readonly CorePlace[]>([]);
  readonly #sheet: Sheet;
  readonly #tma: CoreDesk;
  readonly #companions: Companions;
  /** The slide had no more cores than there are panes. */
  #isLast = false;

  constructor(sheet: Sheet, tma: CoreDesk, companions: Companions) {
    this.#sheet = sheet;
    this.#tma = tma;
    this.#companions = companions;
  }

  /** Whether the study has cores scored several at once. */
  get isOffered(): boolean {
    return this.#sheet.rights.value?.scoresCoresAtOnce === true && this.#tma.isMicroarray.value;
  }

  choose(count: number): void {
    this.wanted.value = count;
    try {
      localStorage.setItem(KEPT_AS, String(count));
    } catch {
      // Then the choice holds for this page only.
    }
  }

  /** The place of a core's pane, from 0; the scored core's is that of the main pane. */
  placeOf(core: CorePlace | null): number {
    return Math.max(0, core ? this.cores.value.indexOf(core) : 0);
  }

  /** Keep the panes at the cores that come next; returns what ends that. */
  follow(): (() => void)[] {
    return [effect(() => this.#choose()), effect(() => this.#arrange())];
  }

  /** Begin with other cores as soon as the scored one is not among these. */
  #choose(): void {
    const current = this.#tma.cores.current.value;
    const count = this.isOffered ? this.wanted.value : 1;
    if (!current || count < 2) {
      if (this.cores.peek().length > 0) this.cores.value = [];
      return;
    }
    const known = this.cores.peek();
    const isThere = known.includes(current) && known.length <= count;
    const isShort = known.length < count && !this.#isLast;
    if (isThere && !isShort) return;
    const cores = this.#tma.cores.following(current, count);
    this.#isLast = cores.length < count;
    this.cores.value = cores;
  }

  /** Give each core but the scored one a pane: the one that it had, as far as it can be. */
  #arrange(): void {
    const current = this.#tma.cores.current.value;
    const others = this.cores.value.filter((core) => core !== current);
    const now = this.#companions.all.peek();
    if (this.cores.value.length === 0) {
      if (now.some(({ core }) => core.peek())) this.#companions.all.value = [];
      return;
    }
    const slideId = this.#tma.slideId;
    const held = new Set(now.map(({ core }) => core.peek()));
    const homeless = others.filter((core) => !held.has(core));
    const panes = others.map((_, index) => now[index] ?? new Companion(slideId));
    for (const pane of panes) {
      const core = pane.core.peek();
      if (!core || !others.includes(core)) pane.core.value = homeless.shift() ?? null;
      pane.slideId.value = slideId;
    }
    this.#companions.arrange(panes, current);
  }
}

function kept(): number {
  try {
    const count = Number(localStorage.getItem(KEPT_AS));
    if (AT_ONCE.includes(count)) return count;
  } catch {
    // Forbidden storage: as the study begins.
  }
  return AT_ONCE[0] ?? 1;
}
