/** Tokens, people and the audit trail: what an administrator does there, and a newcomer after it. */

import { readFileSync } from "node:fs";
import { openPage, signIn, textOf } from "./page.mjs";

export async function site(browser, given) {
  const { base } = given;
  const { page, faults } = await openPage(browser, base);
  await signIn(page, given);
  const seen = { token: await token(page, base), invited: await invited(page, base) };
  seen.trail = await trail(page, base);
  seen.renewed = await renewed(page, given);
  seen.faults = faults;
  await page.context().close();
  seen.newcomer = await newcomer(browser, base, seen.invited);
  return seen;
}

async function token(page, base) {
  await page.goto(`${base}/Admin/Tokens`);
  await page.click("text=New token");
  await page.fill("[name=name]", "walk");
  await page.check("[value=CanGetPixels]");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".secret input");
  const secret = await textOf(page, ".secret input");
  const ask = () =>
    page.evaluate(
      async ({ address, bearer }) =>
        (
          await fetch(address, {
            headers: { Authorization: `Bearer ${bearer}` },
            credentials: "omit",
          })
        ).status,
      { address: `${base}/Api/Studies`, bearer: secret },
    );
  const before = await ask();
  await page.reload();
  await page.waitForSelector(".table tbody tr");
  const isShownAgain = (await page.content()).includes(secret);
  await page.click("tr:has-text('walk') button");
  await page.waitForSelector("dialog.ask[open]");
  const focused = await page.evaluate(() => document.activeElement.textContent);
  await page.click("dialog.ask .danger");
  await page.waitForSelector("tr[data-off=true]:has-text('walk')");
  return { secret, before, isShownAgain, focused };
}

async function invited(page, base) {
  await page.goto(`${base}/Admin/Users`);
  await page.fill("[name=email]", "newcomer@example.org");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".secret input");
  const link = await textOf(page, ".secret input");
  const row = await textOf(page, "tr:has-text('newcomer')");
  return { link, row };
}

async function trail(page, base) {
  await page.goto(`${base}/Admin/Audit?deed=user.invite`);
  await page.waitForSelector(".trail tbody tr");
  return page.$$eval(".trail tbody tr", (rows) => rows.map((row) => row.textContent));
}

/** Give the page a project as QuPath keeps it, and read what it gives back. */
async function renewed(page, { base, slideId }) {
  await page.goto(`${base}/Studies/RenewProject`);
  const uri = `${base}/i/${slideId}/LastYearsLink/SlideScoreMetadata.json`;
  const project = JSON.stringify({ version: "0.5.1", images: [{ serverBuilder: { uri } }] });
  const buffer = Buffer.from(project);
  await page.setInputFiles("input[type=file]", {
    name: "project.qpproj",
    mimeType: "application/json",
    buffer,
  });
  await page.waitForSelector(".said");
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(".said a")]);
  const saved = readFileSync(await download.path(), "utf8");
  return { said: await textOf(page, ".said"), saved, project };
}

async function newcomer(browser, base, { link }) {
  const { page, faults } = await openPage(browser, base);
  await page.goto(link);
  const lead = await textOf(page, ".lead");
  await page.fill("#password", "Glass-and-1-slide");
  await Promise.all([page.waitForURL(`${base}/`), page.keyboard.press("Enter")]);
  await page.waitForSelector(".empty h1");
  await page.goto(`${base}/Admin/Users`);
  await page.waitForSelector(".empty h1");
  const refusal = await textOf(page, ".empty h1");
  await page.context().close();
  return { lead, refusal, faults };
}
