import { expect, test } from "vitest";
import { fingerprintOf } from "./fingerprint";

const MIB = 1024 * 1024;
const file = (at: number, byte: number, size = 3 * MIB) => {
  const bytes = new Uint8Array(size);
  bytes[at] = byte;
  return new Blob([bytes]);
};

test("files of one length differ by either end, and by their length", async () => {
  const of = await fingerprintOf(file(0, 1));

  expect(of).toMatch(/^[0-9a-f]{64}$/);
  expect(await fingerprintOf(file(0, 1))).toBe(of);
  expect(await fingerprintOf(file(5, 1))).not.toBe(of);
  expect(await fingerprintOf(file(3 * MIB - 1, 1))).not.toBe(of);
  expect(await fingerprintOf(file(0, 1, 3 * MIB + 1))).not.toBe(of);
});
