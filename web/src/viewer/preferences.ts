/** What a reader chose about the page, kept in the browser for the next time. */

import { effect, type Signal } from "@preact/signals";

const KEPT_AS = "coverslip.viewer";

/** What can be chosen, with what holds until then. */
export const DEFAULTS = { strip: true, panel: true, goesOnCore: true, goesOnSlide: false };
export type Choice = keyof typeof DEFAULTS;

/** Read what was chosen before; unreadable or forbidden storage: what holds for a newcomer. */
export function readChoices(): Record<Choice, boolean> {
  const found = { ...DEFAULTS };
  try {
    const stored = JSON.parse(localStorage.getItem(KEPT_AS) ?? "{}") as Record<string, unknown>;
    for (const name of Object.keys(found) as Choice[]) {
      const value = stored[name];
      if (typeof value === "boolean") found[name] = value;
    }
  } catch {
    // As said above.
  }
  return found;
}

export function writeChoices(chosen: Record<Choice, boolean>): void {
  try {
    localStorage.setItem(KEPT_AS, JSON.stringify(chosen));
  } catch {
    // Then the choice holds for this page only.
  }
}

interface Choices {
  hasStrip: Signal<boolean>;
  hasPanel: Signal<boolean>;
  goesOn: { core: Signal<boolean>; slide: Signal<boolean> };
}

/** Take up what was chosen before, and keep what is chosen from now on; returns what ends that. */
export function keepPreferences({ hasStrip, hasPanel, goesOn }: Choices): () => void {
  const kept: Record<Choice, Signal<boolean>> = {
    strip: hasStrip,
    panel: hasPanel,
    goesOnCore: goesOn.core,
    goesOnSlide: goesOn.slide,
  };
  const before = readChoices();
  for (const name of Object.keys(kept) as Choice[]) kept[name].value = before[name];
  return effect(() =>
    writeChoices({
      strip: hasStrip.value,
      panel: hasPanel.value,
      goesOnCore: goesOn.core.value,
      goesOnSlide: goesOn.slide.value,
    }),
  );
}
