/** Which slides of a study are shown, in which groups, and which comes next. */

import type { Slide } from "../api/studies";
import type { Mark } from "../scoring/api";

export type Filter = "all" | Mark;

export function markOf(slide: Slide, marks: ReadonlyMap<number, Mark>): Mark {
  return marks.get(slide.id) ?? "open";
}

export function matching(
  slides: readonly Slide[],
  marks: ReadonlyMap<number, Mark>,
  filter: Filter,
  query: string,
): Slide[] {
  const needle = query.trim().toLowerCase();
  return slides.filter(
    (slide) =>
      (filter === "all" || markOf(slide, marks) === filter) &&
      `${slide.name}\n${slide.caseName}`.toLowerCase().includes(needle),
  );
}

/** Count slides by mark. */
export function countMarks(
  slides: readonly Slide[],
  marks: ReadonlyMap<number, Mark>,
): Record<Filter, number> {
  const counts = { all: slides.length, open: 0, partly: 0, done: 0 };
  for (const slide of slides) counts[markOf(slide, marks)] += 1;
  return counts;
}

/** Return the first slide that is not done: one that was begun comes before the others. */
export function nextOf(slides: readonly Slide[], marks: ReadonlyMap<number, Mark>): Slide | null {
  const begun = slides.find((slide) => markOf(slide, marks) === "partly");
  return begun ?? slides.find((slide) => markOf(slide, marks) === "open") ?? null;
}

/** Group slides by case, in the order of the study; those without a case come last. */
export function byCase(slides: readonly Slide[]): { name: string; slides: Slide[] }[] {
  const groups = new Map<string, Slide[]>();
  for (const slide of slides) {
    const group = groups.get(slide.caseName) ?? [];
    group.push(slide);
    groups.set(slide.caseName, group);
  }
  const named = [...groups].filter(([name]) => name !== "");
  const rest = groups.get("");
  return [...named, ...(rest ? [["", rest] as const] : [])].map(([name, found]) => ({
    name,
    slides: [...found],
  }));
}
