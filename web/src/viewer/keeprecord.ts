/** Keeps a record of where the reader looks while slides come and go, where the study asks for it. */

import { effect } from "@preact/signals";
import { post } from "../api/http";
import type { Sheet } from "../scoring/sheet";
import type { Reading } from "./reading";
import { Recording } from "./recorder";
import type { SlideView } from "./slideview";

const NOTE_EVERY_MS = 250;
const SEND_EVERY_MS = 5000;

/** Keep the record; returns what ends that. */
export function keepRecord(view: SlideView, reading: Reading, sheet: Sheet): () => void {
  let now: Recording | null = null;
  let waiting: Recording[] = [];

  const send = () => {
    waiting = waiting.filter((recording) => recording === now || !recording.isOver);
    for (const recording of waiting) void recording.send();
  };
  const end = () => {
    const look = view.look.peek();
    if (now && look) now.end(performance.now(), look, view.cursor.peek());
    now = null;
    send();
  };
  const begin = (slideId: number | null) => {
    if (now?.slideId === slideId) return;
    end();
    if (slideId === null) return;
    now = new Recording(slideId, performance.now(), post);
    waiting.push(now);
  };
  const slideId = () =>
    sheet.rights.value?.recordsSessions && reading.phase.value === "shown"
      ? (reading.slide.value?.id ?? null)
      : null;
  // A look ends where its reader turns to another tab; what comes after is another look.
  const turn = () => begin(document.visibilityState === "visible" ? slideId() : null);

  const unwatch = effect(() => {
    slideId();
    turn();
  });
  const notes = window.setInterval(() => {
    const look = view.look.peek();
    if (now && look) now.note(performance.now(), look, view.cursor.peek());
  }, NOTE_EVERY_MS);
  const sends = window.setInterval(send, SEND_EVERY_MS);
  document.addEventListener("visibilitychange", turn);
  window.addEventListener("pagehide", end);
  return () => {
    end();
    unwatch();
    window.clearInterval(notes);
    window.clearInterval(sends);
    document.removeEventListener("visibilitychange", turn);
    window.removeEventListener("pagehide", end);
  };
}
