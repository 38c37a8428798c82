/**
 * Draws every shape on a slide as a person would, and prints what it saw as JSON.
 *
 * `node e2e/drawing.mjs '<JSON>'` with base, email, password, slideId, studyId, chromium and
 * pictures (a folder for screenshots). Places are level-0 pixels.
 */

import { brokenRules, launch, openPage, signIn, textOf, untilSharp } from "./page.mjs";

const CENTRE = [3000, 2200];

const given = JSON.parse(process.argv[2]);
const browser = await launch(given.chromium);
try {
  const { page, faults } = await openPage(browser, given.base);
  await signIn(page, given);
  const seen = await draw(page);
  seen.faults = faults;
  process.stdout.write(`${JSON.stringify(seen)}\n`);
} finally {
  await browser.close();
}

async function draw(page) {
  await openSlide(page);
  const seen = { tools: await page.$$eval(".tool.draw", (all) => all.length) };
  await shapes(page);
  await saved(page);
  seen.area = await readAnswer(page, "Tumour area");
  await points(page);
  await saved(page);
  seen.points = await readAnswer(page, "Mitotic figures");
  seen.count = await textOf(page, ".draw-count");
  seen.pointUndo = await pointUndo(page);
  seen.esc = await escapeAndBack(page);
  await page.keyboard.press("v");
  await page.click("#tab-shapes");
  seen.rows = await page.$$eval(".shape-row", (all) => all.map((row) => row.textContent));
  seen.rules = await brokenRules(page, "shapes");
  await page.screenshot({ path: `${given.pictures}/drawing.png` });
  seen.moved = await moveAndDelete(page);
  await openSlide(page);
  await page.click("#tab-shapes");
  await page.waitForSelector(".shape-row");
  seen.reloaded = await page.$$eval(".shape-row", (all) => all.map((row) => row.textContent));
  seen.painted = await painted(page, [2840, 2100]);
  seen.exported = await exported(page);
  seen.brushRules = await brushPicture(page);
  seen.byKeys = await byKeys(page);
  return seen;
}

async function openSlide(page) {
  const { base, slideId, studyId } = given;
  // One level-0 pixel is one of the screen.
  const view = [...CENTRE, 1440 - 44 - 332, 0].join(",");
  await page.goto(`${base}/Image/Details?imageId=${slideId}&studyId=${studyId}&view=${view}`);
  await untilSharp(page);
}

/** Where a place of the slide is on the screen. */
async function spot(page, [x, y]) {
  const box = await page.locator(".picture").boundingBox();
  return [box.x + box.width / 2 + x - CENTRE[0], box.y + box.height / 2 + y - CENTRE[1]];
}

async function click(page, ...places) {
  for (const place of places) await page.mouse.click(...(await spot(page, place)));
}

async function drag(page, from, ...places) {
  await page.mouse.move(...(await spot(page, from)));
  await page.mouse.down();
  for (const place of places) await page.mouse.move(...(await spot(page, place)), { steps: 4 });
  await page.mouse.up();
}

async function shapes(page) {
  const press = (key) => page.keyboard.press(key);
  await press("p");
  await page.waitForSelector(".draw-options");
  await click(page, [2600, 2000], [2700, 2000], [2700, 2080], [2650, 2500]);
  await press("Backspace");
  await press("Enter");
  await press("l");
  await click(page, [2600, 2300], [2700, 2300], [2700, 2400]);
  await press("Enter");
  await press("f");
  await drag(page, [2840, 2100], [2940, 2100], [2940, 2160], [2840, 2160]);
  await press("r");
  await drag(page, [2600, 2150], [2700, 2250]);
  await press("o");
  await drag(page, [2800, 2200], [2900, 2260]);
  await press("b");
  const ring = Array.from({ length: 25 }, (_, step) => {
    const angle = (step * 2 * Math.PI) / 24;
    return [3200 + 120 * Math.cos(angle), 2150 + 120 * Math.sin(angle)];
  });
  await drag(page, ring[0], ...ring.slice(1));
  await press("e");
  await drag(page, [3345, 2150], [3350, 2150]);
}

async function points(page) {
  await page.keyboard.press("k");
  await click(page, [2800, 2400], [2850, 2400], [2900, 2400]);
}

/** One click is one act: Ctrl+Z takes the last point back, and Ctrl+Shift+Z brings it again. */
async function pointUndo(page) {
  const name = await textOf(page, ".draw-options .button.quiet");
  await page.keyboard.press("Control+z");
  const undone = await textOf(page, ".draw-count");
  await page.keyboard.press("Control+Shift+z");
  return { name, undone, redone: await textOf(page, ".draw-count") };
}

