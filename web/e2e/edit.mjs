/**
 * Sets a study up as a person would, and prints what was seen as JSON.
 *
 * `node e2e/edit.mjs '<JSON>'` with base, email, password, study (a name that is free), slides (paths
 * of files to drop), sampleId (another study), chromium and pictures (a folder for screenshots).
 */

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { brokenRules, launch, openPage, signIn, textOf } from "./page.mjs";
import { resuming } from "./resuming.mjs";
import { drop } from "./steps.mjs";

const MISTAKEN = "Tumour\tPositivNegative\nGrade\tDropDown\t1;2;3\tmandatory\n";

async function tab(page, name) {
  await page.click(`.tabs a[href*="tab=${name}"]`);
  await page.waitForSelector(`.study-body.${name}`);
}

async function create(page, { base, study }, seen) {
  await page.goto(`${base}/`);
  await page.click('a[href$="/Study/Edit"]');
  await page.fill("input[name=name]", "a/b");
  seen.nameProblem = await textOf(page, "#name-problem");
  await page.fill("input[name=name]", study);
  await page.fill("input[name=label]", "Set up by hand");
  await page.click("form.panel-card button[type=submit]");
  await page.waitForSelector(".drop-zone");
  seen.created = page.url();
}

async function upload(page, { slides }, seen) {
  await drop(
    page,
    slides.map((path) => ({ name: basename(path), body: readFileSync(path) })),
  );
  await page.waitForFunction(
    (count) => document.querySelectorAll('.uploads li[data-stage="done"]').length === count,
    slides.length,
    { timeout: 40_000 },
  );
  await page.waitForFunction(
    (count) => document.querySelectorAll(".slide-table tbody tr").length === count,
    slides.length,
  );
  seen.slideNames = await page.$$eval(".slide-name", (cells) => cells.map((c) => c.textContent));
  await drop(page, [{ name: "notes.docx", body: "x" }]);
  seen.strange = await textOf(page, ".toast span");
  await page.click(".slide-table tbody .tick input");
  await page.click('.selection button:has-text("Turn")');
  await page.waitForFunction(() =>
    document.querySelector(".slide-table tbody")?.textContent.includes("90°"),
  );
  await page.click('.selection button:has-text("case")');
  await page.fill("dialog.ask input", "Patient 7");
  await page.click("dialog.ask button[type=submit]");
  await page.waitForFunction(() =>
    document.querySelector(".slide-table tbody")?.textContent.includes("Patient 7"),
  );
}

async function configure(page, { study }, seen) {
  await drop(page, [{ name: `study.${study}.scores`, body: MISTAKEN }]);
  await page.waitForSelector(".mistakes li");
  seen.mistake = await textOf(page, ".mistakes li span");
  seen.badLines = await page.$$eval('.gutter [data-bad="true"]', (all) =>
    all.map((line) => line.textContent),
  );
  seen.isSaveOff = await page.isDisabled(".pane-acts .primary");
}

async function correct(page, seen) {
  await page.click(".mistakes button");
  await page.waitForSelector(".mistakes", { state: "detached" });
  seen.corrected = (await page.inputValue(".editor textarea")).split("\n")[0];
  await page.click(".pane-acts .primary");
  await page.waitForSelector('.plan-group .sign[data-sign="+"]');
  seen.planned = await page.$$eval(".plan-group b", (all) => all.map((name) => name.textContent));
}

async function reimport(page, seen) {
  await page.click(".plan-foot .primary");
  await page.waitForSelector(".log pre");
  seen.log = await textOf(page, ".log pre");
}

