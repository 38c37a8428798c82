/** The slide on the screen: OpenSeadragon, spoken to in slide pixels and magnifications. */

import { effect, type ReadonlySignal, signal } from "@preact/signals";
import OpenSeadragon from "openseadragon";
import { Foresight } from "./foresight";
import { fittingView, type Point, type Size } from "./geometry";
import { HeldPan } from "./heldpan";
import { nextStop, OBJECTIVES, PLAIN_STOPS, snap, zoomAt } from "./magnification";
import { makeViewer } from "./osd";
import type { ReadySlide } from "./slidecache";
import { Supply, type SupplyState } from "./supply";
import { SlideTileSource } from "./tiles";
import { Underlay } from "./underlay";
import { normaliseAngle, type View } from "./viewurl";

/** What is seen now. */
export interface Look {
  view: View;
  /** CSS pixels per level-0 pixel. */
  zoom: number;
  /** CSS pixels. */
  window: Size;
}

const STEP_OF_SCREEN = 0.5;
const NOTCH = 1.25;

export class SlideView {
  readonly #look = signal<Look | null>(null);
  readonly #upright = signal(0);
  readonly #cursor = signal<Point | null>(null);
  readonly #viewer: OpenSeadragon.Viewer;
  readonly #underlay: Underlay;
  readonly #supply: Supply;
  readonly #element: HTMLElement;
  readonly #heldPan = new HeldPan((pixels) => this.#panBy(pixels, true));
  readonly #shown = signal<ReadySlide | null>(null);
  readonly #foresight: Foresight | null;
  /** Clicks mark places: two of them, however quick, are no double click. */
  isMarked = false;
  #item: OpenSeadragon.TiledImage | null = null;
  #pointer: Point | null = null;
  #unwatchPicture: () => void = () => undefined;

  /** `foresees`: tiles are fetched ahead; panes that only follow leave that to the one that leads. */
  constructor(element: HTMLElement, underlay: HTMLCanvasElement, foresees = true) {
    this.#element = element;
    this.#underlay = new Underlay(underlay);
    this.#viewer = makeViewer(element);
    this.#supply = new Supply(this.#viewer);
    this.#foresight = foresees ? new Foresight(this.#look, this.#supply.state, this.#cursor) : null;
    this.#listen();
  }

  /** What is seen; null until a slide is shown. */
  get look(): ReadonlySignal<Look | null> {
    return this.#look;
  }

  /** The slide that is shown; null while there is none. */
  get shown(): ReadonlySignal<ReadySlide | null> {
    return this.#shown;
  }

  /** The angle at which the study shows the slide. */
  get upright(): ReadonlySignal<number> {
    return this.#upright;
  }

  /** Where the pointer is on the slide, in level-0 pixels; null when it is elsewhere. */
  get cursor(): ReadonlySignal<Point | null> {
    return this.#cursor;
  }

  /** How many tiles are on their way or missing. */
  get supply(): ReadonlySignal<SupplyState> {
    return this.#supply.state;
  }

