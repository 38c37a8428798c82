/**
 * Plays one trace of pans and zooms in this viewer and in OpenSeadragon with its default options,
 * and prints how long each view took to be sharp, and what was asked of the server, as JSON.
 *
 * `node e2e/sharpness.mjs '<JSON>'` with base, email, password, studyId, slideId, width and height
 * of the slide, mpp, latencyMs, mbit, chromium, and rounds.
 */

import { createRequire } from "node:module";
import { launch, openPage, signIn, untilSharp } from "./page.mjs";

const OSD = createRequire(import.meta.url).resolve(
  "openseadragon/build/openseadragon/openseadragon.min.js",
);
// The magnification at which the trace begins.
const START_POWER = 10;
const DRAG_MS = 450;
const STILL_MS = 90;
const LOOK_MS = 700;
const AIM_MS = 300;

/** What a reader does: a pan by a share of the window, or a step of two in or out at a spot. */
const TRACE = [
  { pan: [-0.8, 0] },
  { pan: [-0.8, 0] },
  { zoom: 1, at: [0.62, 0.4] },
  { pan: [0, -0.8] },
  { pan: [-0.8, -0.3] },
  { zoom: 1, at: [0.4, 0.6] },
  { pan: [-0.8, 0] },
  { pan: [0, -0.8] },
  { pan: [0.8, 0] },
  { zoom: -1, at: [0.5, 0.5] },
  { pan: [-0.8, 0] },
  { zoom: -1, at: [0.5, 0.5] },
  { pan: [0, -0.8] },
  { pan: [0.8, 0.4] },
];

const given = JSON.parse(process.argv[2]);
const browser = await launch(given.chromium);
try {
  const seen = { ours: [], plain: [] };
  for (let round = 0; round < given.rounds; round += 1) {
    // In turns, so that whatever else the machine does falls on both.
    seen.ours.push(await play(openOurs));
    seen.plain.push(await play(openPlain));
  }
  process.stdout.write(`${JSON.stringify(seen)}\n`);
} finally {
  await browser.close();
}

/** Open a viewer in a browser without cache, play the trace, and tell what was seen. */
async function play(open) {
  const { page } = await openPage(browser, given.base, { deviceScaleFactor: 1 });
  await signIn(page, given);
  const viewer = await open(page);
  const tiles = countTiles(page);
  await slowDown(page);
  const acts = [];
  for (const act of TRACE) {
    acts.push(await perform(page, viewer, act));
    await page.waitForTimeout(LOOK_MS);
  }
  await page.context().close();
  return { acts, tiles: tiles.count, bytes: tiles.bytes };
}

function startView() {
  const zoom = (START_POWER * given.mpp) / 10;
  return { x: given.width * 0.3, y: given.height * 0.3, zoom };
}

async function openOurs(page) {
  const { base, slideId, studyId } = given;
  const address = `${base}/Image/Details?imageId=${slideId}&studyId=${studyId}`;
  await page.goto(address);
  const box = await page.locator(".picture").boundingBox();
  const { x, y, zoom } = startView();
  await page.goto(`${address}&view=${[x, y, box.width / zoom, 0].join()}`);
  await untilSharp(page);
  await page.evaluate(() => {
    globalThis.stateNow = () => ({
      isSharp: document.querySelector(".sharpness").dataset.state === "sharp",
      view: document.querySelector(".navigator .inside").getAttribute("points"),
    });
  });
  given.window = { width: box.width, height: box.height };
  // Steps of two on the way of the trace: from objective to objective.
  return { box, zoom: async (x, y, out) => twice(page, x, y, out) };
}

async function twice(page, x, y, isOut) {
  if (isOut) await page.keyboard.down("Alt");
  await page.mouse.dblclick(x, y);
  if (isOut) await page.keyboard.up("Alt");
}

