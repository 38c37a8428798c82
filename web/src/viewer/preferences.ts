/** What a reader chose about the page, kept in the browser for the next time. */

import { effect, type Signal } from "@preact/signals";

const KEPT_AS = "coverslip.viewer";

interface Choices {
  hasStrip: Signal<boolean>;
  hasPanel: Signal<boolean>;
  goesOn: { core: Signal<boolean>; slide: Signal<boolean> };
}

/** Take up what was chosen before, and keep what is chosen from now on; returns what ends that. */
export function keepPreferences({ hasStrip, hasPanel, goesOn }: Choices): () => void {
  const kept = {
    strip: hasStrip,
    panel: hasPanel,
    goesOnCore: goesOn.core,
    goesOnSlide: goesOn.slide,
  };
  try {
    const stored = JSON.parse(localStorage.getItem(KEPT_AS) ?? "{}") as Record<string, unknown>;
    for (const [name, choice] of Object.entries(kept)) {
      const value = stored[name];
      if (typeof value === "boolean") choice.value = value;
    }
  } catch {
    // Unreadable or forbidden storage: the page starts as it does for a newcomer.
  }
  return effect(() => {
    const wanted = Object.entries(kept).map(([name, choice]) => [name, choice.value]);
    try {
      localStorage.setItem(KEPT_AS, JSON.stringify(Object.fromEntries(wanted)));
    } catch {
      // Then the choice holds for this page only.
    }
  });
}
