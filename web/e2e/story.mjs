/**
 * A study from its first dropped slide to its results, as an administrator and two readers live it,
 * and prints what was seen as JSON.
 *
 * `node e2e/story.mjs '<JSON>'` with base, email, password, study, slides (paths of two files to
 * drop, the second a microarray), texts (configuration files by kind), readers, stranger, secret
 * (the password that readers choose), chromium and pictures. It writes `kill` or `start` for whoever
 * keeps the server, and waits for a line.
 */

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { brokenRules, launch, openPage, signIn, textOf, untilSharp } from "./page.mjs";
import { allSent, drop, keeper, press } from "./steps.mjs";

const given = JSON.parse(process.argv[2]);
const server = keeper();
const { base, study, readers } = given;

async function tab(page, name) {
  await page.click(`.tabs a[href*="tab=${name}"]`);
  await page.waitForSelector(`main.${name}`);
}

/** An administrator makes the study of what lies on the desktop. */
async function setUp(page, seen) {
  await signIn(page, given);
  await page.click('a[href$="/Study/Edit"]');
  await page.fill("input[name=name]", study);
  await page.click("form.panel-card button[type=submit]");
  await page.waitForSelector(".drop-zone");
  seen.studyId = Number(new URL(page.url()).searchParams.get("studyId"));
  const files = given.slides.map((path) => ({ name: basename(path), body: readFileSync(path) }));
  await drop(page, files);
  await page.waitForFunction(
    (count) => document.querySelectorAll('.uploads li[data-stage="done"]').length === count,
    files.length,
    { timeout: 60_000 },
  );
  for (const [kind, text] of Object.entries(given.texts)) {
    await tab(page, "slides");
    await drop(page, [{ name: `study.${study}.${kind}`, body: text }]);
    await page.waitForSelector('.config-files [aria-current="true"]');
    await page.waitForFunction(
      (ending) =>
        document.querySelector('.config-files [aria-current="true"]')?.textContent.includes(ending),
      kind,
    );
    await page.click(".pane-acts .primary:enabled");
    await page.waitForSelector(".pane-acts .primary:disabled");
  }
  await reimport(page, seen, "first", "Staining");
}

async function reimport(page, seen, name, awaited) {
  await page.waitForSelector(`.plan-group b:has-text("${awaited}")`);
  await page.waitForSelector(".plan-foot .primary:enabled");
  seen[name] = {
    planned: await page.$$eval(".plan-group b", (all) => all.map((b) => b.textContent)),
  };
  await page.click(".plan-foot .primary");
  await page.waitForSelector(".log pre");
  seen[name].log = await textOf(page, ".log pre");
}

/** A question more, in the text of the file: the plan tells that and nothing else. */
async function edit(page, seen) {
  await tab(page, "overview");
  await tab(page, "config");
  await page.click('.config-files button:has-text(".scores")');
  const text = await page.inputValue(".editor textarea");
  await page.fill(".editor textarea", `${text.trimEnd()}\nRemark\tFreeText\t\n`);
  await page.click(".pane-acts .primary:enabled");
  await reimport(page, seen, "second", "Remark");
}

async function invite(page, seen) {
  await tab(page, "users");
  await page.fill(".add-people textarea", readers.join("\n"));
  await page.click(".add-people button");
  await page.waitForFunction(
    (count) => document.querySelectorAll(".people-table tbody tr").length === count,
    readers.length + 1,
  );
  seen.links = [];
  for (const reader of readers) {
    await page.click(`button[aria-label="Invite ${reader}"]`);
    await page.waitForFunction((links) => {
      const link = document.querySelector(".banner input")?.value;
      return link && !links.includes(link);
    }, seen.links);
    seen.links.push(await page.inputValue(".banner input"));
  }
  await page.click('.study-title button:has-text("Publish")');
  await page.waitForSelector('.study-title .tag[data-state="ok"]');
}

/** A reader comes by the link, and goes to the first slide from the study's page. */
async function arrive(browser, link) {
  const { page, faults } = await openPage(browser, base, { colorScheme: "dark" });
  await page.goto(link);
  await page.fill("#password", given.secret);
  await Promise.all([page.waitForURL(`${base}/`), page.click("button[type=submit]")]);
  await page.click("tr.study .label");
  await page.click(".study-acts .primary");
  await untilSharp(page);
  await page.waitForSelector('.question[data-active="true"]');
  return { page, faults };
}

/** Score the slide and every core; the server dies meanwhile, and comes back. */
async function score(page, keys, dies) {
  // What was drawn last is the active question.
  await page.click(".question:first-child h2");
  await press(page, ...keys);
  await allSent(page);
  await press(page, "n");
  await page.waitForSelector(".core[aria-current]", { timeout: 20_000 });
  const names = [];
  for (let name = await coreOf(page); name !== null; name = await coreAfter(page, name)) {
    names.push(name);
    if (dies && names.length === 5) await server("kill");
    await press(page, ...keys);
    if (dies && names.length === 10) {
      await page.waitForSelector('.save-state[data-state="offline"]');
      await server("start");
    }
    if (names.length === given.cores) break;
  }
  await allSent(page);
  return names;
}