async function openPlain(page) {
  const { base, slideId } = given;
  const { width, height } = given.window;
  await page.route(`${base}/plain/*`, (route) =>
    route.fulfill(
      route.request().url().endsWith(".js")
        ? { path: OSD, contentType: "text/javascript" }
        : {
            contentType: "text/html",
            body: `<style>body{margin:0}</style><div id="v" style="width:${width}px;height:${height}px"></div><script src="osd.js"></script>`,
          },
    ),
  );
  await page.goto(`${base}/plain/index.html`);
  const { x, y, zoom } = startView();
  await page.evaluate(
    async ([id, view, slideWidth]) => {
      const grant = await (await fetch(`/Api/GetTileServer?imageId=${id}`)).json();
      const viewer = globalThis.OpenSeadragon({
        id: "v",
        tileSources: `/i/${id}/${grant.urlPart}/i.dzi`,
        // Its pictures of buttons are not part of what is measured.
        showNavigationControl: false,
        // Where WebGL is computed by the processor, as here, a frame of it takes 250 ms.
        drawer: "canvas",
      });
      await new Promise((done) => viewer.addOnceHandler("open", done));
      const { viewport } = viewer;
      viewport.zoomTo((view.zoom * slideWidth) / viewport.getContainerSize().x, undefined, true);
      viewport.panTo(
        new globalThis.OpenSeadragon.Point(view.x / slideWidth, view.y / slideWidth),
        true,
      );
      globalThis.stateNow = () => ({
        isSharp: viewer.world.getItemAt(0)?.getFullyLoaded() ?? false,
        view: viewport.getBounds(true).toString(),
      });
    },
    [slideId, { x, y, zoom }, given.width],
  );
  await page.waitForFunction(() => globalThis.stateNow().isSharp, null, { timeout: 30_000 });
  const box = await page.locator("#v").boundingBox();
  return {
    box,
    zoom: async (atX, atY, isOut) => {
      if (isOut) await page.keyboard.down("Shift");
      await page.mouse.click(atX, atY);
      if (isOut) await page.keyboard.up("Shift");
    },
  };
}

function countTiles(page) {
  const found = { count: 0, bytes: 0 };
  page.on("requestfinished", async (request) => {
    if (!request.url().includes("_files/")) return;
    found.count += 1;
    const sizes = await request.sizes().catch(() => null);
    found.bytes += sizes?.responseBodySize ?? 0;
  });
  return found;
}

/** A hospital's network: so many ms for each request, so many Mbit/s for all. */
async function slowDown(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: given.latencyMs,
    downloadThroughput: (given.mbit * 1e6) / 8,
    uploadThroughput: -1,
  });
}

/** Do one act, and tell how long after it the view was at rest and sharp. */
async function perform(page, { box, zoom }, act) {
  await page.evaluate(() => {
    globalThis.samples = [];
    const look = () => {
      globalThis.samples.push({ at: performance.now(), ...globalThis.stateNow() });
      globalThis.sampling = requestAnimationFrame(look);
    };
    look();
  });
  const spot = act.at && [box.x + act.at[0] * box.width, box.y + act.at[1] * box.height];
  if (spot) await aim(page, spot);
  if (act.pan) await drag(page, box, act.pan);
  else await zoom(...spot, act.zoom < 0);
  const end = await page.evaluate(() => performance.now());
  await page.waitForFunction(
    () => {
      const last = globalThis.samples.at(-1);
      const recent = globalThis.samples.filter(({ at }) => last.at - at < 400);
      const isLong = last.at - globalThis.samples[0].at > 500;
      return isLong && recent.every(({ isSharp, view }) => isSharp && view === last.view);
    },
    null,
    { timeout: 30_000, polling: 50 },
  );
  const samples = await page.evaluate(() => {
    cancelAnimationFrame(globalThis.sampling);
    return globalThis.samples;
  });
  return { kind: act.pan ? "pan" : "zoom", ...judged(samples, end) };
}

/** The moment after which the view neither moved nor was unsharp, and how sharp the way was. */
function judged(samples, end) {
  const last = samples.at(-1);
  const unrest = (is) => samples.findLast(is)?.at ?? samples[0].at;
  const moved = unrest(({ view }) => view !== last.view);
  const unsharp = unrest(({ isSharp }) => !isSharp);
  const moving = samples.filter(({ at }) => at <= moved);
  return {
    sharpMs: Math.max(0, Math.max(moved, unsharp) - end),
    waitedMs: Math.max(0, unsharp - Math.max(moved, end)),
    sharpFrames: moving.filter(({ isSharp }) => isSharp).length,
    frames: moving.length,
  };
}

/** A hand moves to where it will click, and takes a moment. */
async function aim(page, [x, y]) {
  await page.mouse.move(x, y, { steps: 6 });
  await page.waitForTimeout(AIM_MS);
}

async function drag(page, box, [across, down]) {
  const middle = [box.x + box.width / 2, box.y + box.height / 2];
  const by = [across * box.width, down * box.height];
  const at = (share) => [0, 1].map((axis) => middle[axis] + by[axis] * (share - 0.5));
  await page.mouse.move(...at(0));
  await page.mouse.down();
  const began = Date.now();
  for (let share = 0; share < 1; ) {
    share = Math.min(1, (Date.now() - began) / DRAG_MS);
    await page.mouse.move(...at(share));
    await page.waitForTimeout(8);
  }
  // A hand that stops before it lets go throws nothing: both viewers end at the same place.
  await page.waitForTimeout(STILL_MS);
  await page.mouse.up();
}
