/** What people do on several pages: drop files, press keys, wait for what is saved. */

import { createInterface } from "node:readline";

/** Drop files on the page, as from a folder of the desktop; each has a name and a body. */
export async function drop(page, files) {
  const data = await page.evaluateHandle(
    (given) => {
      const transfer = new DataTransfer();
      for (const { name, base64 } of given) {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        transfer.items.add(new File([bytes], name, { lastModified: 1_700_000_000_000 }));
      }
      return transfer;
    },
    files.map(({ name, body }) => ({ name, base64: Buffer.from(body).toString("base64") })),
  );
  await page.dispatchEvent(".drop-zone", "dragover", { dataTransfer: data });
  await page.dispatchEvent(".drop-zone", "drop", { dataTransfer: data });
}

export async function press(page, ...keys) {
  for (const key of keys) await page.keyboard.press(key);
}

export function saved(page) {
  return page.waitForSelector('.save-state[data-state="saved"]', { timeout: 60_000 });
}

/** Wait until nothing waits to be sent, which a quick look may not tell. */
export async function allSent(page) {
  await page.waitForTimeout(400);
  await saved(page);
}

/** Speaks to whoever keeps the server: `kill` or `start`, answered by a line; `close` ends that. */
export function keeper() {
  const reader = createInterface({ input: process.stdin });
  const lines = reader[Symbol.asyncIterator]();
  const tell = async (word) => {
    process.stdout.write(`${word}\n`);
    await lines.next();
  };
  // Without it the process would wait for a next line for ever.
  return Object.assign(tell, { close: () => reader.close() });
}

/**
 * Milliseconds from a key to the frame in which the active question shows it, for `rounds` times
 * the keys. The first question stays the active one.
 */
export async function keyLatency(page, keys, rounds) {
  await page.evaluate(() => {
    if (window.waits) return;
    window.waits = [];
    window.addEventListener(
      "keydown",
      () => {
        const began = performance.now();
        const before = document.querySelector(".questions").innerHTML;
        const look = () => {
          if (document.querySelector(".questions").innerHTML === before)
            requestAnimationFrame(look);
          else window.waits.push(performance.now() - began);
        };
        requestAnimationFrame(look);
      },
      { capture: true },
    );
  });
  for (let turn = 0; turn < rounds; turn += 1) {
    await page.click(".question:first-child h2");
    for (const key of keys) {
      await press(page, key);
      await page.waitForTimeout(20);
      await press(page, "ArrowUp");
      await page.waitForTimeout(20);
    }
  }
  return page.evaluate(() => window.waits.splice(0));
}
