/**
 * Lays two slides on each other by two points, once by hand and once by keys, and prints as JSON
 * where each point was put and how the slide beside lies then.
 *
 * `node e2e/pairing.mjs '<JSON>'` with base, email, password, studyId, slideId, otherId, chromium
 * and pictures (a folder for screenshots).
 */

import { brokenRules, launch, openPage, settledText, signIn, untilSharp, viewOf } from "./page.mjs";

// Of the scored slide: the middle, and level-0 pixels across the pane.
const VIEW = [3000, 2200, 2000, 0];
// CSS pixels from the middle of the pane.
const ON_MAIN = [
  [-150, -80],
  [120, 60],
];
const BESIDE = [
  [-130, 40],
  [125, -70],
];

const given = JSON.parse(process.argv[2]);
const browser = await launch(given.chromium);
try {
  const { page, faults } = await openPage(browser, given.base);
  await signIn(page, given);
  const seen = { byHand: await byHand(page), byKeys: await byKeys(page), faults };
  process.stdout.write(`${JSON.stringify(seen)}\n`);
} finally {
  await browser.close();
}

async function open(page) {
  const { base, slideId, otherId, studyId } = given;
  const ids = [slideId, otherId].join();
  await page.goto(`${base}/Image/Compare?studyId=${studyId}&imageIds=${ids}&view=${VIEW.join()}`);
  await page.waitForSelector(".pane-head select");
  await untilSharp(page);
}

async function boxes(page) {
  const pictures = page.locator(".pane > .picture");
  return [await pictures.nth(0).boundingBox(), await pictures.nth(1).boundingBox()];
}

function noteOf(page) {
  return settledText(page, ".pane:nth-child(2) .pane-note");
}

/** How the slide beside is seen: scored, its view is the address's. */
async function besideView(page) {
  await page.click('[aria-label^="Score"]');
  await page.waitForFunction((id) => location.search.includes(`imageId=${id}`), given.otherId);
  await untilSharp(page);
  return viewOf(page);
}

async function byHand(page) {
  await open(page);
  const [main, beside] = await boxes(page);
  const click = (box, [x, y]) =>
    page.mouse.click(box.x + box.width / 2 + x, box.y + box.height / 2 + y);
  await page.click('[aria-label^="Lay"]');
  // Given up, nothing has changed.
  await click(main, ON_MAIN[0]);
  await page.keyboard.press("Escape");
  const seen = { givenUp: await page.locator(".pairing-note, .pair-place").count() };
  await page.click('[aria-label^="Lay"]');
  await click(main, ON_MAIN[0]);
  await click(beside, [0, 0]);
  // A second thought about the same place.
  await page.keyboard.press("Backspace");
  await click(beside, BESIDE[0]);
  await click(main, ON_MAIN[1]);
  seen.asked = await page.textContent(".pairing-note");
  seen.marks = await page.locator(".pair-place").count();
  seen.rules = await brokenRules(page, "matching");
  await page.screenshot({ path: `${given.pictures}/matching.png` });
  await click(beside, BESIDE[1]);
  seen.said = await noteOf(page);
  await page.screenshot({ path: `${given.pictures}/matched.png` });
  seen.width = beside.width;
  seen.view = await besideView(page);
  // The same pair, the other way round, and after a reload.
  seen.swapped = await noteOf(page);
  await open(page);
  seen.reloaded = await noteOf(page);
  await page.click(".pane:nth-child(2) .pane-note");
  seen.reset = await page.locator(".pane:nth-child(2) .pane-note").count();
  return { ...seen, onMain: ON_MAIN, beside: BESIDE };
}

/** Points far to the left and right, put with the middle of each pane. */
async function byKeys(page) {
  await open(page);
  const focused = () =>
    page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? "");
  await page.locator(".openseadragon-canvas").first().focus();
  await page.keyboard.press("Shift+Y");
  const seen = { order: [await focused()] };
  const put = async (...keys) => {
    for (const key of keys) await page.keyboard.press(key);
    await page.waitForTimeout(300);
    await page.keyboard.press("Enter");
    seen.order.push(await focused());
  };
  await put();
  await put();
  // Half a screen to the right in each; what the one does, the other does not.
  await put("Shift+D");
  seen.asked = await page.textContent(".pairing-note");
  await put("Shift+D");
  seen.said = await noteOf(page);
  seen.left = await page.locator(".pairing-note").count();
  return seen;
}