  /** How large the slide's place on the screen is, in CSS pixels. */
  get size(): Size {
    return { width: this.#element.clientWidth, height: this.#element.clientHeight };
  }

  /** The element that takes the keyboard. */
  get canvas(): HTMLElement {
    return this.#viewer.canvas as HTMLElement;
  }

  /**
   * Show a slide that is ready, in place of the one before, within one frame: at a view, or whole
   * and turned as its study shows it.
   */
  show(slide: ReadySlide, rotation: number, view: View | null): Promise<void> {
    const source = new SlideTileSource(slide.facts, slide.grants);
    return new Promise((resolve, reject) => {
      this.#viewer.addTiledImage({
        tileSource: source,
        success: (event: unknown) => {
          if (this.#item) this.#viewer.world.removeItem(this.#item);
          this.#item = (event as { item: OpenSeadragon.TiledImage }).item;
          this.#shown.value = slide;
          this.#supply.watch(this.#item);
          this.#foresight?.use({ facts: slide.facts, source });
          this.#watchPicture(slide);
          this.#upright.value = normaliseAngle(rotation);
          this.go(view ?? this.#fitting(rotation), true);
          resolve();
        },
        error: (event: unknown) =>
          reject(new Error(String((event as { message?: string }).message))),
      });
    });
  }

  /** Show nothing but the surround. */
  clear(): void {
    this.#unwatchPicture();
    this.#viewer.world.removeAll();
    this.#item = null;
    this.#shown.value = null;
    this.#look.value = null;
    this.#cursor.value = null;
    this.#supply.watch(null);
    this.#foresight?.use(null);
    this.#underlay.clear();
  }

  /** Take everything down: the place on the page goes to somebody else. */
  leave(): void {
    this.clear();
    this.#supply.end();
    this.#foresight?.end();
    this.#viewer.destroy();
  }

  /** Move to a view. */
  go(view: View, immediately = false): void {
    const slide = this.#slide;
    if (!slide) return;
    const viewport = this.#viewer.viewport;
    viewport.setRotation(view.rotation, true);
    viewport.zoomTo(slide.facts.width / view.width, undefined, immediately);
    viewport.panTo(this.#toViewport(view), immediately);
    viewport.applyConstraints(immediately);
    this.#viewer.forceRedraw();
  }

  /** Show the whole slide. */
  fit(): void {
    if (this.#slide) this.go(this.#fitting(this.#viewer.viewport.getRotation()));
  }

  /** Centre a place of the slide. */
  centre(place: Point): void {
    this.#viewer.viewport.panTo(this.#toViewport(place), true);
    this.#viewer.viewport.applyConstraints(true);
  }

  /** Zoom to CSS pixels per level-0 pixel, about the centre or a place on the screen. */
  zoomTo(zoom: number, about?: Point): void {
    if (!this.#slide) return;
    const viewport = this.#viewer.viewport;
    const reference = about
      ? viewport.pointFromPixel(new OpenSeadragon.Point(about.x, about.y), true)
      : undefined;
    const width = viewport.getContainerSize().x;
    viewport.zoomTo((zoom * this.#slide.facts.width) / width, reference);
    viewport.applyConstraints();
  }

  /** Zoom by a factor about a place on the screen, settling on objectives when asked. */
  zoomBy(factor: number, about: Point, settle: boolean): void {
    const wanted = this.#targetZoom() * factor;
    this.zoomTo(settle ? snap(this.#stops(), wanted) : wanted, about);
  }

  /** Zoom by a factor about the centre. */
  zoomCentred(factor: number): void {
    if (this.#slide) this.zoomTo(this.#targetZoom() * factor);
  }

  /** Go to the next objective in a direction; after the last, to the whole slide or native. */
  stepObjective(direction: 1 | -1, about?: Point): void {
    if (!this.#slide) return;
    const stop = nextStop(this.#stops(), this.#targetZoom(), direction);
    if (stop !== null) this.zoomTo(stop, about);
    else if (direction < 0) this.fit();
  }

  /** Go to one of the seven stops that the digits after Z name; the seventh is native. */
  goObjective(index: number): void {
    const mpp = this.#slide?.facts.mpp;
    const power = OBJECTIVES[index];
    if (power === undefined) this.zoomTo(1);
    else if (mpp) this.zoomTo(zoomAt(power, mpp));
  }

  rotateBy(degrees: number): void {
    if (!this.#slide) return;
    this.rotateTo(this.#viewer.viewport.getRotation() + degrees);
  }

  /** Turn back to how the study shows the slide. */
  resetRotation(): void {
    this.rotateTo(this.#upright.value);
  }

  rotateTo(degrees: number): void {
    if (!this.#slide) return;
    this.#viewer.viewport.setRotation(normaliseAngle(degrees), true);
    this.#viewer.forceRedraw();
  }

  /** Pan by half a screen in a direction. */
  step(direction: Point): void {
    const { x, y } = this.#viewer.viewport.getContainerSize();
    this.#panBy({ x: direction.x * x * STEP_OF_SCREEN, y: direction.y * y * STEP_OF_SCREEN });
  }

  /** Pan steadily in a direction until it is released; several directions add up. */
  hold(name: string, direction: Point): void {
    this.#heldPan.hold(name, direction);
  }

  release(name: string): void {
    this.#heldPan.release(name);
    if (!this.#heldPan.isActive) this.#settle();
  }

  releaseAll(): void {
    this.#heldPan.releaseAll();
    this.#settle();
  }

  /** Ask again for the tiles that did not come. */
  retry(): void {
    this.#supply.retry();
  }

  #watchPicture(slide: ReadySlide): void {
    this.#unwatchPicture();
    this.#unwatchPicture = effect(() => {
      slide.picture.value;
      this.#viewer.forceRedraw();
    });
  }

  #listen(): void {
    this.#viewer.addHandler("update-viewport", () => this.#drawn());
    this.#viewer.addHandler("canvas-double-click", (event) => {
      if (this.isMarked) return;
      const pressed = event.originalEvent as MouseEvent;
      this.stepObjective(pressed.altKey ? -1 : 1, event.position);
    });
    // Before OpenSeadragon's own listener: it knows whole notches only, which pads do not send.
    this.#element.addEventListener("wheel", (event) => this.#wheel(event), {
      capture: true,
      passive: false,
    });
    this.#element.addEventListener("pointermove", (event) => {
      const box = this.#element.getBoundingClientRect();
      this.#pointer = { x: event.clientX - box.left, y: event.clientY - box.top };
      this.#placeCursor();
    });
    this.#element.addEventListener("pointerleave", () => {
      this.#pointer = null;
      this.#cursor.value = null;
    });
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!this.#slide) return;
    const box = this.#element.getBoundingClientRect();
    const about = { x: event.clientX - box.left, y: event.clientY - box.top };
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : 33;
    const notches = Math.max(-1, Math.min(1, (-event.deltaY * lines) / 100));
    if (event.altKey) this.rotateBy(Math.sign(notches));
    // A pinch on a pad comes as many small steps with Ctrl, which must not stick to objectives.
    else if (event.ctrlKey) this.zoomBy(Math.exp(-event.deltaY / 100), about, false);
    else this.zoomBy(NOTCH ** notches, about, Math.abs(notches) > 0.5);
  }

  #drawn(): void {
    const slide = this.#slide;
    if (!slide || !this.#item) return;
    const viewport = this.#viewer.viewport;
    const container = viewport.getContainerSize();
    const centre = viewport.getCenter(true);
    const scale = slide.facts.width;
    const zoom = (container.x * viewport.getZoom(true)) / scale;
    const rotation = viewport.getRotation(true);
    const look: Look = {
      view: {
        x: centre.x * scale,
        y: centre.y * scale,
        width: container.x / zoom,
        rotation: normaliseAngle(rotation),
      },
      zoom,
      window: { width: container.x, height: container.y },
    };
    this.#underlay.draw(slide, look);
    this.#keepFitted(this.#look.peek(), look);
    this.#tell(look);
    this.#placeCursor();
  }

  /** A slide that was seen whole is seen whole also when the window has changed its size. */
  #keepFitted(before: Look | null, now: Look): void {
    if (!before || !this.#slide || isSameSize(before.window, now.window)) return;
    const { view } = before;
    const whole = fittingView(this.#slide.facts, before.window, view.rotation);
    const wasWhole =
      Math.abs(view.width / whole.width - 1) < 0.01 &&
      Math.hypot(view.x - whole.x, view.y - whole.y) < 0.01 * whole.width;
    if (wasWhole) this.go(this.#fitting(now.view.rotation), true);
  }

  /** Tell of a look that differs; tiles that arrive make frames of the same look. */
  #tell(look: Look): void {
    const told = this.#look.peek();
    const isSame =
      told !== null &&
      told.zoom === look.zoom &&
      told.view.x === look.view.x &&
      told.view.y === look.view.y &&
      told.view.rotation === look.view.rotation &&
      isSameSize(told.window, look.window);
    if (!isSame) this.#look.value = look;
  }

  #placeCursor(): void {
    if (!this.#pointer || !this.#slide) return;
    const at = new OpenSeadragon.Point(this.#pointer.x, this.#pointer.y);
    const place = this.#viewer.viewport.pointFromPixel(at, true).times(this.#slide.facts.width);
    this.#cursor.value = { x: place.x, y: place.y };
  }

  /** Come back from beyond the slide's edge. */
  #settle(): void {
    if (this.#slide) this.#viewer.viewport.applyConstraints();
  }

  #panBy(pixels: Point, immediately = false): void {
    if (!this.#slide) return;
    const viewport = this.#viewer.viewport;
    const delta = new OpenSeadragon.Point(pixels.x, pixels.y);
    viewport.panBy(viewport.deltaPointsFromPixels(delta, true), immediately);
    if (!immediately) this.#settle();
  }

  get #slide(): ReadySlide | null {
    return this.#shown.peek();
  }

  #stops(): number[] {
    const mpp = this.#slide?.facts.mpp ?? null;
    if (mpp === null) return [...PLAIN_STOPS];
    return OBJECTIVES.map((power) => zoomAt(power, mpp));
  }

  #targetZoom(): number {
    const viewport = this.#viewer.viewport;
    return (viewport.getContainerSize().x * viewport.getZoom()) / (this.#slide?.facts.width ?? 1);
  }

  #fitting(rotation: number): View {
    // OpenSeadragon learns of a new size one frame later.
    const { clientWidth, clientHeight } = this.#element;
    const facts = this.#slide?.facts ?? { width: 1, height: 1 };
    return fittingView(facts, { width: clientWidth, height: clientHeight }, rotation);
  }

  #toViewport(place: Point): OpenSeadragon.Point {
    const scale = this.#slide?.facts.width ?? 1;
    return new OpenSeadragon.Point(place.x / scale, place.y / scale);
  }
}

function isSameSize(one: Size, other: Size): boolean {
  return one.width === other.width && one.height === other.height;
}
