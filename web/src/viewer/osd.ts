/** OpenSeadragon as this viewer wants it: no controls, no fading, no flash. */

import OpenSeadragon from "openseadragon";
import { LEAST_PIXEL_RATIO } from "./ahead";

const SPRING_S = 0.12;
// Beyond this, pixels are only larger, never clearer.
const LARGEST_ZOOM = 8;
// Renderers that some browsers do not count as a major caveat.
const SOFTWARE = /swiftshader|llvmpipe|softpipe|basic render|software/i;

/** Make a viewer in an element that has its size. */
export function makeViewer(element: HTMLElement): OpenSeadragon.Viewer {
  markStyled();
  return OpenSeadragon(optionsFor(element));
}

/**
 * Keep OpenSeadragon from adding a style element, which the page's policy forbids: it adds none
 * where it finds one with this mark, and an element of no namespace has no effect of its own.
 */
function markStyled(): void {
  const mark = document.createElementNS(null, "style");
  mark.setAttribute("data-openseadragon-mobile-css", "true");
  document.head.append(mark);
}

/**
 * Return the drawer that is fast here. Where WebGL is computed by the processor, as on remote
 * desktops, a frame takes it 250 ms that a plain canvas draws in 17 (measured, 1440 × 900).
 */
function drawer(): "auto" | "canvas" {
  const caveat = { failIfMajorPerformanceCaveat: true };
  const context = document
    .createElement("canvas")
    .getContext("webgl", caveat) as WebGLRenderingContext | null;
  const names = context?.getExtension("WEBGL_debug_renderer_info");
  const renderer = names ? String(context?.getParameter(names.UNMASKED_RENDERER_WEBGL)) : "";
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return context && !SOFTWARE.test(renderer) ? "auto" : "canvas";
}

function optionsFor(element: HTMLElement): OpenSeadragon.Options {
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const gestures = {
    clickToZoom: false,
    dblClickToZoom: false,
    flickEnabled: false,
    pinchRotate: false,
  };
  return {
    element,
    drawer: drawer(),
    // Every control is ours, beside the slide; nothing lies over tissue.
    showNavigationControl: false,
    keyboardNavEnabled: false,
    // Where to look is decided here, in the frame in which a slide is shown.
    preserveViewport: true,
    preserveImageSizeOnResize: true,
    // The wanted level at once, in full, over the picture that is always there.
    immediateRender: true,
    blendTime: 0,
    animationTime: still ? 0.001 : SPRING_S,
    visibilityRatio: 0.3,
    minZoomImageRatio: 0.7,
    maxZoomPixelRatio: LARGEST_ZOOM,
    gestureSettingsMouse: gestures,
    gestureSettingsTouch: gestures,
    gestureSettingsPen: gestures,
    // Beyond what browsers send at once, OpenSeadragon re-sorts the queue on each frame.
    imageLoaderLimit: 8,
    maxTilesPerFrame: 16,
    // At an objective of the microscope a stored level has exactly the screen's pixels; the usual
    // 0.5 would fetch the next finer one, four times the tiles, and shrink it.
    minPixelRatio: LEAST_PIXEL_RATIO,
    maxImageCacheCount: 400,
    timeout: 120_000,
  };
}
