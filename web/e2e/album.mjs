/**
 * Pictures of every page and state in light and dark, with the rules of accessibility that each
 * breaks and how soon it is painted; prints what was seen as JSON.
 *
 * `node e2e/album.mjs '<JSON>'` with base, email, password, reader, readerPassword, studyId, slideId,
 * beside (slides to compare), sampleId, tmaId, study (its name), chromium and pictures (a folder).
 */

import { brokenRules, launch, openPage, settledText, signIn, untilSharp } from "./page.mjs";
import { drop, keyLatency, press } from "./steps.mjs";

const given = JSON.parse(process.argv[2]);
const { base, studyId } = given;
const edit = (tab) => `/Study/Edit?studyId=${studyId}&tab=${tab}`;
const view = (slide, study) => `/Image/Details?imageId=${slide}&studyId=${study}`;

const COMPARE = `/Image/Compare?studyId=${studyId}&imageIds=${given.beside.join(",")}`;

// Name, address, what shows that the page is there, and what is done first.
const PUBLIC = [
  ["login", "/Account/Login", "#email"],
  ["forgot", "/Account/Forgot", "#email"],
];
const READER = [
  ["home", "/", "tr.study .thumb img"],
  ["home-search", "/?q=T26-012", ".hits .thumb img"],
  ["home-nothing", "/?q=zzz", ".studies .empty"],
  ["study", `/Study/Details?studyId=${studyId}`, ".slide-card .thumb img"],
  ["preferences", "/Account/Preferences", ".own-sessions li"],
  ["forbidden", edit("overview"), ".empty .primary"],
];
const ADMIN = [
  ["new-study", "/Study/Edit", "form.panel-card"],
  ["overview", edit("overview"), ".figures"],
  ["settings", edit("settings"), ".setting"],
  ["slides", edit("slides"), ".slide-table .thumb img"],
  ["questions", edit("questions"), ".type-grid"],
  ["tma", `/Study/Edit?studyId=${given.sampleId}&tab=tma`, ".core-picture circle"],
  ["uploads", "/Uploads", ".uploads-table .bar"],
  ["users", edit("users"), ".people-table"],
  ["progress", edit("progress"), ".progress-table tbody tr"],
  ["progress-slides", edit("progress"), ".progress-table tbody tr", bySlide],
  ["remind", edit("progress"), ".progress-table tbody tr", remind],
  ["agreement", edit("agreement"), ".heat", chosen("Staining")],
  ["agreement-numbers", edit("agreement"), ".heat", chosen("Ki-67")],
  ["sessions", edit("sessions"), ".heat-picture img"],
  ["config", edit("config"), ".plan-counts"],
  ["config-mistake", edit("slides"), ".slide-table .thumb img", mistake],
  ["tokens", "/Admin/Tokens", ".table tbody tr"],
  ["token-new", "/Admin/CreateToken", ".new-token"],
  ["people", "/Admin/Users", ".table tbody tr"],
  ["audit", "/Admin/Audit", ".trail tbody tr"],
];
// The viewer is dark in both themes.
const VIEWER = [
  ["viewer", view(given.slideId, studyId), '.question[data-active="true"]'],
  ["viewer-list", view(given.slideId, studyId), '.question[data-active="true"]', list],
  ["viewer-keys", view(given.slideId, studyId), '.question[data-active="true"]', help],
  ["viewer-draw", view(given.slideId, studyId), '.question[data-active="true"]', outline],
  ["viewer-offline", view(given.slideId, studyId), '.question[data-active="true"]', offline],
  ["viewer-compare", COMPARE, ".pane"],
  ["viewer-tma", view(given.tmaId, given.sampleId), ".core[aria-current]"],
  ["viewer-missing", view(999_999, studyId), ".failure p"],
];

async function bySlide(page) {
  await page.click(".segmented label:nth-of-type(2)");
  await page.waitForSelector(".by-slide");
}

async function remind(page) {
  await page.click('.card-head button:has-text("Remind")');
  await page.waitForSelector("dialog.reminder[open]");
}

function chosen(question) {
  return async (page) => {
    await page.waitForSelector(".questions-card button.right:enabled", { timeout: 30_000 });
    await page.click(`.row-button:has-text("${question}")`);
    await page.waitForSelector(".spread .thumb img");
  };
}

