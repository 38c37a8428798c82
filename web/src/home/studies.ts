/** The list of studies as people look at it: by folder, filtered by words. */

import { type Study, TAG_KINDS } from "../api/studies";

export interface Folder {
  /** Empty: studies that lie in none. */
  name: string;
  studies: Study[];
}

/** Group studies by folder, both in alphabetical order; those without a folder come last. */
export function byFolder(studies: readonly Study[]): Folder[] {
  const folders = new Map<string, Study[]>();
  for (const study of studies) {
    const inside = folders.get(study.folder) ?? [];
    inside.push(study);
    folders.set(study.folder, inside);
  }
  return [...folders]
    .map(([name, inside]) => ({ name, studies: inside.sort(inOrder) }))
    .sort((a, b) => Number(a.name === "") - Number(b.name === "") || compare(a.name, b.name));
}

/** Return the studies in which every word is found, in name, label or folder, in any case. */
export function matching(studies: readonly Study[], query: string): Study[] {
  const wanted = query.toLowerCase().split(/\s+/).filter(Boolean);
  return studies.filter((study) => {
    const text = `${study.name}\n${study.label}\n${study.folder}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

/** Return the studies that have a chosen tag of every kind from which one was chosen. */
export function tagged(studies: readonly Study[], chosen: ReadonlySet<string>): Study[] {
  return studies.filter(({ tagsBy }) =>
    TAG_KINDS.every((kind) => {
      const wanted = studies
        .flatMap((study) => study.tagsBy[kind])
        .filter((tag) => chosen.has(tag));
      return wanted.length === 0 || tagsBy[kind].some((tag) => chosen.has(tag));
    }),
  );
}

/** Return every tag of a kind, each once, in alphabetical order. */
export function tagsOf(studies: readonly Study[], kind: (typeof TAG_KINDS)[number]): string[] {
  return [...new Set(studies.flatMap(({ tagsBy }) => tagsBy[kind]))].sort(compare);
}

function inOrder(a: Study, b: Study): number {
  return compare(a.label, b.label) || a.id - b.id;
}

function compare(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true, sensitivity: "base" });
}
