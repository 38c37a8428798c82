/**
 * Scores studies by keyboard alone while the server is killed under it, and prints what was seen.
 *
 * `node e2e/scoring.mjs '<JSON>'` with base, password, reader, viewer, chromium, pictures and
 * studies. It writes `kill` or `start` for whoever keeps the server, and waits for a line.
 */

import { brokenRules, launch, openPage, signIn, textOf } from "./page.mjs";
import { allSent, keeper, keyLatency, press } from "./steps.mjs";

const given = JSON.parse(process.argv[2]);
const server = keeper();

// One slide: a key for each question, in the order of the sheet.
const SHEET = [
  ...["2", "1", "Shift+Digit5", "3", "2", "1", "2"],
  ...["1", "2", "Enter", "7", ".", "5", "Enter"],
  ...["2", "3", "1", "0", "2", "3", "1", "0", "0", "9"],
];

async function open(page, studyId, slideId, tail = "") {
  await page.goto(`${given.base}/Image/Details?imageId=${slideId}&studyId=${studyId}${tail}`);
  await page.waitForSelector('.question[data-active="true"], .sheet-note');
  await page.waitForSelector('.sharpness[data-state="sharp"]', { timeout: 30_000 });
}

const slideOf = (page) => Number(new URL(page.url()).searchParams.get("imageId"));

async function scoreAll(page) {
  const { id, slides } = given.studies.scored;
  const seen = { order: [], rules: [] };
  await open(page, id, slides[0]);
  await page.screenshot({ path: `${given.pictures}/sheet.png` });
  seen.rules.push(...(await brokenRules(page, "sheet")));
  await page.evaluate(() => {
    window.layoutShift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) window.layoutShift += entry.value;
    }).observe({ type: "layout-shift" });
  });
  for (const [index, slideId] of slides.entries()) {
    await page.waitForFunction((wanted) => location.search.includes(`imageId=${wanted}`), slideId);
    seen.order.push(slideOf(page));
    if (index === 1) await server("kill");
    await press(page, ...SHEET);
    if (index === 1) {
      await page.waitForSelector('.save-state[data-state="offline"]');
      seen.offline = await textOf(page, ".save-state");
      await page.screenshot({ path: `${given.pictures}/sheet-offline.png` });
      seen.rules.push(...(await brokenRules(page, "offline")));
    }
    // The text is still missing: Enter begins to write it.
    await press(page, "Enter");
    await page.keyboard.type(`slide ${index}`);
    await press(page, "Control+Enter");
    if (index === 1) await server("start");
    if (index < slides.length - 1) await press(page, "Enter");
  }
  seen.shift = await page.evaluate(() => window.layoutShift);
  await allSent(page);
  seen.progress = await textOf(page, ".progress-line strong");
  seen.allDone = await textOf(page, ".all-done");
  seen.others = await textOf(page, ".question:first-child .majority");
  await page.screenshot({ path: `${given.pictures}/sheet-done.png` });
  return seen;
}

/** What Tab reaches in the sheet, in its order, and what a screen reader calls it. */
async function focusOrder(page) {
  const { id, slides } = given.studies.scored;
  await open(page, id, slides[0]);
  await page.focus(".question:first-child button, .question:first-child [role=radio]");
  const seen = [];
  for (let stop = 0; stop < 40; stop += 1) {
    seen.push(
      await page.evaluate(() => {
        const at = document.activeElement;
        const question = at?.closest(".question");
        const all = [...document.querySelectorAll(".question")];
        const ids = at?.getAttribute("aria-labelledby")?.split(" ") ?? [];
        const names = [
          ids.map((id) => document.getElementById(id)?.textContent ?? "").join(" "),
          at?.getAttribute("aria-label"),
          at?.labels?.[0]?.textContent,
          at?.textContent,
        ].map((name) => name?.trim());
        return {
          question: question ? all.indexOf(question) : null,
          name: names.find(Boolean) ?? "",
        };
      }),
    );
    await press(page, "Tab");
  }
  return seen;
}

/** How soon a key is seen, in three rounds: other work on the machine may disturb one. */
async function latency(page) {
  const rounds = [];
  for (let round = 0; round < 3; round += 1) {
    const waits = (await keyLatency(page, ["0", "1", "3"], 12)).sort((a, b) => a - b);
    rounds.push({ count: waits.length, p95: waits[Math.floor(waits.length * 0.95)] });
  }
  return rounds;
}

