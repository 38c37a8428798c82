/** The maps of a study that are edited: which one is shown, and what of it is not saved. */

import { computed, signal } from "@preact/signals";
import { ask, isObject } from "../../../api/http";
import { problemOf } from "../../../ui/failure";
import type { Studio } from "../studio";
import { emptyMap, readMaps, type TmaMap, textOf } from "./map";

export class MapDesk {
  /** As the study has them; null: not read yet. */
  readonly stored = signal<readonly TmaMap[] | null>(null);
  /** Maps with changes that are not saved, by name. */
  readonly drafts = signal<ReadonlyMap<string, TmaMap>>(new Map());
  readonly trouble = signal("");
  /** Rises when maps are read: cores are looked for anew. */
  readonly edition = signal(0);
  readonly #chosen = signal("");

  constructor(readonly studio: Studio) {}

  /** All maps with what is not saved of them, new ones last. */
  readonly all = computed<readonly TmaMap[]>(() => {
    const known = this.stored.value ?? [];
    const fresh = [...this.drafts.value.values()].filter(({ name }) => !this.find(name));
    return [...known.map((map) => this.drafts.value.get(map.name) ?? map), ...fresh];
  });

  readonly shown = computed<TmaMap | undefined>(
    () => this.all.value.find(({ name }) => name === this.#chosen.value) ?? this.all.value[0],
  );

  async load(): Promise<void> {
    try {
      const reply = await ask("GetConfig", { studyId: this.studio.studyId });
      this.stored.value = readMaps(isObject(reply) && isObject(reply.config) ? reply.config : {});
      this.trouble.value = "";
      this.edition.value += 1;
    } catch (error) {
      this.trouble.value = problemOf(error, new Date()).sentence;
    }
  }

  /** Return a map as the study has it; undefined: not yet. */
  find(name: string): TmaMap | undefined {
    return this.stored.value?.find((map) => map.name === name);
  }

  show(name: string): void {
    this.#chosen.value = name;
  }

  begin(name: string): void {
    this.edit(emptyMap(name));
    this.show(name);
  }

  edit(map: TmaMap): void {
    const stored = this.find(map.name);
    if (stored && textOf(stored) === textOf(map)) this.putBack(map.name);
    else this.drafts.value = new Map(this.drafts.value).set(map.name, map);
  }

  putBack(name: string): void {
    const drafts = new Map(this.drafts.value);
    drafts.delete(name);
    this.drafts.value = drafts;
  }
}

/** What is not saved outlives a look at another tab. */
const kept = new WeakMap<Studio, MapDesk>();

export function mapDeskOf(studio: Studio): MapDesk {
  const known = kept.get(studio) ?? new MapDesk(studio);
  kept.set(studio, known);
  return known;
}
