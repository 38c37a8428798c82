/** What is shown to those who may not look, whose session is over, or who hold a link. */

import { openPage, signIn, textOf, untilSharp } from "./page.mjs";

export async function guards(browser, given) {
  return {
    stranger: await stranger(browser, given),
    over: await sessionOver(browser, given),
    link: await linked(browser, given),
    missing: await missing(browser, given),
  };
}

async function stranger(browser, { base, readerEmail, readerPassword, slideId, studyId }) {
  const { page } = await openPage(browser, base);
  await signIn(page, { base, email: readerEmail, password: readerPassword });
  await page.waitForSelector(".empty h1");
  const empty = await textOf(page, ".empty h1");
  await page.goto(`${base}/Image/Details?imageId=${slideId}&studyId=${studyId}`);
  await page.waitForSelector(".failure h2");
  const seen = { empty, sentence: await textOf(page, ".failure p"), body: await page.content() };
  await page.context().close();
  return seen;
}

async function sessionOver(browser, given) {
  const { base, slideId, studyId } = given;
  const { page } = await openPage(browser, base);
  await signIn(page, given);
  await page.goto(`${base}/Image/Details?imageId=${slideId}&studyId=${studyId}`);
  await untilSharp(page);
  await page.context().clearCookies();
  await page.keyboard.press("z");
  await page.keyboard.press("6");
  await page.waitForSelector(".notice");
  const seen = {
    notice: await textOf(page, ".notice p"),
    isSlideKept: await page.isVisible(".navigator canvas"),
    state: await page.getAttribute(".sharpness", "data-state"),
  };
  await page.click(".notice a");
  await page.fill("#email", given.email);
  await page.fill("#password", given.password);
  await page.click("button[type=submit]");
  await untilSharp(page);
  seen.backAt = page.url();
  await page.context().close();
  return seen;
}

async function linked(browser, { base, link }) {
  const { page, faults } = await openPage(browser, base);
  await page.goto(base + link);
  await untilSharp(page);
  const seen = { name: await textOf(page, ".where .name"), facts: await textOf(page, ".facts dl") };
  seen.hasWayBack = await page.isVisible("a.back");
  seen.faults = faults;
  await page.context().close();
  return seen;
}

async function missing(browser, given) {
  const { page } = await openPage(browser, given.base);
  await signIn(page, given);
  await page.goto(`${given.base}/Image/Details?imageId=999999&studyId=${given.studyId}`);
  await page.waitForSelector(".failure p");
  const sentence = await textOf(page, ".failure p");
  await page.context().close();
  return { sentence };
}
