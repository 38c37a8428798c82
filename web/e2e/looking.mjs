/**
 * Looks at a slide in the ways that the viewer offers beside scoring, and prints what it saw as JSON.
 *
 * `node e2e/looking.mjs '<JSON>'` with base, email, password, studyId, slideId, otherId, microarrayId,
 * chromium, pictures (a folder for screenshots), and shape: the middle of a polygon of a layer, in level-0 pixels.
 */

import {
  brokenRules,
  launch,
  openPage,
  signIn,
  textOf,
  untilSharp,
  viewAfter,
  viewOf,
} from "./page.mjs";

const CENTRE = [3000, 2200];

const given = JSON.parse(process.argv[2]);
const browser = await launch(given.chromium);
try {
  const { page, faults } = await openPage(browser, given.base, { acceptDownloads: true });
  await signIn(page, given);
  const seen = {
    layers: await layers(page),
    picture: await picture(page),
    label: await label(page),
    adjusted: await adjusted(page),
    beside: await beside(page),
    atOnce: await atOnce(page),
  };
  seen.faults = faults;
  seen.touch = await touch();
  process.stdout.write(`${JSON.stringify(seen)}\n`);
} finally {
  await browser.close();
}

/** Open the slide; one level-0 pixel is one of the screen. */
async function openSlide(page, width = 1440 - 44 - 332) {
  const { base, slideId, studyId } = given;
  const view = [...CENTRE, width, 0].join();
  await page.goto(`${base}/Image/Details?imageId=${slideId}&studyId=${studyId}&view=${view}`);
  await untilSharp(page);
}

async function spot(page, [x, y]) {
  const box = await page.locator(".pane > .picture").first().boundingBox();
  return [box.x + box.width / 2 + x - CENTRE[0], box.y + box.height / 2 + y - CENTRE[1]];
}

/** Whether anything is painted on the paper of layers around a place of the slide. */
async function isPainted(page, [x, y]) {
  return page.evaluate(
    ([dx, dy]) => {
      const paper = document.querySelector(".layer-paper");
      const box = paper.getBoundingClientRect();
      const slide = document.querySelector(".pane > .picture").getBoundingClientRect();
      const copy = new OffscreenCanvas(40, 40);
      const scale = window.devicePixelRatio;
      const at = [
        (slide.x + slide.width / 2 + dx - box.x) * scale - 20,
        (slide.y + slide.height / 2 + dy - box.y) * scale - 20,
      ];
      const context = copy.getContext("2d");
      context.drawImage(paper, -at[0], -at[1]);
      return context.getImageData(0, 0, 40, 40).data.some(Boolean);
    },
    [x - CENTRE[0], y - CENTRE[1]],
  );
}

/** Wait until the corner of the layer's shape is painted, or is not. */
async function paintedAs(page, wanted) {
  const corner = [given.shape[0] - 30, given.shape[1] - 30];
  for (let tries = 0; tries < 80; tries += 1) {
    if ((await isPainted(page, corner)) === wanted) return true;
    await page.waitForTimeout(100);
  }
  return false;
}

async function layers(page) {
  await openSlide(page);
  await page.click("#tab-shapes");
  await page.waitForSelector(".layer-row");
  const settled = (wanted) => paintedAs(page, wanted);
  const seen = {
    rows: await page.$$eval(".layer-row", (all) => all.map((row) => row.textContent)),
  };
  seen.painted = await settled(true);
  await page.mouse.click(...(await spot(page, given.shape)));
  await page.waitForSelector(".picked");
  seen.picked = await page.$$eval(".picked h3, .picked p, .picked dd", (all) =>
    all.map((part) => part.textContent),
  );
  seen.rules = await brokenRules(page, "layers");
  await page.screenshot({ path: `${given.pictures}/layers.png` });
  await page.click(".layer-row .row-act");
  seen.hidden = await settled(false);
  await page.click(".layer-row .row-act");
  await page.click(".layer-name");
  seen.looks = await brokenRules(page, "looks of a layer");
  await page.selectOption(".layer-look select", "40");
  await page.keyboard.press("Home");
  await page.waitForSelector("text=from 40×");
  seen.far = await page.$eval(".layer-paper", ({ width }) => width);
  await page.selectOption(".layer-look select", "0");
  return seen;
}