/** What was changed by hand is kept, unless the file is chosen for it. */
async function decide(page, seen) {
  await tab(page, "questions");
  await page.click('.question-list button:has-text("Grade")');
  await page.waitForSelector('.option-line input[aria-label="Option 3"]');
  await page.fill('.option-line input[aria-label="Option 3"]', "4");
  await page.keyboard.press("Tab");
  await page.waitForSelector('.form-state[data-state="saved"]:not(:empty)');
  await tab(page, "config");
  await page.waitForSelector(".keep-or-not");
  const reimport = () => textOf(page, ".plan-foot .primary");
  seen.keeps = { why: await textOf(page, ".plan-group .why"), act: await reimport() };
  await page.check('.keep-or-not label:has-text("Use the file") input');
  await page.waitForFunction(
    () => document.querySelector(".plan-foot .primary")?.textContent === "Reimport 1 change",
  );
  seen.givesUp = { why: await textOf(page, ".plan-group .why"), act: await reimport() };
  await page.click(".plan-foot .primary");
  await page.waitForFunction(() =>
    document.querySelector(".log pre")?.textContent.includes("overwritten"),
  );
}

/** A map is pasted from a spreadsheet, given to a slide, and its cores are put right. */
async function map(page, { slides }, seen) {
  await tab(page, "tma");
  await page.click('.map-list button:has-text("New map")');
  await page.fill("dialog.ask input", "1");
  await page.click("dialog.ask button[type=submit]");
  await page.focus('[data-cell="0,0"]');
  await page.evaluate(() => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", "P1\tP2\tctrl\r\nP3\t\tctrl\r\n");
    const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
    document.activeElement.dispatchEvent(event);
  });
  await page.focus('[data-cell="0,2"]');
  await page.click('.map-tools button:has-text("Control")');
  seen.mapChange = await textOf(page, ".map-editor .form-state");
  await page.click(".map-editor .primary");
  await page.waitForSelector(".give-map select");
  const name = basename(slides[1]).replace(/\.[^.]+$/, "");
  await page.selectOption(".give-map select", { label: name });
  // A slow machine takes its time to look for cores.
  await page.waitForSelector(".core-picture circle", { timeout: 60_000 });
  await page.focus(".core-picture circle");
  await page.keyboard.press("Shift+ArrowRight");
  await page.click('.core-acts .primary:has-text("1 change")');
  await page.waitForSelector('.map-slides .banner[data-kind="ok"]');
  seen.cores = await page.$$eval(".core-picture circle", (all) =>
    all.map((circle) => circle.getAttribute("aria-label")),
  );
}

async function describe(page, seen) {
  await tab(page, "slides");
  await page.click(".slide-table tbody .tick input");
  for (const button of ["Describe", "Describe case"]) {
    await page.click(`.selection button:text-is("${button}")`);
    await page.click(".rich-field");
    await page.keyboard.press("Control+b");
    await page.keyboard.type(`About ${button}`);
    await page.click('dialog.ask button:has-text("Save description")');
    await page.waitForSelector("dialog.ask", { state: "detached" });
  }
  await page.click('.selection button:text-is("Describe")');
  await page.waitForSelector(".rich-field b");
  seen.described = await page.$eval(".rich-field", (field) => field.innerHTML);
  await page.keyboard.press("Escape");
}

async function settle(page, seen) {
  await tab(page, "settings");
  await page.check("#setting-disallownavigation");
  await page.waitForSelector(".toast");
  seen.settings = await page.$$eval(".setting code", (all) => all.map((code) => code.textContent));
  await tab(page, "overview");
  await page.waitForSelector(".trail-list li");
  seen.trail = await page.$$eval(".trail-list li", (all) =>
    all.map((line) => line.children[1].textContent.trim()),
  );
}

async function deleteAndBack(page, { study }, seen) {
  await page.click('.delete-line button:has-text("Delete")');
  await page.fill("dialog.ask input", "another");
  await page.click("dialog.ask button[type=submit]");
  seen.wrongName = await textOf(page, "dialog.ask .wrong");
  await page.fill("dialog.ask input", study);
  await page.click("dialog.ask button[type=submit]");
  await page.waitForSelector(".empty h1");
  seen.gone = await textOf(page, ".empty h1");
  await page.click('.empty button:has-text("Bring it back")');
  await page.waitForSelector(".figures");
}

async function uploadsPage(page, { base }, seen) {
  await page.goto(`${base}/Uploads`);
  await page.waitForSelector(".uploads-table tbody tr");
  seen.uploads = await page.$$eval(".uploads-table tbody tr", (all) =>
    all.map((row) => row.querySelector(".upload-path").textContent),
  );
}

