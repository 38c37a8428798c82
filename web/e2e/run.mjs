/**
 * Looks at the pages of a running server as a person would, and prints what it saw as JSON.
 *
 * `node e2e/run.mjs '<JSON>'` with base, email, password, readerEmail, readerPassword, slideId,
 * gradientId, studyId, link, chromium and pictures (a folder for screenshots).
 */

import { account } from "./account.mjs";
import { guards } from "./guards.mjs";
import { launch } from "./page.mjs";
import { pictures } from "./pictures.mjs";
import { site } from "./site.mjs";
import { viewer } from "./viewer.mjs";

const given = JSON.parse(process.argv[2]);
const browser = await launch(given.chromium);
try {
  const seen = {
    account: await account(browser, given),
    viewer: await viewer(browser, given),
    guards: await guards(browser, given),
    site: await site(browser, given),
    pictures: await pictures(browser, given),
  };
  process.stdout.write(`${JSON.stringify(seen)}\n`);
} finally {
  await browser.close();
}
