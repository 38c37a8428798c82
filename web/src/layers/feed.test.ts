import { describe, expect, it } from "vitest";
import { Feed, levelFor, type Piece } from "./feed";

const piece = (left: number, right: number, level = 9): Piece => ({
  box: { left, top: 0, right, bottom: 100 },
  level,
});

/** A server whose replies are let go by hand. */
function server() {
  const asked: Piece[] = [];
  const waiting: ((bytes: ArrayBuffer) => void)[] = [];
  const given: number[] = [];
  const feed = new Feed(
    (wanted) => {
      asked.push(wanted);
      return new Promise((resolve) => waiting.push(resolve));
    },
    (bytes) => given.push(bytes.byteLength),
  );
  const reply = async (size: number) => {
    waiting.shift()?.(new ArrayBuffer(size));
    await new Promise((done) => setTimeout(done));
  };
  return { feed, asked, given, reply };
}

describe("the supply of a layer", () => {
  it("asks nothing while what is seen is here", async () => {
    const { feed, asked, given, reply } = server();
    feed.want(piece(40, 60), piece(0, 100));
    await reply(1);
    feed.want(piece(50, 70), piece(10, 110));
    expect([asked.length, given]).toEqual([1, [1]]);
    feed.want(piece(50, 70, 10), piece(10, 110, 10));
    expect(asked.length).toBe(2);
  });

  it("asks for the newest view alone when several passed meanwhile", async () => {
    const { feed, asked, reply } = server();
    feed.want(piece(0, 10), piece(0, 20));
    for (const at of [100, 200, 300]) feed.want(piece(at, at + 10), piece(at, at + 20));
    await reply(1);
    expect(asked.map(({ box }) => box.left)).toEqual([0, 300]);
  });

  it("gives nothing once it has ended", async () => {
    const { feed, given, reply } = server();
    feed.want(piece(0, 10), piece(0, 20));
    feed.end();
    await reply(1);
    expect(given).toEqual([]);
  });

  it("asks at about the zoom of the screen", () => {
    expect(levelFor(1, 1, 13)).toBe(13);
    expect(levelFor(4, 2, 13)).toBe(13);
    expect(levelFor(0.25, 1, 13)).toBe(11);
    expect(levelFor(0.25, 2, 13)).toBe(12);
    expect(levelFor(1e-9, 1, 13)).toBe(0);
  });
});
