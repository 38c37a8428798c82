/** The canvas of layers: moves with the slide at once, and is painted anew by a worker. */

import { effect } from "@preact/signals";
import { Camera, carried } from "../drawing/camera";
import type { Point } from "../viewer/geometry";
import type { Look, SlideView } from "../viewer/slideview";
import { Feed, levelFor } from "./feed";
import type { Layers, ShownLayer } from "./layers";
import type { Answered, Told } from "./talk";

// How far beyond the window is painted and asked for, as shares of the window.
const PAINTED_BEYOND = 0.25;
const ASKED_BEYOND = 0.6;
const REST_MS = 90;
// A picture that is stretched more than this is painted anew before the view rests.
const MOST_STRETCH = 1.4;

export class Paper {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: ImageBitmapRenderingContext | null;
  readonly #view: SlideView;
  readonly #layers: Layers;
  readonly #worker = new Worker(new URL("./painter.worker.ts", import.meta.url), {
    type: "module",
  });
  readonly #feeds = new Map<number, Feed>();
  readonly #finds = new Map<number, (found: { id: number; index: number } | null) => void>();
  /** The look that is on the canvas, and the one that is being painted. */
  #painted: Look | null = null;
  #underWay: Look | null = null;
  #isWanted = false;
  #rest = 0;
  #asks = 0;

  constructor(canvas: HTMLCanvasElement, view: SlideView, layers: Layers) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("bitmaprenderer");
    this.#view = view;
    this.#layers = layers;
    this.#worker.onmessage = ({ data }: MessageEvent<Answered>) => this.#answered(data);
  }

  /** Begin; returns what ends it. */
  start(): () => void {
    const stopStyles = effect(() => {
      const ids = this.#layers.painted.value.map(({ entry }) => entry.id);
      this.#keepFeeds(new Set(ids));
      this.#feed();
      this.#paint();
    });
    const stopLooks = effect(() => {
      this.#moved(this.#view.look.value);
    });
    return () => {
      stopStyles();
      stopLooks();
      window.clearTimeout(this.#rest);
      this.#worker.terminate();
      for (const feed of this.#feeds.values()) feed.end();
    };
  }

  /** Find the shape at a place of the slide. `reach`: level-0 pixels. */
  find(at: Point, reach: number): Promise<{ id: number; index: number } | null> {
    const ids = this.#layers.painted.peek().map(({ entry }) => entry.id);
    if (ids.length === 0) return Promise.resolve(null);
    this.#asks += 1;
    const ask = this.#asks;
    this.#tell({ is: "find", ask, ids: ids.reverse(), at, reach });
    return new Promise((resolve) => this.#finds.set(ask, resolve));
  }

  #moved(look: Look | null): void {
    if (this.#layers.painted.peek().length === 0) return;
    this.#place();
    this.#feed();
    window.clearTimeout(this.#rest);
    if (look && this.#isFarFrom(look)) this.#paint();
    else this.#rest = window.setTimeout(() => this.#paint(), REST_MS);
  }

  /** Whether the picture is stretched much, or does not reach to the window's edge. */
  #isFarFrom({ view, zoom, window: size }: Look): boolean {
    const old = this.#underWay ?? this.#painted;
    if (!old) return true;
    const stretch = zoom / old.zoom;
    const away = Math.max(
      (Math.abs(view.x - old.view.x) * zoom) / size.width,
      (Math.abs(view.y - old.view.y) * zoom) / size.height,
    );
    return stretch > MOST_STRETCH || stretch < 1 / MOST_STRETCH || away > PAINTED_BEYOND * 0.6;
  }

  #keepFeeds(wanted: ReadonlySet<number>): void {
    for (const [id, feed] of this.#feeds) {
      if (wanted.has(id)) continue;
      feed.end();
      this.#feeds.delete(id);
      this.#tell({ is: "forget", id });
    }
    for (const id of wanted) if (!this.#feeds.has(id)) this.#feeds.set(id, this.#makeFeed(id));
  }

  #makeFeed(id: number): Feed {
    return new Feed(
      ({ box, level }) => this.#layers.fetch(id, box, level),
      (bytes) => {
        this.#tell({ is: "reply", id, bytes }, [bytes]);
        this.#paint();
      },
    );
  }

  /** Ask for what comes into view. */
  #feed(): void {
    const look = this.#view.look.peek();
    if (!look || this.#feeds.size === 0) return;
    const camera = new Camera(look);
    const wide = Math.max(look.window.width, look.window.height);
    const level = levelFor(look.zoom, window.devicePixelRatio, this.#layers.maxLevel);
    const seen = { box: camera.seen(wide * PAINTED_BEYOND * 0.5), level };
    const asked = { box: camera.seen(wide * ASKED_BEYOND), level };
    for (const feed of this.#feeds.values()) feed.want(seen, asked);
  }

  #paint(): void {
    const look = this.#view.look.peek();
    const layers = this.#layers.painted.peek();
    if (!look || layers.length === 0) {
      this.#clear();
      return;
    }
    // One picture at a time: the page is never behind by more than that.
    this.#isWanted = this.#underWay !== null;
    if (this.#isWanted) return;
    this.#underWay = look;
    this.#tell({
      is: "paint",
      ...paperOf(look),
      ratio: window.devicePixelRatio,
      layers: layers.map(wantedOf),
    });
  }

  #answered(data: Answered): void {
    if (data.is === "found") {
      this.#finds.get(data.ask)?.(data.found);
      this.#finds.delete(data.ask);
      return;
    }
    const { picture } = data;
    const look = this.#underWay;
    this.#underWay = null;
    if (!look || this.#layers.painted.peek().length === 0) picture.close();
    else {
      this.#context?.transferFromImageBitmap(picture);
      this.#painted = look;
      this.#place();
    }
    if (this.#isWanted) this.#paint();
  }

  /** Let the picture lie where the slide is by now. */
  #place(): void {
    const [look, painted] = [this.#view.look.peek(), this.#painted];
    if (!look || !painted) return;
    const { width, height } = paperOf(painted);
    const corner = cornerOf(painted);
    const { style } = this.#canvas;
    style.width = `${width}px`;
    style.height = `${height}px`;
    style.transform = carried(new Camera(painted), new Camera(look), corner);
  }

  #clear(): void {
    if (!this.#painted) return;
    this.#painted = null;
    // A picture of one pixel takes the place of the one before, and its memory.
    this.#canvas.width = 1;
    this.#canvas.height = 1;
    this.#context?.transferFromImageBitmap(null);
  }

  #tell(message: Told, moved: Transferable[] = []): void {
    this.#worker.postMessage(message, moved);
  }
}

/** Where the paper's corner is on the screen for the look that it was painted for. */
function cornerOf({ window: { width, height } }: Look): Point {
  return { x: -Math.round(width * PAINTED_BEYOND), y: -Math.round(height * PAINTED_BEYOND) };
}

/** The size of the paper, and how it lies over the slide. */
function paperOf(look: Look) {
  const corner = cornerOf(look);
  const camera = new Camera(look);
  const [o, x] = [camera.toScreen({ x: 0, y: 0 }), camera.toScreen({ x: 1, y: 0 })];
  return {
    affine: { a: x.x - o.x, b: x.y - o.y, e: o.x - corner.x, f: o.y - corner.y },
    width: look.window.width - 2 * corner.x,
    height: look.window.height - 2 * corner.y,
  };
}

function wantedOf({ entry, style: { colour, opacity, fill } }: ShownLayer) {
  return { id: entry.id, colour, opacity, fill };
}