/** Save a picture of the view: with all that is on it, and without. */
async function picture(page) {
  await openSlide(page);
  const save = async (name, wish) => {
    await page.click('.top [aria-label="Picture of this view"]');
    await wish();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.click(".shot-dialog .primary"),
    ]);
    await download.saveAs(`${given.pictures}/${name}`);
    await page.waitForSelector(".shot-dialog", { state: "detached" });
    return download.suggestedFilename();
  };
  await paintedAs(page, true);
  const names = [await save("shot.png", () => undefined)];
  names.push(
    await save("plain.png", async () => {
      await page.click("text=With shapes and layers");
      await page.click("text=With a scale bar");
    }),
  );
  names.push(await save("full.jpeg", () => page.click("text=In full detail")));
  await page.click('.top [aria-label="Picture of this view"]');
  const rules = await brokenRules(page, "picture");
  await page.keyboard.press("Escape");
  return { names, rules };
}

async function label(page) {
  await page.click("#tab-slide");
  const width = await page
    .waitForFunction(() => document.querySelector(".label-picture img")?.naturalWidth)
    .then((found) => found.jsonValue());
  return { width, rules: await brokenRules(page, "label") };
}

/** An adjustment belongs to its slide. */
async function adjusted(page) {
  await page.keyboard.press("j");
  await page.focus(".adjust-card input");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  const here = await page.locator(".chip").count();
  await page.click(".pane .openseadragon-canvas");
  await page.keyboard.press(".");
  await page.waitForFunction((id) => location.search.includes(`imageId=${id}`), given.otherId);
  await untilSharp(page);
  const there = await page.locator(".chip").count();
  await page.keyboard.press(",");
  await untilSharp(page);
  return { here, there, again: await page.locator(".chip").count() };
}

async function beside(page) {
  const { base, slideId, otherId, studyId } = given;
  const ids = [slideId, otherId].join();
  await page.goto(
    `${base}/Image/Compare?studyId=${studyId}&imageIds=${ids}&view=${[...CENTRE, 1000, 0].join()}`,
  );
  await page.waitForSelector(".pane-head select");
  await untilSharp(page);
  const seen = { rules: await brokenRules(page, "side by side") };
  const pane = page.locator(".pane").nth(1);
  const box = await pane.locator(".picture").boundingBox();
  const drag = async (dx, dy) => {
    await page.mouse.move(box.x + 200, box.y + 200);
    await page.mouse.down();
    await page.mouse.move(box.x + 200 + dx, box.y + 200 + dy, { steps: 5 });
    // A hand that stops before it lets go.
    await page.waitForTimeout(150);
    await page.mouse.up();
  };
  // Whoever is moved leads: the scored slide goes along.
  const before = await viewOf(page);
  const after = await viewAfter(page, () => drag(-100, -50));
  seen.led = [after[0] - before[0], after[1] - before[1]].map((px) => px / (before[2] / box.width));
  // On its own, and locked again: the offset stays.
  await pane.locator('[aria-label^="Let"]').click();
  await drag(80, 60);
  seen.alone = await viewOf(page);
  await pane.locator('[aria-label^="Keep"]').click();
  seen.offset = await pane.locator(".pane-note").textContent();
  seen.perPx = after[2] / box.width;
  seen.cross = await crossed(page, box);
  await page.screenshot({ path: `${given.pictures}/beside.png` });
  await pane.locator(".pane-note").click();
  seen.reset = await pane.locator(".pane-note").count();
  await pane.locator('[aria-label^="Score"]').click();
  await page.waitForFunction((id) => location.search.includes(`imageId=${id}`), otherId);
  await untilSharp(page);
  seen.swapped = await textOf(page, ".pane-head strong");
  seen.address = page.url();
  await page.locator(".pane .openseadragon-canvas").first().click();
  await page.keyboard.press("c");
  seen.closed = await page.locator(".pane").count();
  return seen;
}

/** The cross lies on the scored slide where the pointer is on the other. */
async function crossed(page, box) {
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.waitForSelector(".cross");
  return page.$eval(".cross", (cross) => new DOMMatrix(getComputedStyle(cross).transform).e);
}

