/**
 * Shows a slide in OpenSeadragon by Deep Zoom and by IIIF, and writes what its canvas holds.
 *
 * `node e2e/iiif.mjs '<JSON>'` with base, iiif (the slide's address), dzi (its descriptor), cookie,
 * chromium, views (x, y, width, height of a part in level-0 pixels, and scale) and folder. Writes
 * `<folder>/<kind>-<number>.png` for each view, and as JSON the tile in the middle of it. The IIIF
 * viewer is a page of another site.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { launch } from "./page.mjs";

const given = JSON.parse(process.argv[2]);
const script = createRequire(import.meta.url).resolve("openseadragon");
const OPENSEADRAGON = readFileSync(script, "utf8");
// Another site by its name. A page that is not on this machine may not ask this machine anything.
const ELSEWHERE = given.base.replace("127.0.0.1", "localhost");

/** Show a part in a viewer of its own; runs in the page. */
async function show({ address, view }) {
  const place = document.createElement("div");
  place.style = `width:${view.width / view.scale}px;height:${view.height / view.scale}px`;
  document.body.replaceChildren(place);
  const viewer = window.OpenSeadragon({
    element: place,
    tileSources: address,
    drawer: "canvas",
    crossOriginPolicy: "Anonymous",
    showNavigationControl: false,
    immediateRender: true,
    blendTime: 0,
    animationTime: 0,
    minPixelRatio: 0.9,
    maxZoomPixelRatio: 4,
    visibilityRatio: 0,
  });
  await new Promise((resolve, reject) => {
    viewer.addOnceHandler("open", resolve);
    viewer.addOnceHandler("open-failed", (event) => reject(new Error(event.message)));
  });
  const item = viewer.world.getItemAt(0);
  const part = new window.OpenSeadragon.Rect(view.x, view.y, view.width, view.height);
  viewer.viewport.fitBounds(item.imageToViewportRectangle(part), true);
  for (let calm = 0; calm < 5; ) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    calm = item.getFullyLoaded() ? calm + 1 : 0;
  }
  viewer.forceRedraw();
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const picture = viewer.drawer.canvas.toDataURL("image/png");
  // OpenSeadragon stretches tiles by a pixel where they meet, so exact pixels are a tile's own.
  const { source } = item;
  const centre = new window.OpenSeadragon.Point(view.x + view.width / 2, view.y + view.height / 2);
  const seen = item.imageToViewportCoordinates(centre);
  const tile = source.getTileAtPoint(source.maxLevel, seen);
  const image = new Image();
  image.crossOrigin = "anonymous";
  image.src = source.getTileUrl(source.maxLevel, tile.x, tile.y);
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  viewer.destroy();
  return { picture, tile: { column: tile.x, row: tile.y, width: image.width, rgba: [...data] } };
}

const browser = await launch(given.chromium);
try {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 } });
  await context.addCookies([{ name: "t", value: given.cookie, url: given.base }]);
  const empty = { contentType: "text/html", body: "<!doctype html><body></body>" };
  await context.route(`${given.base}/empty`, (route) => route.fulfill(empty));
  for (const [kind, site, address] of [
    ["dzi", `${given.base}/empty`, given.dzi],
    ["iiif", `${ELSEWHERE}/healthz`, given.iiif],
  ]) {
    const page = await context.newPage();
    await page.goto(site);
    await page.addScriptTag({ content: OPENSEADRAGON });
    for (const [number, view] of given.views.entries()) {
      const { picture, tile } = await page.evaluate(show, { address, view });
      const data = Buffer.from(picture.split(",")[1], "base64");
      writeFileSync(`${given.folder}/${kind}-${number}.png`, data);
      writeFileSync(`${given.folder}/${kind}-${number}.json`, JSON.stringify(tile));
    }
    await page.close();
  }
} finally {
  await browser.close();
}
