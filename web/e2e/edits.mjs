/**
 * Draws over thousands of the reader's own shapes, and prints the times between frames as JSON.
 *
 * `node e2e/edits.mjs '<JSON>'` with base, email, password, studyId, slideId, width and height of the
 * slide, question (drawn, of the study), count (of shapes), zoom (level-0 pixels per pixel of the
 * screen) and chromium.
 */

import { launch, openPage, signIn, untilSharp } from "./page.mjs";

const CORNERS = 12;
const STEPS = 60;

const given = JSON.parse(process.argv[2]);
const browser = await launch(given.chromium);
try {
  const { page } = await openPage(browser, given.base);
  await signIn(page, given);
  await fill(page);
  await open(page);
  const seen = [
    { act: "pan", ...(await watched(page, () => held(page, "d"))) },
    { act: "draw", ...(await drawn(page, "f")) },
    { act: "brush", ...(await drawn(page, "b")) },
    { act: "take back", ...(await watched(page, () => page.keyboard.press("Control+z"))) },
  ];
  process.stdout.write(`${JSON.stringify({ seen })}\n`);
} finally {
  await browser.close();
}

/** Answer the question with polygons in rows and columns. */
async function fill(page) {
  const { base, studyId, slideId, question, count, width, height } = given;
  const columns = Math.ceil(Math.sqrt((count * width) / height));
  const side = width / columns;
  const polygon = (index) => {
    const [x, y] = [(index % columns) + 0.5, Math.floor(index / columns) + 0.5];
    const points = Array.from({ length: CORNERS }, (_, corner) => {
      const angle = (2 * Math.PI * corner) / CORNERS;
      const at = (middle, by) => Math.round(100 * (middle * side + (by * side) / 4)) / 100;
      return { x: at(x, Math.cos(angle)), y: at(y, Math.sin(angle)) };
    });
    return { type: "polygon", points };
  };
  const answer = JSON.stringify(Array.from({ length: count }, (_, index) => polygon(index)));
  const reply = await page.request.post(`${base}/Api/SaveAnswer`, {
    headers: { Origin: base },
    form: { studyId, imageId: slideId, question, answer },
  });
  if (!reply.ok()) throw new Error(`SaveAnswer answered ${reply.status()}`);
}

async function open(page) {
  const { base, slideId, studyId, width, height, zoom } = given;
  const view = [width * 0.4, height * 0.4, 1064 * zoom, 0].join();
  await page.goto(`${base}/Image/Details?imageId=${slideId}&studyId=${studyId}&view=${view}`);
  await untilSharp(page);
  await page.waitForSelector(".drawn-over:not([hidden])");
  await page.locator(".openseadragon-canvas").first().focus();
  await page.waitForTimeout(1500);
}

async function held(page, key) {
  await page.keyboard.down(key);
  await page.waitForTimeout(1500);
  await page.keyboard.up(key);
}

/** Draw a circle by a tool: the frames while the pen is down, and the longest pause after it. */
async function drawn(page, tool) {
  await page.keyboard.press(tool);
  await page.waitForSelector(".draw-options");
  const box = await page.locator(".pane > .picture").first().boundingBox();
  const spot = (step) => {
    const angle = (2 * Math.PI * step) / STEPS;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    return [x + 110 * Math.cos(angle), y + 110 * Math.sin(angle)];
  };
  await page.mouse.move(...spot(0));
  const down = await watched(page, async () => {
    await page.mouse.down();
    for (let step = 1; step < STEPS; step += 1) {
      await page.mouse.move(...spot(step));
      await page.waitForTimeout(16);
    }
  });
  const after = await watched(page, () => page.mouse.up());
  return { between: down.between, longest: Math.max(...after.between) };
}

/** The times between frames during an act and a little after it, in ms. */
async function watched(page, act) {
  await page.evaluate(() => {
    globalThis.times = [];
    const frame = (now) => {
      if (!globalThis.times) return;
      globalThis.times.push(now);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  await act();
  await page.waitForTimeout(600);
  const times = await page.evaluate(() => {
    const seen = globalThis.times;
    globalThis.times = null;
    return seen;
  });
  const between = times.slice(1).map((now, at) => now - times[at]);
  return { between, longest: Math.max(...between) };
}
