import { describe, expect, test } from "vitest";
import { Failure, type Json } from "../api/http";
import { eventLine, Recording } from "./recorder";
import type { Look } from "./slideview";

const look = (x: number): Look => ({
  view: { x, y: 300, width: 200, rotation: 0 },
  zoom: 0.5,
  window: { width: 100, height: 80 },
});

function recording(answer: (form: Record<string, string>) => Json) {
  const sent: Record<string, string>[] = [];
  const post = async (name: string, form: Record<string, string>) => {
    sent.push({ name, ...form });
    return answer(form);
  };
  return { sent, made: new Recording(7, 1000, post) };
}

describe("an event", () => {
  test("tells what is seen and where the cursor is, in level-0 pixels", () => {
    expect(eventLine(1250.4, look(500), { x: 410.6, y: 9 })).toBe(
      "1250\t400\t220\t200\t160\t411\t9",
    );
  });

  test("has the middle for a cursor that is elsewhere", () => {
    expect(eventLine(0, look(500), null).split("\t").slice(5)).toEqual(["500", "300"]);
  });
});

describe("a recording", () => {
  test("is sent in batches of one session, and what is seen longer is told once", async () => {
    const { sent, made } = recording(() => ({ success: true, sessionId: 3 }));
    made.note(1000, look(500), null);
    made.note(1250, look(500), null);
    await made.send();
    made.note(1500, look(600), null);
    made.end(1900, look(600), null);
    await made.send();

    expect(sent.map((batch) => [batch.sessionId, batch.batch])).toEqual([
      [undefined, "0"],
      ["3", "1"],
    ]);
    expect(
      sent.map((batch) => batch.events?.split("\n").map((line) => line.split("\t")[0])),
    ).toEqual([["0"], ["500", "900"]]);
    expect(made.isOver).toBe(true);
  });

  test("sends the same batch again until it arrives", async () => {
    let isThere = false;
    const { sent, made } = recording(() => {
      if (!isThere) throw new Failure("network", "");
      return { sessionId: 3 };
    });
    made.note(1000, look(500), null);
    await made.send();
    made.note(1250, look(600), null);
    isThere = true;
    await made.send();

    expect(sent[1]).toEqual(sent[0]);
    expect(made.isOver).toBe(false);
  });

  test("stops where the server refuses it", async () => {
    const { sent, made } = recording(() => {
      throw new Failure("refused", "");
    });
    made.note(1000, look(500), null);
    await made.send();
    await made.send();

    expect(sent).toHaveLength(1);
    expect(made.isOver).toBe(true);
  });
});
