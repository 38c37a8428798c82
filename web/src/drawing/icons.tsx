/** Icons of the drawing tools, on the grid of the others. */

import type { ToolName } from "./tool";

const LINES: Record<ToolName | "shown" | "hidden" | "trash", string> = {
  select: "m3.5 2.5 9 4.2-4 1.5-1.6 4z",
  measure: "m2 10.5 8.5-8.5L14 5.5 5.5 14zM5 7.5 6.5 9M7 5.5 9 7.5M9 3.5 10.5 5",
  point: "M11.5 6.5a3.5 3.5 0 1 1-7 0 3.5 3.5 0 0 1 7 0ZM8 10v4M8 5v3M6.5 6.5h3",
  brush:
    "M13.5 2.5 8 8M8.2 7.6c1 .7 1 2.2.1 3.3-1.1 1.4-3.3 2-6 1.6 1.2-.7 1-1.7 1.4-3 .5-1.6 2.7-3 4.5-1.9z",
  erase: "m6 13-3.5-3.5L9 3l4 4-6 6zM6 6l4 4M6 13h7",
  polygon: "M3.5 5.5 8.5 3l4 4-2 5.5H5zM3.5 5.5h.1M8.5 3h.1M12.5 7h.1M10.5 12.5h.1M5 12.5h.1",
  freehand: "M3 10c-1-3 1-7 5-7s6 2.5 5 5-4 2-5 3.5.5 2-1.5 2S3.6 12 3 10z",
  polyline: "m3 12 3.5-6 3 3.5L13 3.5",
  rect: "M2.5 4h11v8h-11z",
  ellipse: "M13.5 8c0 2.2-2.5 4-5.5 4s-5.5-1.8-5.5-4S5 4 8 4s5.5 1.8 5.5 4Z",
  shown:
    "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM10 8a2 2 0 1 1-4 0 2 2 0 0 1 4 0Z",
  hidden:
    "m2 2 12 12M4 4.800C2.4 6 1.5 8 1.5 8S4 12.5 8 12.500c1.3 0 2.4-.4 3.3-1M6.5 3.700A6 6 0 0 1 8 3.500c4 0 6.5 4.5 6.5 4.500s-.5 1-1.5 2",
  trash: "M3 4.500h10M6.5 4.500V3h3v1.500M4.5 4.500l.6 9h5.800l.6-9M6.8 7v4M9.2 7v4",
};

export type ToolIconName = keyof typeof LINES;

export function ToolIcon({ name, small = false }: { name: ToolIconName; small?: boolean }) {
  return (
    <svg class={small ? "icon small" : "icon"} viewBox="0 0 16 16" aria-hidden="true">
      <path d={LINES[name]} />
    </svg>
  );
}
