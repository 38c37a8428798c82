/** Signing in and out, and the list of studies between. */

import { openPage, textOf } from "./page.mjs";

export async function account(browser, given) {
  const { base, email, password } = given;
  const { page, faults } = await openPage(browser, base);
  const seen = {};

  await page.goto(`${base}/?q=sample`);
  seen.sentToLogin = page.url();
  await page.fill("#email", email);
  await page.fill("#password", "Wrong-password-1");
  await Promise.all([page.waitForNavigation(), page.click("button[type=submit]")]);
  seen.refusal = await textOf(page, "#problem");
  seen.keptEmail = await textOf(page, "#email");
  seen.refusalFaults = faults.splice(0);

  await page.fill("#password", password);
  await page.click(".secret button");
  seen.shownPassword = await page.getAttribute("#password", "type");
  await page.click("button[type=submit]");
  await page.waitForSelector("tr.study");
  seen.wentTo = page.url();
  seen.labels = await page.$$eval("tr.study .label", (links) => links.map((a) => a.textContent));
  seen.sessionCookie = (await page.context().cookies()).find(
    (cookie) => cookie.name === "coverslip_session",
  );

  await page.waitForSelector("tr.study .thumb img");
  seen.slideCount = await textOf(page, "td.slides");
  await page.keyboard.press("/");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("zzz");
  seen.noHit = await textOf(page, ".studies .empty h2");
  await page.keyboard.press("Escape");
  seen.afterClear = await page.$$eval("tr.study", (rows) => rows.length);

  await page.click("tr.study .label");
  await page.click(".study-acts .primary");
  await page.waitForSelector('.sharpness[data-state="sharp"]', { timeout: 20_000 });
  seen.opened = page.url();
  await page.click("a.back");
  await page.waitForSelector(".continue");
  seen.continue = await textOf(page, ".continue p");

  await page.click(".avatar");
  await Promise.all([page.waitForURL(/Login/), page.click("#person-menu button")]);
  await page.goto(`${base}/`);
  seen.afterSignOut = page.url();
  seen.faults = faults;
  await page.context().close();
  return seen;
}
