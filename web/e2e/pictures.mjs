/** Pictures of every page at the sizes people use, and whether anything sticks out of the window. */

import { openPage, settledText, signIn, untilSharp } from "./page.mjs";

const SIZES = [
  { width: 1440, height: 900 },
  { width: 1280, height: 800 },
  { width: 1024, height: 768, touch: true },
  { width: 834, height: 1112, touch: true },
];

export async function pictures(browser, given) {
  const overflows = [];
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
      };
      await page.goto(`${given.base}/Account/Login`);
      await take("login");
      await signIn(page, given);
      await page.waitForSelector("tr.study .thumb img");
      await take("home");
      if (colorScheme === "dark") await takeViewer(page, given, take);
      await page.context().close();
    }
  }
  return { overflows };
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
}
