/**
 * Edits the questions of a study as a person would, and prints what was seen as JSON.
 *
 * `node e2e/questions.mjs '<JSON>'` with base, email, password, studyId, chromium and pictures (a
 * folder for screenshots).
 */

import { brokenRules, launch, openPage, signIn, textOf } from "./page.mjs";

const names = (page) => page.$$eval(".line-text b", (all) => all.map((name) => name.textContent));
const preview = (page) =>
  page.$$eval(".preview .question h2", (all) => all.map((name) => name.firstChild.textContent));

async function untilSaved(page) {
  await page.waitForSelector('.form-state[data-state="saved"]:not(:empty)');
}

async function choose(page, name) {
  await page.click(`.question-list button:has-text("${name}")`);
  await page.waitForFunction(
    (wanted) => document.querySelector(".question-form input.field")?.value === wanted,
    name,
  );
}

/** Begin with a template, and add a question of every kind of values. */
async function build(page, seen) {
  await page.click('.start-acts button:has-text("Intensity")');
  await page.waitForSelector(".question-list li");
  seen.begun = await names(page);
  await page.click('.question-pane header button:has-text("Add")');
  await page.fill(".question-form input.field", "Invasive front");
  await page.click('.options-field button:has-text("Option")');
  await page.keyboard.type("Pushing");
  await page.keyboard.press("Enter");
  await page.keyboard.type("Infiltrating");
  await page.keyboard.press("Tab");
  await untilSaved(page);
  await page.check('.switch-line input[type="checkbox"]');
  await page.selectOption(".condition-line select", "Positive cells");
  await page.selectOption('.condition-line select[aria-label="Comparison"]', "at least");
  await page.fill('.condition-line input[aria-label="Answer"]', "10");
  await page.keyboard.press("Tab");
  await page.waitForFunction(() =>
    document.querySelector(".config-line")?.textContent.includes('at least "10"'),
  );
  await untilSaved(page);
  seen.line = await textOf(page, ".config-line");
}

/** The preview answers to keys, and asks the conditional question only after its condition. */
async function tryIt(page, seen) {
  const dimmed = () => page.$$eval('.preview .question[data-off="true"] h2', (all) => all.length);
  await choose(page, "Positive cells");
  await page.focus(".preview-sheet");
  seen.dimmedBefore = await dimmed();
  await page.keyboard.press("3");
  await page.waitForFunction(
    () => document.querySelectorAll('.preview .question[data-off="true"]').length === 0,
  );
  seen.answered = await textOf(page, '.preview .percentage [aria-checked="true"]');
}

async function reorder(page, seen) {
  await page.focus('.question-list button:has-text("Staining")');
  await page.keyboard.press("Alt+ArrowDown");
  await page.waitForFunction(
    () => document.querySelectorAll(".line-text b")[1]?.textContent === "Staining intensity",
  );
  seen.moved = await names(page);
  seen.keepsFocus = await page.evaluate(() => document.activeElement?.textContent ?? "");
  // A condition must stay below what it depends on: the server refuses, and says why.
  await page.focus('.question-list button:has-text("Invasive")');
  await page.keyboard.press("Alt+ArrowUp");
  await page.waitForTimeout(300);
  await page.keyboard.press("Alt+ArrowUp");
  await page.waitForSelector('.toast[data-bad="true"]');
  seen.refusal = await textOf(page, ".toast span");
  await page.click(".toast button");
  await page.dragAndDrop(
    '.question-list li:has-text("Staining")',
    '.question-list li:has-text("Positive")',
  );
  await page.waitForFunction(
    () => document.querySelector(".line-text b")?.textContent === "Staining intensity",
  );
  seen.dragged = await names(page);
}

async function removeAndCopy(page, seen) {
  await choose(page, "Positive cells");
  await page.click('.form-head button:has-text("Duplicate")');
  await page.waitForFunction(() =>
    document.querySelectorAll(".line-text b")[2]?.textContent.includes("(copy)"),
  );
  await page.waitForFunction(() =>
    document.querySelector(".question-form input.field")?.value.includes("(copy)"),
  );
  seen.copied = await names(page);
  await page.click('.form-head button:has-text("Remove")');
  seen.removeTitle = await textOf(page, "dialog.ask h2");
  await page.click('dialog.ask button:has-text("Remove")');
  await page.waitForFunction(
    () => ![...document.querySelectorAll(".line-text b")].some((b) => /copy/.test(b.textContent)),
  );
}

