/** Keeps the scoring sheet at what is shown, and its answers safe when the page is left. */

import type { Sheet } from "../scoring/sheet";
import type { CoreDesk } from "./tma/coredesk";

/** Let the sheet follow slides and cores; returns what ends that. */
export function keepSheet(sheet: Sheet, tma: CoreDesk): (() => void)[] {
  sheet.onGo = (subject) => tma.show(subject);
  const online = () => sheet.queue.kick();
  const warn = (event: BeforeUnloadEvent) => {
    const waits = sheet.queue.waitingCount.value > 0;
    // Signing in again leaves the page, and the answers wait here until that is done.
    const isAway = sheet.queue.offlineSince.value && !sheet.queue.needsSignIn.value;
    if (waits && isAway) event.preventDefault();
  };
  window.addEventListener("online", online);
  window.addEventListener("beforeunload", warn);
  return [
    ...tma.follow(),
    () => window.removeEventListener("online", online),
    () => window.removeEventListener("beforeunload", warn),
  ];
}
