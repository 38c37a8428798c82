import { describe, expect, test } from "vitest";
import { drawingKeys } from "../drawing/keysheet";
import { commandOf, type KeyPress, keySheet, objectiveOf } from "./keys";

const press = (code: string, key = "", change: Partial<KeyPress> = {}): KeyPress => ({
  code,
  key,
  shiftKey: false,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  ...change,
});

describe("keys", () => {
  test("letters are places: the key left of S pans on every layout", () => {
    expect(commandOf(press("KeyA", "a"))).toBe("panLeft");
    expect(commandOf(press("KeyA", "q"))).toBe("panLeft");
    expect(commandOf(press("KeyA", "ф"))).toBe("panLeft");
  });

  test("shift makes another command of the same key", () => {
    expect(commandOf(press("KeyU", "u"))).toBe("rotateRight");
    expect(commandOf(press("KeyU", "U", { shiftKey: true }))).toBe("rotateLeft");
    expect(commandOf(press("Home", "Home", { shiftKey: true }))).toBe("rotateReset");
  });

  test("signs are found wherever a layout has them", () => {
    expect(commandOf(press("Minus", "?", { shiftKey: true }))).toBe("help");
    expect(commandOf(press("Equal", "+", { shiftKey: true }))).toBe("zoomIn");
    expect(commandOf(press("BracketRight", "+"))).toBe("zoomIn");
    expect(commandOf(press("Slash", "-"))).toBe("zoomOut");
  });

  test.each(["ctrlKey", "altKey", "metaKey"] as const)(
    "with %s a key belongs to the browser",
    (held) => {
      expect(commandOf(press("KeyW", "w", { [held]: true }))).toBeNull();
      expect(commandOf(press("Equal", "+", { [held]: true }))).toBeNull();
    },
  );

  test("digits alone stay free for answers", () => {
    for (let digit = 0; digit <= 9; digit += 1) {
      expect(commandOf(press(`Digit${digit}`, String(digit)))).toBeNull();
    }
  });

  test("after Z the digits 1 to 7 name the stops", () => {
    expect(objectiveOf(press("Digit1", "1"))).toBe(0);
    expect(objectiveOf(press("Digit7", "&"))).toBe(6);
    expect(objectiveOf(press("Numpad5", "5"))).toBe(4);
    expect(objectiveOf(press("Digit8", "8"))).toBeNull();
    expect(objectiveOf(press("KeyW", "w"))).toBeNull();
  });

  test("every single letter of the sheet does something", () => {
    // Keys of the drawing tools are theirs to know.
    const ours = keySheet().filter(({ title }) => title !== drawingKeys().title);
    const caps = ours.flatMap((group) => group.lines.flatMap((line) => line.caps));
    // X answers, and so belongs to the sheet of questions.
    const letters = caps.filter((cap) => /^⇧?[A-Z]$/.test(cap) && !cap.endsWith("X"));

    expect(letters.length).toBeGreaterThan(10);
    for (const cap of letters) {
      const letter = cap.replace("⇧", "");
      expect(
        commandOf(press(`Key${letter}`, letter, { shiftKey: cap.startsWith("⇧") })),
        cap,
      ).not.toBeNull();
    }
  });
});