/** Esc gives a polygon up, and one Ctrl+Z brings it back. */
async function escapeAndBack(page) {
  await page.keyboard.press("p");
  await click(page, [3350, 2400], [3400, 2400], [3400, 2450]);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Enter");
  await saved(page);
  const count = JSON.parse(await readAnswer(page, "Tumour area")).length;
  await page.keyboard.press("Control+z");
  await saved(page);
  return { count, after: JSON.parse(await readAnswer(page, "Tumour area")).length };
}

async function moveAndDelete(page) {
  await drag(page, [2650, 2200], [2680, 2220]);
  await saved(page);
  const moved = await readAnswer(page, "Tumour area");
  await click(page, [2850, 2230]);
  await page.keyboard.press("Delete");
  await saved(page);
  return { moved, deleted: await readAnswer(page, "Tumour area") };
}

/** The colour on the glass at a place, and whether there is any. */
async function painted(page, [x, y]) {
  return page.evaluate(
    ([dx, dy]) => {
      const canvas = document.querySelector(".drawn-over");
      const at = [canvas.width / 2 + dx, canvas.height / 2 + dy].map(Math.round);
      return [...canvas.getContext("2d").getImageData(at[0] - 3, at[1] - 3, 6, 6).data].some(
        Boolean,
      );
    },
    [x - CENTRE[0], y - CENTRE[1]],
  );
}

async function exported(page) {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.click(".exchange button"),
  ]);
  const { readFileSync } = await import("node:fs");
  return JSON.parse(readFileSync(await download.path(), "utf8")).features.length;
}

async function brushPicture(page) {
  await page.keyboard.press("b");
  await page.mouse.move(...(await spot(page, [3200, 2150])));
  await page.screenshot({ path: `${given.pictures}/brush.png` });
  return brokenRules(page, "brush");
}

/** Draw and edit without a mouse: arrows move a cross, Space touches the slide. */
async function byKeys(page) {
  await openSlide(page);
  const press = async (...keys) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const go = (key, steps) => press(...Array(steps).fill(key));
  // The first arrow puts the cross into the middle.
  const take = (tool) => press(tool, "ArrowUp");
  await take("p");
  await press("Space");
  await go("ArrowRight", 10);
  await press("Space");
  await go("ArrowDown", 8);
  await press("Space", "Enter");
  await take("r");
  await press("Space");
  await go("ArrowRight", 5);
  await go("ArrowDown", 4);
  await press("Space");
  await take("b");
  await go("ArrowDown", 20);
  await press("Space");
  await go("ArrowLeft", 10);
  await page.screenshot({ path: `${given.pictures}/keys.png` });
  await press("Space");
  await take("k");
  await go("ArrowUp", 20);
  await go("Shift+ArrowUp", 3);
  await press("Space");
  await saved(page);
  const drawn = JSON.parse(await readAnswer(page, "Tumour area")).slice(-3);
  const point = JSON.parse(await readAnswer(page, "Mitotic figures")).at(-1);
  await take("m");
  await press("Space");
  await go("ArrowLeft", 20);
  await press("Space");
  const measured = await painted(page, [CENTRE[0] - 100, CENTRE[1]]);
  await take("v");
  await press("Space", "Tab", "Shift+ArrowLeft", "Shift+ArrowLeft", "Shift+ArrowLeft");
  await saved(page);
  const edited = JSON.parse(await readAnswer(page, "Tumour area")).at(-2);
  return { drawn, point, measured, edited };
}

/** Wait until the server has every answer. */
async function saved(page) {
  // Two frames: the page tells of an answer in the one after it was given.
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
  );
  await page.waitForSelector('.save-state[data-state="saved"]', { timeout: 15_000 });
}

/** The answer that the server has, once it has stayed the same for a while. */
async function readAnswer(page, question) {
  let [before, since] = [null, Date.now()];
  while (Date.now() - since < 600) {
    const now = await askAnswer(page, question);
    if (now !== before) [before, since] = [now, Date.now()];
    await page.waitForTimeout(100);
  }
  return before;
}

async function askAnswer(page, question) {
  return page.evaluate(
    async ([studyId, imageId, name]) => {
      const headers = { Accept: "application/json" };
      const reply = await fetch(`/Api/Scores?studyId=${studyId}&imageId=${imageId}`, { headers });
      const scores = await reply.json();
      return scores.find((score) => score.question === name)?.answer ?? "";
    },
    [given.studyId, given.slideId, question],
  );
}
