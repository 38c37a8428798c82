/** A picture of what is seen: slide, layers, shapes and scale bar on one canvas. */

import type { Point } from "../geometry";
import { scaleBar } from "../scalebar";
import type { Look } from "../slideview";

export interface ShotWishes {
  hasShapes: boolean;
  hasBar: boolean;
}

const BAR_MARGIN = 16;
const SURROUND = "#303030";

/** Paint what lies in the picture's place on the page, and return it as PNG. */
export async function composePng(
  place: HTMLElement,
  look: Look,
  mpp: number | null,
  { hasShapes, hasBar }: ShotWishes,
): Promise<Blob> {
  const ratio = window.devicePixelRatio;
  const { width, height } = look.window;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser gives no canvas");
  context.scale(ratio, ratio);
  context.fillStyle = SURROUND;
  context.fillRect(0, 0, width, height);
  // The filter that the slide is adjusted by belongs to the page, and is named by its id.
  context.filter = place.dataset.adjusted === "true" ? "url(#adjusted)" : "none";
  for (const layer of slideCanvases(place)) drawPlaced(context, layer);
  context.filter = "none";
  if (hasShapes) for (const layer of shapeCanvases(place)) drawPlaced(context, layer);
  if (hasBar && mpp !== null)
    drawBar(context, mpp / look.zoom, { x: BAR_MARGIN, y: height - BAR_MARGIN });
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png"),
  );
}

function slideCanvases(place: HTMLElement): HTMLCanvasElement[] {
  return [
    ...place.querySelectorAll<HTMLCanvasElement>(
      ":scope > .underlay, .openseadragon-canvas canvas",
    ),
  ];
}

function shapeCanvases(place: HTMLElement): HTMLCanvasElement[] {
  return [
    ...place.querySelectorAll<HTMLCanvasElement>(":scope > .layer-paper, :scope > .drawn-over"),
  ];
}

/** Draw a canvas as the page's transformation shows it. */
function drawPlaced(context: CanvasRenderingContext2D, layer: HTMLCanvasElement): void {
  // Not its width and height: those do not follow the bitmaps that a canvas is handed.
  const { offsetWidth: width, offsetHeight: height } = layer;
  if (width <= 1 || height <= 1) return;
  context.save();
  const matrix = new DOMMatrix(getComputedStyle(layer).transform);
  context.transform(matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f);
  context.drawImage(layer, 0, 0, width, height);
  context.restore();
}

function drawBar(context: CanvasRenderingContext2D, umPerPx: number, { x, y }: Point): void {
  const { width, text } = scaleBar(umPerPx);
  context.font = "600 13px system-ui, sans-serif";
  const wide = Math.max(width, context.measureText(text).width) + 16;
  context.fillStyle = "rgb(0 0 0 / 65%)";
  context.fillRect(x - 8, y - 30, wide, 38);
  context.fillStyle = "#fff";
  context.fillRect(x, y - 3, width, 3);
  context.fillText(text, x, y - 10);
}

/** Hand a picture to the browser's downloads, named after the slide as this reader knows it. */
export function savePicture(picture: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(picture);
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Return a file name without what file systems refuse. */
export function fileNameOf(slide: string, magnification: string, ending: string): string {
  const plain = `${slide} ${magnification.replaceAll("×", "x").replaceAll(":", "-")}`;
  const kept = plain.replace(/[^\p{L}\p{N}._ -]+/gu, "_").trim();
  return `${kept.slice(0, 120) || "slide"}.${ending}`;
}
