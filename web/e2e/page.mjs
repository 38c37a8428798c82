/** A browser page that keeps note of everything a page must not do. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

// What Chromium says of its software renderer, and of our own look at each frame.
const RENDERER =
  /GL Driver Message|GroupMarkerNotSet|Automatic fallback to software WebGL|Multiple readback/;

export function launch(executablePath) {
  return chromium.launch({ executablePath, args: ARGUMENTS });
}

/**
 * Open a page in a context of its own; `faults` collects console errors, uncaught errors, policy
 * violations, unexpected statuses and requests to other hosts.
 */
export async function openPage(browser, base, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    permissions: ["clipboard-read", "clipboard-write"],
    ...options,
  });
  const page = await context.newPage();
  const faults = [];
  const note = (kind, text) => faults.push(`${kind}: ${text}`);
  await page.exposeFunction("noteViolation", (text) => note("policy", text));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) =>
      window.noteViolation(`${event.violatedDirective} ${event.blockedURI}`),
    );
  });
  page.on("console", (message) => {
    const isLoud = ["error", "warning"].includes(message.type());
    if (isLoud && !RENDERER.test(message.text())) note("console", message.text());
  });
  page.on("pageerror", (error) => note("uncaught", error.message));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(base) && !/^(blob|data):/.test(url)) note("foreign", url);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) note("status", `${response.status()} ${response.url()}`);
  });
  return { page, faults };
}

export async function signIn(page, { base, email, password }) {
  await page.goto(`${base}/Account/Login`);
  await page.fill("#email", email);
  await page.fill("#password", password);
  await page.click("button[type=submit]");
  await page.waitForURL(`${base}/`);
}

/** Wait until every tile in view is at full detail. */
export async function untilSharp(page) {
  // Two frames: the first in which the change is drawn, and the one that counts its tiles.
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
  );
  await page.waitForSelector('.sharpness[data-state="sharp"]', { timeout: 20_000 });
}

/** Wait until a text has stayed the same for a while, as springs and timers settle. */
export async function settledText(page, selector) {
  return settled(() => textOf(page, selector));
}

/** The view in the address, as numbers, once the address has taken note of it. */
export async function viewOf(page) {
  const read = () => new URL(page.url()).searchParams.get("view");
  return (await settled(read)).split(",").map(Number);
}

/** The view in the address after an act, once it is another one. */
export async function viewAfter(page, act) {
  const before = (await viewOf(page)).join(",");
  await act();
  await page.waitForFunction(
    (view) => new URLSearchParams(location.search).get("view") !== view,
    before,
  );
  return viewOf(page);
}

async function settled(read) {
  let [before, since] = [null, Date.now()];
  const end = since + 20_000;
  while (Date.now() < end) {
    const now = await read();
    if (now !== before) [before, since] = [now, Date.now()];
    // Longer than the address waits before it takes note of a view.
    else if (now !== null && Date.now() - since > 450) return now;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`this does not settle: ${before}`);
}

export async function textOf(page, selector) {
  return page.$eval(selector, (element) =>
    element instanceof HTMLInputElement ? element.value : element.textContent.trim(),
  );
}

/** The rules of accessibility that a page breaks now, each with where. */
export async function brokenRules(page, name) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document));
  return violations.map(({ id, nodes }) => `${name}: ${id} at ${nodes.map((node) => node.target)}`);
}
