/** An upload that stopped in one browser goes on in another, with the same file and no other. */

import { readFileSync } from "node:fs";
import { brokenRules, openPage, signIn, textOf } from "./page.mjs";
import { drop } from "./steps.mjs";

const NAME = "stopped.tif";

export async function resuming(browser, given, studyId) {
  const body = readFileSync(given.slides[0]);
  await stopped(browser, given, studyId, body);
  const { page, faults } = await openPage(browser, given.base);
  await signIn(page, given);
  await page.goto(`${given.base}/Uploads`);
  const row = `.uploads-table tr:has-text("${NAME}")`;
  await page.waitForSelector(`${row} .bar`);
  const seen = {
    before: await textOf(page, `${row} .number`),
    by: await textOf(page, `${row} td.aside`),
  };
  const other = Buffer.from(body);
  other[10] ^= 255;
  const refusal = async (name, buffer) => {
    await page.setInputFiles(`${row} input[type=file]`, { name, mimeType: "image/tiff", buffer });
    await page.waitForSelector('.banner[data-kind="bad"]');
    return textOf(page, '.banner[data-kind="bad"]');
  };
  seen.shorter = await refusal(NAME, body.subarray(1));
  seen.rules = await brokenRules(page, "resuming");
  await page.screenshot({ path: `${given.pictures}/edit-resuming.png` });
  await page.reload();
  await page.waitForSelector(`${row} .bar`);
  seen.others = await refusal(NAME, other);
  const [patch] = await Promise.all([
    page.waitForRequest((request) => request.method() === "PATCH"),
    drop(page, [{ name: NAME, body }]),
  ]);
  seen.offset = Number(patch.headers()["upload-offset"]);
  seen.half = half(body);
  await page.waitForSelector(`${row}:has-text("In the study")`, { timeout: 40_000 });
  seen.faults = faults;
  await page.context().close();
  return seen;
}

const half = (body) => Math.floor(body.length / 2);

/** Begin an upload as the page does, and leave when half of it is there. */
async function stopped(browser, given, studyId, body) {
  const { page } = await openPage(browser, given.base);
  await signIn(page, given);
  await page.route("**/files/*", (route) =>
    route.request().method() === "PATCH" ? route.abort() : route.continue(),
  );
  await page.goto(`${given.base}/Study/Edit?studyId=${studyId}&tab=slides`);
  await page.waitForSelector(".drop-zone");
  const [begun] = await Promise.all([
    page.waitForResponse((response) => response.headers().location?.includes("/files/")),
    drop(page, [{ name: NAME, body }]),
  ]);
  await page.request.patch(new URL(begun.headers().location, given.base).href, {
    headers: {
      "Tus-Resumable": "1.0.0",
      "Upload-Offset": "0",
      "Content-Type": "application/offset+octet-stream",
      Origin: given.base,
    },
    data: body.subarray(0, half(body)),
  });
  await page.context().close();
}
