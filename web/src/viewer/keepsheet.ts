/** Keeps the scoring sheet at the slide that is shown. */

import { effect } from "@preact/signals";
import type { Sheet } from "../scoring/sheet";
import type { Reading } from "./reading";

/** Let the sheet follow the slides; returns what ends that. */
export function keepSheet(reading: Reading, sheet: Sheet): (() => void)[] {
  let started: Promise<void> | null = null;
  sheet.onGo = ({ slideId }) => {
    const position = reading.slides.value.findIndex((slide) => slide.id === slideId);
    if (position >= 0) void reading.open(position);
  };
  const follow = effect(() => {
    const studyId = reading.studyId.value;
    const slide = reading.slide.value;
    if (studyId === null || !slide) return;
    started ??= sheet.start(studyId);
    const subject = { slideId: slide.id, caseId: slide.caseId, core: null };
    void started.then(async () => {
      if (reading.slide.value?.id === slide.id) await sheet.open(subject);
    });
  });
  const online = () => sheet.queue.kick();
  const warn = (event: BeforeUnloadEvent) => {
    const waits = sheet.queue.waitingCount.value > 0;
    if (waits && sheet.queue.offlineSince.value) event.preventDefault();
  };
  window.addEventListener("online", online);
  window.addEventListener("beforeunload", warn);
  return [
    follow,
    () => window.removeEventListener("online", online),
    () => window.removeEventListener("beforeunload", warn),
  ];
}