async function people(page, seen) {
  await tab(page, "users");
  await page.fill(".add-people textarea", "Vos <M.Vos@example.org>\nk.ito@example.org");
  await page.click(".add-people button");
  await page.waitForFunction(
    () => document.querySelectorAll(".people-table tbody tr").length === 3,
  );
  await page.click('input[aria-label="Get results: k.ito@example.org"]');
  await page.waitForFunction(
    () => document.querySelector('input[aria-label="Get results: k.ito@example.org"]').checked,
  );
  await page.click('button[aria-label="Invite m.vos@example.org"]');
  await page.waitForSelector(".banner input");
  seen.link = await page.inputValue(".banner input");
}

async function look(browser, given, studyId) {
  const rules = [];
  const overflows = [];
  for (const colorScheme of ["light", "dark"]) {
    const { page } = await openPage(browser, given.base, { colorScheme });
    await signIn(page, given);
    const take = async (name) => {
      const file = `edit-${name}-${colorScheme}.png`;
      await page.screenshot({ path: `${given.pictures}/${file}` });
      rules.push(...(await brokenRules(page, file)));
      const { scrollWidth, clientWidth } = await page.evaluate(() => document.documentElement);
      if (scrollWidth > clientWidth) overflows.push(file);
    };
    await page.goto(`${given.base}/Study/Edit`);
    await page.waitForSelector("form.panel-card");
    await take("new");
    const sheet = encodeURIComponent("Tumour\tPositiveNegative\nGrade\tDropDwn\t1;2\n");
    await page.goto(`${given.base}/Questions/Edit?f=${sheet}`);
    await page.waitForSelector("#sheet-mistakes li");
    await take("sheet");
    await page.goto(`${given.base}/Uploads`);
    await page.waitForSelector(".uploads-table tbody tr");
    await take("uploads");
    for (const [name, ready] of READY) {
      await page.goto(`${given.base}/Study/Edit?studyId=${studyId}&tab=${name}`);
      await page.waitForSelector(ready);
      await page.waitForLoadState("networkidle");
      await take(name);
    }
    await page.context().close();
  }
  return { rules, overflows };
}

const READY = [
  ["overview", ".figures"],
  ["slides", ".slide-table .thumb img"],
  ["tma", ".core-picture circle"],
  ["questions", ".type-grid"],
  ["config", ".plan-counts"],
  ["users", ".people-table"],
  ["settings", ".setting"],
  ["progress", ".study-body.progress .card-head"],
];

const given = JSON.parse(process.argv[2]);
const browser = await launch(given.chromium);
try {
  const seen = {};
  const { page, faults } = await openPage(browser, given.base);
  page.setDefaultTimeout(20_000);
  try {
    await signIn(page, given);
    await create(page, given, seen);
    await upload(page, given, seen);
    await configure(page, given, seen);
    await page.screenshot({ path: `${given.pictures}/edit-mistake.png` });
    seen.mistakeRules = await brokenRules(page, "mistake");
    await correct(page, seen);
    await page.screenshot({ path: `${given.pictures}/edit-plan.png` });
    await reimport(page, seen);
    await decide(page, seen);
    await map(page, given, seen);
    await describe(page, seen);
    await settle(page, seen);
    await deleteAndBack(page, given, seen);
    await people(page, seen);
    await page.screenshot({ path: `${given.pictures}/edit-invited.png` });
    await page.click('.study-title button:has-text("Publish")');
    await page.waitForSelector('.study-title .tag[data-state="ok"]');
    seen.state = await textOf(page, ".study-title .tag");
    await uploadsPage(page, given, seen);
  } catch (error) {
    await page.screenshot({ path: `${given.pictures}/edit-stuck.png` });
    throw new Error(`${error.message}\n${JSON.stringify(seen)}\n${faults.join("\n")}`);
  }
  seen.faults = faults;
  const studyId = Number(new URL(seen.created).searchParams.get("studyId"));
  seen.resumed = await resuming(browser, given, given.sampleId);
  seen.look = await look(browser, given, studyId);
  process.stdout.write(`${JSON.stringify({ ...seen, studyId })}\n`);
} finally {
  await browser.close();
}
