/**
 * Reads a slide while the network goes, the session is another one, the right is taken away and the
 * slide is removed; prints what the page says as JSON.
 *
 * `node e2e/lost.mjs '<JSON>'` with base, token (of the Api), email, password (of a reader who may
 * score), studyId, slideId, goneId (a slide that is taken out of the study) and chromium.
 */

import { brokenRules, launch, openPage, signIn, textOf, untilSharp } from "./page.mjs";

// Longer than the server believes what it looked up of rights in these tests.
const BELIEVED_MS = 1500;

const given = JSON.parse(process.argv[2]);
const browser = await launch(given.chromium);
try {
  const { page } = await openPage(browser, given.base);
  await signIn(page, given);
  const seen = {
    offline: await offline(page),
    again: await again(page),
    gone: await gone(page),
    right: await right(page),
    session: await session(page),
  };
  process.stdout.write(`${JSON.stringify(seen)}\n`);
} finally {
  await browser.close();
}

/** Make a call of the Api as the administrator. */
async function call(name, form) {
  const reply = await fetch(`${given.base}/Api/${name}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${given.token}` },
    body: new URLSearchParams(form),
  });
  if (!reply.ok) throw new Error(`${name} answered ${reply.status}: ${await reply.text()}`);
}

async function open(page, slideId = given.slideId) {
  await page.goto(`${given.base}/Image/Details?imageId=${slideId}&studyId=${given.studyId}`);
  await untilSharp(page);
  await page.locator(".openseadragon-canvas").first().focus();
}

/** Look where nothing was looked at yet: tiles are asked for. */
async function lookElsewhere(page) {
  await page.keyboard.press("End");
  await page.keyboard.press("Shift+D");
}

/** Look further and further, until the page says what is wrong; some tiles are here ahead. */
async function lookUntil(page, said) {
  await page.keyboard.press("End");
  for (let tries = 0; tries < 20 && (await page.locator(said).count()) === 0; tries += 1) {
    await page.keyboard.press(tries % 2 === 0 ? "Shift+D" : "Shift+S");
    await page.waitForTimeout(700);
  }
}

async function offline(page) {
  await open(page);
  await page.context().setOffline(true);
  await lookElsewhere(page);
  await page.waitForSelector('.sharpness[data-state="late"]');
  const seen = { said: await textOf(page, ".sharpness") };
  await page.context().setOffline(false);
  await untilSharp(page);
  seen.after = await textOf(page, ".sharpness");
  return seen;
}

/** Signed in anew in another tab, one reads on where one was. */
async function again(page) {
  await open(page);
  await page.context().clearCookies();
  const other = await page.context().newPage();
  await signIn(other, given);
  await other.close();
  await page.waitForTimeout(BELIEVED_MS);
  await lookElsewhere(page);
  await untilSharp(page);
  return { failures: await page.locator(".failure").count() };
}

async function gone(page) {
  await open(page, given.goneId);
  await call("DeleteSlide", { studyId: given.studyId, imageId: given.goneId });
  return failure(page);
}

async function right(page) {
  const person = { studyId: given.studyId, email: given.email };
  await open(page);
  await call("RemoveUser", person);
  const seen = await failure(page);
  await call("AddUser", { ...person, rights: "canscore" });
  return seen;
}

async function failure(page) {
  await page.waitForTimeout(BELIEVED_MS);
  await lookUntil(page, ".failure p");
  return {
    title: await textOf(page, ".failure h2"),
    said: await textOf(page, ".failure p"),
    way: await textOf(page, ".failure .button"),
    rules: await brokenRules(page, "failure"),
  };
}

/** The slide stays in sight, and the page says how to go on. */
async function session(page) {
  await open(page);
  await page.context().clearCookies();
  await page.waitForTimeout(BELIEVED_MS);
  await lookUntil(page, ".notice a");
  return {
    said: await textOf(page, ".notice p"),
    failures: await page.locator(".failure").count(),
    rules: await brokenRules(page, "session over"),
  };
}