const coreOf = (page) =>
  page.evaluate(
    () => document.querySelector(".core[aria-current]")?.ariaLabel.split(",")[0] ?? null,
  );

/** The core that comes after another by itself; null where none does. */
async function coreAfter(page, name) {
  const isLeft = (before) =>
    document.querySelector(".core[aria-current]")?.ariaLabel.split(",")[0] !== before;
  const isThere = await page.waitForFunction(isLeft, name, { timeout: 5000 }).catch(() => null);
  return isThere ? coreOf(page) : null;
}

/** Draw one shape of every kind on the first slide. */
async function draw(page) {
  const box = await page.locator(".picture").boundingBox();
  const spot = ([x, y]) => [box.x + box.width / 2 + x, box.y + box.height / 2 + y];
  const click = async (...places) => {
    for (const place of places) await page.mouse.click(...spot(place));
  };
  const drag = async (from, ...places) => {
    await page.mouse.move(...spot(from));
    await page.mouse.down();
    for (const place of places) await page.mouse.move(...spot(place), { steps: 4 });
    await page.mouse.up();
  };
  await press(page, "p");
  await page.waitForSelector(".draw-options");
  await click([-200, -100], [-120, -100], [-120, -40]);
  await press(page, "Enter", "l");
  await click([-200, 20], [-120, 20]);
  await press(page, "Enter", "f");
  await drag([-60, -100], [0, -100], [0, -60], [-60, -60]);
  await press(page, "r");
  await drag([40, -100], [100, -60]);
  await press(page, "o");
  await drag([140, -100], [200, -60]);
  await press(page, "b");
  await drag([60, 60], [120, 60], [120, 90]);
  await press(page, "k");
  await click([-40, 40], [-20, 60]);
  await press(page, "v");
  await allSent(page);
}

async function follow(page, seen) {
  await page.goto(`${base}/Study/Edit?studyId=${seen.studyId}&tab=progress`);
  await page.waitForSelector(".progress-table tbody tr");
  seen.progress = await page.$$eval(".progress-table tbody tr", (rows) =>
    rows.map((row) => [row.querySelector("th").textContent, row.querySelector("b").textContent]),
  );
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.click('.downloads a[href*="format=tsv"][href*="shape=long"]'),
  ]);
  seen.results = readFileSync(await download.path(), "utf8");
  await tab(page, "agreement");
  await page.waitForSelector(".whiskers");
  seen.agreement = await page.$$eval(".agreement-table tbody tr", (rows) =>
    rows.map((row) => row.querySelector("th").textContent),
  );
  seen.agreementRules = await brokenRules(page, "agreement");
}

/** What somebody without any right meets, at each address. */
async function refuse(browser, seen) {
  const { page } = await openPage(browser, base);
  await signIn(page, { base, email: given.stranger, password: given.secret });
  const at = `studyId=${seen.studyId}`;
  const met = {};
  for (const [name, path, ready] of [
    ["home", "/", ".empty h1"],
    ["study", `/Study/Details?${at}`, ".empty p"],
    ["edit", `/Study/Edit?${at}`, ".empty p"],
    ["viewer", `/Image/Details?${at}`, ".failure p"],
    ["people", "/Admin/Users", ".site .empty h1"],
    ["audit", "/Admin/Audit", ".site .empty h1"],
  ]) {
    await page.goto(base + path);
    await page.waitForSelector(ready);
    const body = await page.evaluate(() => document.body.innerText);
    met[name] = { said: await textOf(page, ready), tells: body.includes(study) };
  }
  await page.context().close();
  return met;
}

const browser = await launch(given.chromium);
try {
  const seen = {};
  const { page, faults } = await openPage(browser, base);
  page.setDefaultTimeout(20_000);
  try {
    await setUp(page, seen);
    await edit(page, seen);
    await invite(page, seen);
    seen.faults = faults.splice(0);
    const [first, second] = seen.links;
    const one = await arrive(browser, first);
    await draw(one.page);
    seen.cores = await score(one.page, ["2", "6"], true);
    await one.page.screenshot({ path: `${given.pictures}/story-cores.png` });
    const other = await arrive(browser, second);
    await score(other.page, ["1", "4"], false);
    seen.otherFaults = other.faults;
    await follow(page, seen);
    seen.refused = await refuse(browser, seen);
  } catch (error) {
    const pages = browser.contexts().flatMap((context) => context.pages());
    for (const [at, stuck] of pages.entries()) {
      await stuck.screenshot({ path: `${given.pictures}/story-stuck-${at}.png` });
    }
    throw new Error(`${error.message}\n${JSON.stringify(seen)}\n${faults.join("\n")}`);
  }
  process.stdout.write(`${JSON.stringify(seen)}\n`);
} finally {
  await browser.close();
  server.close();
}