async function text(page, seen) {
  await page.click('.question-pane footer button:has-text("Show as .scores")');
  seen.text = await page.inputValue(".sheet-text textarea");
  await page.fill(".sheet-text textarea", `${seen.text}Remark\tFreTex\n`);
  await page.waitForSelector("#sheet-mistakes li");
  seen.mistake = await textOf(page, "#sheet-mistakes li");
  await page.fill(".sheet-text textarea", `${seen.text}Remark\tFreeText\n`);
  await page.waitForSelector(".sheet-text .primary:not(:disabled)");
  seen.summary = await textOf(page, ".sheet-text .form-state");
  await page.click(".sheet-text .primary");
  await page.waitForSelector(".type-grid");
  seen.preview = await preview(page);
  await page.click('.question-pane footer button:has-text("Share")');
  await page.waitForSelector(".toast");
  seen.shared = await page.evaluate(() => navigator.clipboard.readText());
}

/** A question that was answered: a harmful change waits for a yes, and it cannot be removed. */
async function answered(page, { studyId, base, answer }, seen) {
  await answer();
  await page.goto(`${base}/Study/Edit?studyId=${studyId}&tab=questions`);
  await choose(page, "Invasive front");
  await page.fill('.option-line input[aria-label="Option 1"]', "Blunt");
  await page.keyboard.press("Tab");
  await page.waitForSelector('.banner[data-kind="warn"]');
  seen.risk = await textOf(page, ".banner .grow p");
  await page.click('.banner button:has-text("Put back")');
  await page.waitForSelector(".banner", { state: "detached" });
  seen.putBack = await page.inputValue('.option-line input[aria-label="Option 1"]');
  await page.click('.form-head button:has-text("Remove")');
  seen.stays = await textOf(page, "dialog.ask p");
  await page.keyboard.press("Escape");
}

async function sharedPage(page, { base }, seen) {
  await page.goto(seen.shared);
  await page.waitForSelector(".question-list li");
  seen.sharedNames = await names(page);
  await choose(page, "Remark");
  await page.check('.switch-line input[type="checkbox"]');
  await page.waitForFunction(() =>
    decodeURIComponent(location.search).includes("Remark\tFreeText\t\tmandatory"),
  );
  seen.address = new URL(page.url()).searchParams.get("f");
  await page.goto(`${base}/Questions/Edit?f=${encodeURIComponent("Grade\tDropDwn\t1;2\n")}`);
  await page.waitForSelector("#sheet-mistakes li");
  seen.brokenShared = await textOf(page, "#sheet-mistakes li");
}

async function look(browser, given, seen) {
  const rules = [];
  const overflows = [];
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1280, 1024, 768]) {
      const viewport = { width, height: 900 };
      const { page } = await openPage(browser, given.base, { colorScheme, viewport });
      await signIn(page, given);
      await page.goto(`${given.base}/Study/Edit?studyId=${given.studyId}&tab=questions`);
      await choose(page, "Invasive front");
      const file = `questions-${colorScheme}-${width}.png`;
      await page.screenshot({ path: `${given.pictures}/${file}` });
      rules.push(...(await brokenRules(page, file)));
      const { scrollWidth, clientWidth } = await page.evaluate(() => document.documentElement);
      if (scrollWidth > clientWidth) overflows.push(file);
      await page.context().close();
    }
  }
  seen.look = { rules, overflows };
}

const given = JSON.parse(process.argv[2]);
const browser = await launch(given.chromium);
try {
  const seen = {};
  const { page, faults } = await openPage(browser, given.base);
  page.setDefaultTimeout(15_000);
  const answer = async () => {
    const response = await page.request.post(`${given.base}/Api/SaveAnswer`, {
      headers: { Authorization: `Bearer ${given.token}` },
      form: {
        studyId: given.studyId,
        imageId: given.slideId,
        question: "Invasive front",
        answer: "Pushing",
        email: given.email,
      },
    });
    if (!response.ok()) throw new Error(await response.text());
  };
  try {
    await signIn(page, given);
    await page.goto(`${given.base}/Study/Edit?studyId=${given.studyId}&tab=questions`);
    await page.waitForSelector(".start-acts");
    await build(page, seen);
    await tryIt(page, seen);
    await reorder(page, seen);
    await removeAndCopy(page, seen);
    await text(page, seen);
    await answered(page, { ...given, answer }, seen);
    await sharedPage(page, given, seen);
    await look(browser, given, seen);
  } catch (error) {
    await page.screenshot({ path: `${given.pictures}/questions-stuck.png` });
    throw new Error(`${error.message}\n${JSON.stringify(seen)}\n${faults.join("\n")}`);
  }
  process.stdout.write(`${JSON.stringify({ ...seen, faults })}\n`);
} finally {
  await browser.close();
}