async function mistake(page) {
  const text = "Tumour\tPositivNegative\nGrade\tDropDown\t1;2;3\tmandatory\n";
  await drop(page, [{ name: `study.${given.study}.scores`, body: text }]);
  await page.waitForSelector(".mistakes li");
}

async function list(page) {
  await page.click("#tab-list");
}

async function help(page) {
  await press(page, "?");
  await page.waitForSelector("dialog.key-sheet[open]");
}

async function outline(page) {
  const box = await page.locator(".picture").boundingBox();
  const at = (x, y) => [box.x + box.width / 2 + x, box.y + box.height / 2 + y];
  await press(page, "b");
  await page.waitForSelector(".draw-options");
  await page.mouse.move(...at(-160, 0));
  await page.mouse.down();
  for (let step = 1; step <= 24; step += 1) {
    const angle = Math.PI + (step * Math.PI) / 12;
    await page.mouse.move(...at(160 * Math.cos(angle), 110 * Math.sin(angle)));
  }
  await page.mouse.up();
  await page.click("#tab-shapes");
}

async function offline(page) {
  await page.context().setOffline(true);
  await press(page, "1", "2");
  await page.waitForSelector('.save-state[data-state="offline"]', { timeout: 30_000 });
}

const seen = { pages: [], faults: [] };

async function take(page, [name, path, ready, act], scheme) {
  await page.goto(base + path);
  await page.waitForSelector(ready, { timeout: 30_000 });
  if (path.startsWith("/Image/") && !ready.startsWith(".failure")) await untilSharp(page);
  if (act) await act(page);
  if (name !== "viewer-offline") await page.waitForLoadState("networkidle");
  await page.waitForTimeout(300);
  const paint = await page.evaluate(
    () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? null,
  );
  await page.screenshot({ path: `${given.pictures}/${name}-${scheme}.png` });
  const rules = await brokenRules(page, name);
  const { scrollWidth, clientWidth } = await page.evaluate(() => document.documentElement);
  seen.pages.push({ name, scheme, paint, rules, sticksOut: scrollWidth > clientWidth });
}

async function pages(browser, who, table, schemes) {
  for (const colorScheme of schemes) {
    const { page, faults } = await openPage(browser, base, { colorScheme });
    if (who) await signIn(page, { base, ...who });
    for (const entry of table) {
      if (entry[0] === "home") await visit(page);
      try {
        await take(page, entry, colorScheme);
      } catch (error) {
        seen.faults.push(`${entry[0]}: ${error.message.split("\n")[0]}`);
      }
      await page.context().setOffline(false);
      // What these two are about is refused, or has no way to the server.
      const isExpected = ["forbidden", "viewer-missing", "viewer-offline"].includes(entry[0]);
      const found = faults.splice(0);
      if (!isExpected) seen.faults.push(...found.map((fault) => `${entry[0]}: ${fault}`));
    }
    await page.context().close();
  }
}

/** The list offers to go on where somebody stopped, once they were somewhere. */
async function visit(page) {
  await page.goto(base + view(given.slideId, studyId));
  await untilSharp(page);
  await settledText(page, ".where .name");
}

async function latency(browser, who) {
  const { page } = await openPage(browser, base);
  await signIn(page, { base, ...who });
  await page.goto(base + view(given.slideId, studyId));
  await page.waitForSelector('.question[data-active="true"]');
  await untilSharp(page);
  const waits = await keyLatency(page, ["1", "2"], 54);
  await page.context().close();
  return waits;
}

const browser = await launch(given.chromium);
try {
  const admin = { email: given.email, password: given.password };
  const reader = { email: given.reader, password: given.readerPassword };
  const both = ["light", "dark"];
  await pages(browser, null, PUBLIC, both);
  await pages(browser, reader, READER, both);
  await pages(browser, admin, ADMIN, both);
  await pages(
    browser,
    reader,
    VIEWER.filter(([name]) => name !== "viewer-tma"),
    ["dark"],
  );
  await pages(
    browser,
    admin,
    VIEWER.filter(([name]) => name === "viewer-tma"),
    ["dark"],
  );
  seen.latency = await latency(browser, reader);
  process.stdout.write(`${JSON.stringify(seen)}\n`);
} finally {
  await browser.close();
}