/** Cores at once: the scored one keeps its pane when the next is scored. */
async function atOnce(page) {
  const { base, microarrayId, studyId } = given;
  await page.goto(`${base}/Image/Details?imageId=${microarrayId}&studyId=${studyId}`);
  await page.waitForFunction(() => document.querySelectorAll(".core-choice").length === 4);
  await untilSharp(page);
  const panes = () =>
    page.$$eval(".pane", (all) =>
      all
        .sort((one, other) => one.style.order - other.style.order)
        .map((pane) => ({
          core: pane.querySelector(".core-choice").textContent,
          isScored: pane.querySelector("[data-scored]") !== null,
          said: pane.querySelector(".pane-note").textContent,
        })),
    );
  const seen = { first: await panes(), rules: await brokenRules(page, "cores at once") };
  await page.keyboard.press("1");
  await page.keyboard.press("Shift+ArrowRight");
  await page.waitForFunction(
    () => document.querySelector("[data-scored]").parentElement.style.order === "1",
  );
  seen.second = await panes();
  await page.screenshot({ path: `${given.pictures}/at-once.png` });
  // Where the hand points is scored.
  await page
    .locator(".pane", { hasText: seen.first[3].core })
    .locator(".openseadragon-canvas")
    .click();
  await page.waitForFunction(
    () => document.querySelector("[data-scored]").parentElement.style.order === "3",
  );
  seen.third = await panes();
  await page.click('.at-once button:has-text("1")');
  await page.waitForFunction(() => document.querySelectorAll(".pane").length === 1);
  return seen;
}

/** A tablet: two fingers zoom and never turn; once there is a pen, fingers only pan. */
async function touch() {
  const { page, faults } = await openPage(browser, given.base, {
    viewport: { width: 1024, height: 768 },
    hasTouch: true,
  });
  await signIn(page, given);
  await openSlide(page, 600);
  const session = await page.context().newCDPSession(page);
  const box = await page.locator(".pane > .picture").first().boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const fingers = (type, ...places) =>
    session.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: places.map(([px, py], id) => ({ x: px, y: py, id })),
    });
  const pinch = async () => {
    await fingers("touchStart", [x - 40, y], [x + 40, y]);
    for (let step = 1; step <= 8; step += 1) {
      // Apart, and turned by a sixth of a circle.
      const angle = (step * Math.PI) / 24;
      const reach = 40 + 10 * step;
      const [dx, dy] = [reach * Math.cos(angle), reach * Math.sin(angle)];
      await fingers("touchMove", [x - dx, y - dy], [x + dx, y + dy]);
      await page.waitForTimeout(20);
    }
    await fingers("touchEnd");
  };
  const before = await viewOf(page);
  const pinched = await viewAfter(page, pinch);
  await page.click("#tab-shapes");
  const count = () => page.locator(".shape-row").count();
  const seen = { zoomed: before[2] / pinched[2], turned: pinched[3], finger: [], pen: 0 };
  await page.keyboard.press("f");
  await draw(x, y - 60, (type, px, py) =>
    type === "End" ? fingers("touchEnd") : fingers(`touch${type}`, [px, py]),
  );
  seen.finger.push(await count());
  const types = { Start: "mousePressed", Move: "mouseMoved", End: "mouseReleased" };
  await draw(x - 100, y + 60, (type, px, py) =>
    session.send("Input.dispatchMouseEvent", {
      type: types[type],
      x: px,
      y: py,
      button: "left",
      buttons: type === "End" ? 0 : 1,
      clickCount: 1,
      pointerType: "pen",
    }),
  );
  seen.pen = await count();
  const palm = await viewAfter(page, () =>
    draw(x + 60, y, (type, px, py) =>
      type === "End" ? fingers("touchEnd") : fingers(`touch${type}`, [px, py]),
    ),
  );
  seen.finger.push(await count());
  seen.panned = palm.length === 4;
  seen.rules = await brokenRules(page, "tablet");
  await page.screenshot({ path: `${given.pictures}/tablet.png` });
  seen.faults = faults;
  return seen;
}

/** Draw a triangle of 60 pixels with a hand of some kind. */
async function draw(x, y, hand) {
  await hand("Start", x, y);
  for (const [px, py] of [
    [20, 0],
    [40, 0],
    [60, 0],
    [45, 30],
    [30, 60],
    [10, 20],
  ]) {
    await hand("Move", x + px, y + py);
    await new Promise((done) => setTimeout(done, 20));
  }
  await hand("End", x, y);
  await new Promise((done) => setTimeout(done, 250));
}
