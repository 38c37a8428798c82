/** The viewer: scale, keys, slides, links, and that no frame is ever empty. */

import { openPage, settledText, signIn, textOf, untilSharp, viewAfter, viewOf } from "./page.mjs";

export async function viewer(browser, given) {
  const { page, faults } = await openPage(browser, given.base);
  await signIn(page, given);
  await page.waitForSelector("tr.study .thumb img");
  const seen = {
    opening: await opening(page, given),
    keys: await keys(page),
    exact: await exactField(page),
    slides: await slides(page),
    link: await copiedLink(page),
    sheet: await sheetAndOnly(page),
    navigator: await navigator(page),
    pixels: await pixels(page, given),
  };
  seen.layoutShift = await page.evaluate(() => window.layoutShift);
  seen.faults = faults;
  await page.context().close();
  return seen;
}

async function opening(page, { base, studyId, slideId }) {
  await page.addInitScript(() => {
    window.layoutShift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) window.layoutShift += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  await page.goto(`${base}/Image/Details?imageId=${slideId}&studyId=${studyId}`);
  await untilSharp(page);
  await settledText(page, ".exact");
  const stage = await page.locator(".stage").boundingBox();
  // In a study the panel opens with the questions.
  await page.keyboard.press("i");
  await page.waitForSelector(".facts dl");
  return {
    title: await page.title(),
    count: await textOf(page, ".steps .count"),
    objectives: await page.$$eval(".objectives button", (all) => all.map((one) => one.textContent)),
    scale: await scale(page),
    facts: await textOf(page, ".facts dl"),
    tissueShare: (stage.width * stage.height) / (1440 * 900),
    region: await page.getAttribute(".openseadragon-canvas", "aria-label"),
  };
}

async function keys(page) {
  const press = async (...presses) => {
    for (const key of presses) await page.keyboard.press(key);
    return settledText(page, ".exact");
  };
  const fit = await textOf(page, ".exact");
  const twenty = await press("z", "5");
  await untilSharp(page);
  const seen = { fit, twenty, scaleAtTwenty: await scale(page) };
  seen.pressed = await textOf(page, '.objectives button[aria-pressed="true"]');
  seen.plus = await press("+");
  seen.minus = await press("-", "-");
  seen.native = await press("End");
  const before = await viewOf(page);
  const after = await viewAfter(page, async () => {
    await page.keyboard.down("d");
    await page.waitForTimeout(300);
    await page.keyboard.up("d");
  });
  seen.pannedRight = after[0] - before[0];
  seen.pannedDown = after[1] - before[1];
  await page.keyboard.press("u");
  seen.turned = await settledText(page, ".angle");
  await page.keyboard.press("Shift+Home");
  seen.turnedBack = await settledText(page, ".angle");
  seen.home = await press("Home");
  return seen;
}

async function exactField(page) {
  await page.fill(".exact", "12,5");
  await page.keyboard.press("Enter");
  const typed = await settledText(page, ".exact");
  await page.fill(".exact", "plenty");
  await page.keyboard.press("Enter");
  const isWrong = await page.getAttribute(".exact", "aria-invalid");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Home");
  return { typed, isWrong };
}

/** Go to the neighbours and back, watching each frame for a hole under the tiles. */
async function slides(page) {
  await page.evaluate(() => {
    window.isSameDocument = true;
    window.emptyFrames = 0;
    window.seenFrames = 0;
    const canvas = document.querySelector(".underlay");
    const look = () => {
      const [x, y] = [canvas.width >> 1, canvas.height >> 1];
      const [, , , alpha] = canvas.getContext("2d").getImageData(x, y, 1, 1).data;
      window.seenFrames += 1;
      if (alpha !== 255) window.emptyFrames += 1;
      if (!window.isWatched) requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  const address = () => new URL(page.url()).searchParams.get("imageId");
  const first = { id: address(), name: await textOf(page, ".where .name") };
  await page.keyboard.press(".");
  await page.waitForFunction((id) => !location.search.includes(`imageId=${id}`), first.id);
  await untilSharp(page);
  const second = { id: address(), name: await textOf(page, ".where .name") };
  await page.keyboard.press(",");
  await untilSharp(page);
  const back = { id: address(), name: await textOf(page, ".where .name") };
  await page.goBack();
  await page.waitForFunction((id) => location.search.includes(`imageId=${id}`), second.id);
  await untilSharp(page);
  const byHistory = await textOf(page, ".where .name");
  await page.click(`.strip a[href*="imageId=${first.id}&"]`);
  await untilSharp(page);
  return {
    first,
    second,
    back,
    byHistory,
    byStrip: await textOf(page, ".where .name"),
    isSameDocument: await page.evaluate(() => window.isSameDocument === true),
    emptyFrames: await page.evaluate(() => window.emptyFrames),
    seenFrames: await page.evaluate(() => {
      window.isWatched = true;
      return window.seenFrames;
    }),
  };
}

async function copiedLink(page) {
  await page.keyboard.press("z");
  await page.keyboard.press("4");
  await settledText(page, ".exact");
  await viewAfter(page, () => page.keyboard.press("Shift+A"));
  const here = await viewAfter(page, () => page.keyboard.press("u"));
  await page.keyboard.press("Shift+L");
  await page.waitForSelector(".toast");
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const other = await page.context().newPage();
  await other.goto(link);
  await untilSharp(other);
  const there = await viewOf(other);
  await other.close();
  await page.keyboard.press("Shift+Home");
  return { here, there };
}

async function sheetAndOnly(page) {
  await page.keyboard.press("?");
  await page.waitForSelector("dialog.key-sheet[open]");
  const lines = await page.$$eval(".key-sheet dd", (all) => all.length);
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog.key-sheet", { state: "detached" });
  await page.keyboard.press("q");
  const only = await page.locator(".stage").boundingBox();
  await page.keyboard.press("Escape");
  await page.waitForSelector(".panel", { state: "visible" });
  await page.keyboard.press("t");
  await page.waitForSelector(".strip", { state: "detached" });
  await page.keyboard.press("t");
  await page.waitForSelector(".strip");
  return { lines, only: [only.width, only.height] };
}

async function navigator(page) {
  await page.keyboard.press("z");
  await page.keyboard.press("5");
  await settledText(page, ".exact");
  const box = await page.locator(".navigator svg").boundingBox();
  await page.mouse.click(box.x + box.width / 2 + 12, box.y + box.height / 2 - 8);
  return { box, view: await viewOf(page) };
}

/** Show a slide whose colours are known, pixel for pixel, and keep a picture to compare. */
async function pixels(page, { base, studyId, gradientId, pictures }) {
  const stage = await page.locator(".stage").boundingBox();
  const view = [1400, 900, stage.width, 0];
  const address = `${base}/Image/Details?imageId=${gradientId}&studyId=${studyId}`;
  await page.goto(`${address}&view=${view.join(",")}`);
  await untilSharp(page);
  await page.waitForTimeout(300);
  const file = `${pictures}/pixels.png`;
  await page.locator(".stage").screenshot({ path: file });
  return { file, view, width: stage.width, height: stage.height };
}

async function scale(page) {
  const bar = await page.locator(".scale i").boundingBox();
  return { width: bar.width, text: await textOf(page, ".scale-text") };
}
