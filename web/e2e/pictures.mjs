/** Every page at the sizes people use: its picture, what sticks out, and what is out of reach. */

import { brokenRules, openPage, settledText, signIn, untilSharp } from "./page.mjs";

const SIZES = [
  { width: 1440, height: 900 },
  { width: 1280, height: 800 },
  { width: 1024, height: 768, touch: true },
  { width: 834, height: 1112, touch: true },
];

export async function pictures(browser, given) {
  const overflows = [];
  const rules = [];
  for (const size of SIZES) {
    for (const colorScheme of ["light", "dark"]) {
      const { page } = await openPage(browser, given.base, {
        viewport: { width: size.width, height: size.height },
        hasTouch: size.touch ?? false,
        colorScheme,
      });
      const take = async (name) => {
        const file = `${name}-${colorScheme}-${size.width}.png`;
        await page.screenshot({ path: `${given.pictures}/${file}` });
        const { scrollWidth, clientWidth } = await page.evaluate(() => document.documentElement);
        if (scrollWidth > clientWidth) overflows.push(file);
        if (size === SIZES[0]) rules.push(...(await brokenRules(page, file)));
      };
      await page.goto(`${given.base}/Account/Login`);
      await take("login");
      await page.goto(`${given.base}/Account/Forgot`);
      await take("forgot");
      await signIn(page, given);
      await page.waitForSelector("tr.study .thumb img");
      await take("home");
      await page.click(".avatar");
      await take("person");
      await page.keyboard.press("Escape");
      await page.fill(".search input", "zzz");
      await take("search");
      await takePages(page, given, take);
      if (colorScheme === "dark") await takeViewer(page, given, take);
      await page.context().close();
    }
  }
  return { overflows, rules };
}

async function takePages(page, { base, studyId }, take) {
  await page.goto(`${base}/Study/Details?studyId=${studyId}`);
  await page.waitForSelector(".slide-card .thumb img");
  await take("study");
  await page.goto(`${base}/Account/Preferences`);
  await page.waitForSelector(".own-sessions li");
  await take("preferences");
  await page.goto(`${base}/Admin/CreateToken`);
  await page.waitForSelector(".new-token");
  await take("token-new");
  await page.goto(`${base}/Admin/Users`);
  await page.waitForSelector(".table tbody tr");
  await take("people");
  await page.goto(`${base}/Admin/Audit`);
  await page.waitForSelector(".trail tbody tr");
  await take("audit");
}

async function takeViewer(page, { base, slideId, studyId }, take) {
  await page.goto(`${base}/Image/Details?imageId=${slideId}&studyId=${studyId}`);
  await untilSharp(page);
  await take("viewer-fit");
  await page.keyboard.press("z");
  await page.keyboard.press("5");
  await settledText(page, ".exact, .angle");
  await untilSharp(page);
  await take("viewer-20x");
  await page.click("#tab-list");
  await page.keyboard.press("u");
  await take("viewer-list");
  await page.keyboard.press("?");
  await page.waitForSelector("dialog.key-sheet[open]");
  await take("viewer-keys");
  await page.keyboard.press("Escape");
  await page.goto(`${base}/Image/Details?imageId=999999&studyId=${studyId}`);
  await page.waitForSelector(".failure p");
  await take("viewer-missing");
}
