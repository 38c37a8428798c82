/** The navigator: the whole slide, and on it the part that is looked at. */

import { useEffect, useRef } from "preact/hooks";
import { words } from "../ui/words";
import type { Desk } from "./desk";
import { type Point, viewCorners } from "./geometry";

const WHEEL_NOTCH = 1.25;

export function Navigator({ desk }: { desk: Desk }) {
  const place = useRef<HTMLCanvasElement>(null);
  const shown = desk.view.shown.value;
  const picture = shown?.picture.value;
  const look = desk.view.look.value;

  useEffect(() => {
    const canvas = place.current;
    if (!canvas || !picture) return;
    canvas.width = picture.naturalWidth;
    canvas.height = picture.naturalHeight;
    canvas.getContext("2d")?.drawImage(picture, 0, 0);
  }, [picture]);

  if (!shown) return <div class="navigator" />;
  const { width, height } = shown.facts;
  const corners = look ? viewCorners(look.view, look.window) : [];
  const outline = corners.map((corner) => `${corner.x},${corner.y}`).join(" ");
  return (
    <div class="navigator">
      <canvas ref={place} />
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={words.viewer.navigator}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          desk.view.centre(slidePoint(event));
        }}
        onPointerMove={(event) => {
          if (event.buttons & 1) desk.view.centre(slidePoint(event));
        }}
        onWheel={(event) => {
          event.preventDefault();
          desk.view.zoomCentred(WHEEL_NOTCH ** -Math.sign(event.deltaY));
        }}
      >
        <polygon class="outside" points={outline} />
        <polygon class="inside" points={outline} />
      </svg>
    </div>
  );
}

/** Where on the slide the pointer is, in level-0 pixels. */
function slidePoint(event: MouseEvent): Point {
  const map = event.currentTarget as SVGSVGElement;
  const matrix = map.getScreenCTM();
  if (!matrix) return { x: 0, y: 0 };
  return new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
}
