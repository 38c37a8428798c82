/** The canvas over the slide on which shapes are seen and drawn. */

import { computed, effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Desk } from "../viewer/desk";
import { parameter } from "../viewer/viewurl";
import { Board } from "./board";
import { Given, type GivenGroup, groupOf } from "./given";

export function Glass({ desk }: { desk: Desk }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (!canvas.current) return;
    const given = new Given(parameter(location.search, "annos"));
    const beside = computed(() => [...given.groups.value, ...pickedOf(desk)]);
    const stopBoard = new Board(canvas.current, desk.view, desk.drawing, beside).start();
    const stopGiven = given.keepTo(desk.view.shown);
    const picture = canvas.current.parentElement;
    const stopCursor = effect(() => {
      const tool = desk.drawing.tool.value;
      if (tool) picture?.setAttribute("data-tool", tool);
      else picture?.removeAttribute("data-tool");
    });
    return () => {
      stopBoard();
      stopGiven();
      stopCursor();
    };
  }, [desk]);
  return <canvas class="drawn-over" ref={canvas} />;
}

/** The shape of a layer that was clicked. */
function pickedOf({ layers }: Desk): GivenGroup[] {
  const picked = layers.picked.value;
  if (!picked) return [];
  const shape = { geometry: picked.geometry, labels: [], source: null };
  return [{ ...groupOf([shape], picked.layer.style.colour), isPicked: true }];
}
