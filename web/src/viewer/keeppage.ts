/** Keeps the page in step with the slide: its address, its name for screen readers, its neighbours. */

import { effect } from "@preact/signals";
import { words } from "../ui/words";
import type { Reading } from "./reading";
import type { SlideView } from "./slideview";
import { addressOf } from "./viewurl";

const ADDRESS_AFTER_MS = 250;

/** Keep the page in step; returns what ends that. */
export function keepPage(view: SlideView, reading: Reading): (() => void)[] {
  return [nameCanvas(view, reading), keepAddress(view, reading), prepareWhenSharp(view, reading)];
}

function nameCanvas({ canvas }: SlideView, reading: Reading): () => void {
  canvas.setAttribute("role", "application");
  return effect(() => {
    canvas.setAttribute("aria-label", words.viewer.slideRegion(reading.name.value));
  });
}

/** Keep the address restoring what is seen, without a step of history for each pan. */
function keepAddress(view: SlideView, reading: Reading): () => void {
  let timer = 0;
  return effect(() => {
    const look = view.look.value;
    window.clearTimeout(timer);
    if (!look || reading.phase.value !== "shown") return;
    timer = window.setTimeout(() => {
      history.replaceState(null, "", addressOf(location.href, { view: look.view }));
    }, ADDRESS_AFTER_MS);
  });
}

function prepareWhenSharp(view: SlideView, reading: Reading): () => void {
  return effect(() => {
    const { isSharp } = view.supply.value;
    if (isSharp && reading.phase.value === "shown") reading.prepareNeighbours();
  });
}
