/** The canvas over the slide on which layers are seen, and on which their shapes are clicked. */

import { useEffect, useRef } from "preact/hooks";
import { Camera } from "../drawing/camera";
import type { Desk } from "../viewer/desk";
import type { Point } from "../viewer/geometry";
import { Paper } from "./paper";

const CLICK_PX = 4;
const REACH_PX = 5;

export function LayerPaper({ desk }: { desk: Desk }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (!canvas.current) return;
    const paper = new Paper(canvas.current, desk.view, desk.layers);
    const stops = [paper.start(), desk.layers.follow(), listen(canvas.current, desk, paper)];
    return () => {
      for (const stop of stops) stop();
    };
  }, [desk]);
  return <canvas class="layer-paper" ref={canvas} />;
}

/** Pick the shape that is clicked, where no tool draws. */
function listen(canvas: HTMLCanvasElement, desk: Desk, paper: Paper): () => void {
  const element = canvas.parentElement ?? canvas;
  let start: Point | null = null;
  const placeOf = (event: PointerEvent): Point => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const down = (event: PointerEvent) => {
    start = event.isPrimary && event.button === 0 ? placeOf(event) : null;
  };
  const up = (event: PointerEvent) => {
    const place = placeOf(event);
    const isClick = start && Math.hypot(place.x - start.x, place.y - start.y) < CLICK_PX;
    start = null;
    const { tool, selected } = desk.drawing;
    const isMatching = desk.companions.pairing.now.value !== null;
    const isFree = tool.value === null || (tool.value === "select" && !selected.value);
    if (isClick && isFree && !isMatching) void pickAt(desk, paper, place);
  };
  element.addEventListener("pointerdown", down, { capture: true });
  element.addEventListener("pointerup", up, { capture: true });
  return () => {
    element.removeEventListener("pointerdown", down, { capture: true });
    element.removeEventListener("pointerup", up, { capture: true });
  };
}

async function pickAt({ view, layers, tab, hasPanel }: Desk, paper: Paper, place: Point) {
  const look = view.look.peek();
  if (!look) return;
  const at = new Camera(look).toSlide(place);
  const found = await paper.find(at, REACH_PX / look.zoom);
  if (!found) {
    layers.picked.value = null;
    return;
  }
  await layers.pick(found.id, found.index, at).catch(() => undefined);
  if (layers.picked.value && hasPanel.value) tab.value = "shapes";
}