/** Answers given while nothing can be sent outlive a reload; one can be taken back from afar. */
async function reloadAndUndo(page) {
  const { id, slides } = given.studies.scored;
  await open(page, id, slides[0]);
  const stop = (route) => route.abort();
  await page.route("**/Api/SaveAnswer", stop);
  await page.click(".question:first-child h2");
  await press(page, "3");
  await page.waitForSelector('.question:first-child [data-state="kept"]');
  await page.reload();
  await page.waitForSelector('.question:first-child [data-state="kept"]');
  const seen = { kept: await chosen(page) };
  await page.unroute("**/Api/SaveAnswer", stop);
  await page.waitForSelector('.question:first-child [data-state="saved"]', { timeout: 60_000 });
  await page.click(".question:first-child h2");
  await press(page, "1");
  await press(page, "Period");
  await page.waitForFunction((there) => location.search.includes(`imageId=${there}`), slides[1]);
  await press(page, "Control+z");
  await page.waitForFunction((there) => location.search.includes(`imageId=${there}`), slides[0]);
  await page.waitForSelector(
    `.question:first-child [aria-checked="true"][aria-label="${seen.kept}"]`,
  );
  seen.undone = await chosen(page);
  seen.active = await textOf(page, '.question[data-active="true"] h2');
  await allSent(page);
  return seen;
}

const chosen = (page) =>
  page.getAttribute('.question:first-child [aria-checked="true"]', "aria-label");

/** Two windows answer the same question: the second is asked, and insists. */
async function twoWindows(page) {
  const { id, slides } = given.studies.scored;
  const other = await page.context().newPage();
  for (const window of [page, other]) {
    await open(window, id, slides[0]);
    await window.click(".question:first-child h2");
  }
  await press(page, "0");
  await allSent(page);
  await press(other, "1");
  await other.waitForSelector(".trouble");
  const seen = { told: await textOf(other, ".trouble") };
  await other.screenshot({ path: `${given.pictures}/sheet-clash.png` });
  seen.rules = await brokenRules(other, "clash");
  await other.click(".trouble .button:first-of-type");
  await other.waitForSelector('.question:first-child [data-state="saved"]');
  await other.close();
  return seen;
}

async function final(page) {
  const { id, slides } = given.studies.final;
  await open(page, id, slides[0]);
  await press(page, "2");
  await allSent(page);
  await page.waitForSelector(".saved-state .icon");
  await press(page, "ArrowUp", "1", "Control+z");
  await page.screenshot({ path: `${given.pictures}/sheet-final.png` });
  return {
    chosen: await chosen(page),
    toast: await textOf(page, ".toast"),
    state: await textOf(page, ".question:first-child .saved-state"),
    rules: await brokenRules(page, "final"),
  };
}

async function viewOnly(browser) {
  const { page, faults } = await openPage(browser, given.base);
  await signIn(page, { ...given, email: given.viewer });
  const { id, slides } = given.studies.scored;
  await open(page, id, slides[0]);
  await press(page, "2");
  const seen = {
    note: await textOf(page, ".sheet-note"),
    controls: await page.$$eval(".question button, .question input", (all) => all.length),
    rules: await brokenRules(page, "view only"),
    faults: faults.filter((fault) => !fault.includes("ScoreHistory") && !fault.includes("401")),
  };
  await page.screenshot({ path: `${given.pictures}/sheet-view-only.png` });
  await page.context().close();
  return seen;
}

async function cores(page) {
  const { id, slides } = given.studies.micro;
  await open(page, id, slides[0]);
  await page.waitForSelector(".core[aria-current]");
  const current = () => page.getAttribute(".core[aria-current]", "aria-label");
  const until = (name) =>
    page.waitForFunction(
      (wanted) => document.querySelector(".core[aria-current]")?.ariaLabel.startsWith(wanted),
      `Core ${name},`,
    );
  const seen = { cells: await page.$$eval(".core", (all) => all.length), first: await current() };
  await page.screenshot({ path: `${given.pictures}/cores.png` });
  seen.rules = await brokenRules(page, "cores");
  await press(page, "2", "6");
  await until("A2");
  seen.address = new URL(page.url()).search;
  await press(page, "Shift+X");
  await until("A3");
  await press(page, "Control+z");
  await until("A2");
  await press(page, "Shift+ArrowDown");
  await until("B2");
  await press(page, "n");
  await until("B3");
  await allSent(page);
  seen.done = await textOf(page, ".progress-line strong");
  await open(page, id, slides[0], "&tmaRow=2&tmaCol=1");
  await until("C2");
  seen.restored = await current();
  await open(page, id, slides[0], "&tmaSample=P01");
  await page.waitForSelector('.core[data-lit="true"]');
  seen.lit = await page.$$eval('.core[data-lit="true"]', (all) => all.length);
  await page.screenshot({ path: `${given.pictures}/cores-sample.png` });
  return seen;
}

const browser = await launch(given.chromium);
try {
  const { page, faults } = await openPage(browser, given.base, { colorScheme: "dark" });
  await signIn(page, { ...given, email: given.reader });
  const seen = {};
  const steps = {
    focus: focusOrder,
    scored: scoreAll,
    latency,
    reloaded: reloadAndUndo,
    windows: twoWindows,
    final,
  };
  for (const [name, step] of Object.entries(steps)) seen[name] = await step(page);
  // Until here, requests were refused, aborted and sent to a server that was killed.
  faults.length = 0;
  seen.cores = await cores(page);
  seen.faults = faults;
  seen.viewOnly = await viewOnly(browser);
  process.stdout.write(`${JSON.stringify(seen)}\n`);
} finally {
  await browser.close();
  server.close();
}
