/**
 * Pans over a slide with a large layer of shapes, and prints the times between frames as JSON.
 *
 * `node e2e/frames.mjs '<JSON>'` with base, email, password, studyId, slideId, width and height of
 * the slide, chromium, and zooms (level-0 pixels per pixel of the screen).
 */

import { launch, openPage, signIn, untilSharp } from "./page.mjs";

const PAN_MS = 4000;

const given = JSON.parse(process.argv[2]);
const browser = await launch(given.chromium);
try {
  const { page, faults } = await openPage(browser, given.base);
  await signIn(page, given);
  const seen = [];
  for (const zoom of given.zooms) {
    for (const isShown of [true, false])
      seen.push({ zoom, isShown, ...(await pan(page, zoom, isShown)) });
  }
  process.stdout.write(`${JSON.stringify({ seen, faults })}\n`);
} finally {
  await browser.close();
}

/** Hold a key down for some seconds, once with the layer and once without. */
async function pan(page, zoom, isShown) {
  const { base, slideId, studyId, width, height } = given;
  const view = [width * 0.35, height * 0.35, 1064 * zoom, 0].join();
  await page.goto(`${base}/Image/Details?imageId=${slideId}&studyId=${studyId}&view=${view}`);
  await untilSharp(page);
  await page.click("#tab-shapes");
  await page.waitForSelector(".layer-row");
  const act = page.locator(".layer-row .row-act");
  if (((await act.getAttribute("aria-pressed")) === "false") !== isShown) await act.click();
  await page.click(".pane .openseadragon-canvas");
  await page.waitForTimeout(1500);
  await page.evaluate(() => {
    globalThis.times = [];
    globalThis.longest = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries())
        globalThis.longest = Math.max(globalThis.longest, duration);
    }).observe({ entryTypes: ["longtask"] });
    const frame = (now) => {
      globalThis.times.push(now);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  await page.keyboard.down("d");
  await page.waitForTimeout(PAN_MS / 2);
  await page.keyboard.down("s");
  await page.waitForTimeout(PAN_MS / 2);
  await page.keyboard.up("d");
  await page.keyboard.up("s");
  return page.evaluate(() => ({
    between: globalThis.times.slice(1).map((now, at) => now - globalThis.times[at]),
    longest: globalThis.longest,
  }));
}
