import { afterEach, describe, expect, test, vi } from "vitest";
import { Failure } from "./http";
import { parseFacts, TileGrants, thumbnailUrl, tilePath } from "./pixels";

afterEach(() => vi.unstubAllGlobals());

const metadata = {
  osdTileSize: 256,
  mppX: 0.25,
  objectivePower: 40,
  backgroundColor: "#f4f2f4",
  level0Width: 6000,
  level0Height: 4500,
  levelWidths: [6000, 1500],
  levelHeights: [4500, 1125],
  downsamples: [1, 4],
  fileName: "S26-0001-HE",
  associatedImages: ["label", "macro"],
};

describe("facts", () => {
  test("a slide's metadata is read", () => {
    expect(parseFacts(metadata)).toEqual({
      name: "S26-0001-HE",
      width: 6000,
      height: 4500,
      tileSize: 256,
      maxLevel: 13,
      mpp: 0.25,
      doubtfulMpp: null,
      objectivePower: 40,
      background: "#f4f2f4",
      levels: [
        { width: 6000, height: 4500, downsample: 1 },
        { width: 1500, height: 1125, downsample: 4 },
      ],
      pictures: ["label", "macro"],
    });
  });

  test("a slide whose further pictures are not told has none", () => {
    expect(parseFacts({ ...metadata, associatedImages: null }).pictures).toEqual([]);
  });

  test.each([264.62, 1000, 10000, 0.001])("%f µm/px is shown but never measured by", (mppX) => {
    const facts = parseFacts({ ...metadata, mppX });

    expect(facts.mpp).toBeNull();
    expect(facts.doubtfulMpp).toBe(mppX);
  });

  test.each([null, 0])("%j stands for a resolution that is not stated", (mppX) => {
    const facts = parseFacts({ ...metadata, mppX });

    expect([facts.mpp, facts.doubtfulMpp]).toEqual([null, null]);
  });

  test("a colour that is none is left to the picture's edge", () => {
    expect(parseFacts({ ...metadata, backgroundColor: "red;}" }).background).toBeNull();
    expect(parseFacts({ ...metadata, backgroundColor: "FFFFFF" }).background).toBe("#FFFFFF");
  });

  test.each([null, {}, { ...metadata, level0Width: 0 }, { ...metadata, osdTileSize: "256" }])(
    "a reply without sizes is a failure of the server",
    (reply) => {
      expect(() => parseFacts(reply)).toThrow(Failure);
    },
  );

  test("a single pixel has one level", () => {
    expect(parseFacts({ ...metadata, level0Width: 1, level0Height: 1 }).maxLevel).toBe(0);
  });
});

describe("addresses", () => {
  const grant = { base: "/i/7/abc", cookiePart: "c" };

  test("a tile lies at level, column and row", () => {
    expect(tilePath(grant, 12, 3, 4)).toBe("/i/7/abc/i_files/12/3_4.jpeg");
    const inSrgb = tilePath({ ...grant, inSrgb: true }, 12, 3, 4);
    expect(inSrgb).toBe("/i/7/abc/i_files/12/3_4.jpeg?icc=srgb");
  });

  test("pictures for the page itself lie under the server's path prefix", () => {
    expect(thumbnailUrl(grant)).toBe("/prefix/i/7/abc/thumbnail.jpeg?size=256");
  });
});

describe("rights to tiles", () => {
  /** A server that gives every request without a cookie a new one, as ours does. */
  function serve() {
    const asked: string[] = [];
    const state = { cookie: "first", isHeld: false, made: 0 };
    vi.stubGlobal("fetch", async (url: string) => {
      asked.push(url);
      const isFresh = !state.isHeld;
      await Promise.resolve();
      if (isFresh) {
        state.made += 1;
        state.cookie = `cookie${state.made}`;
        state.isHeld = true;
      }
      const id = new URL(url, "http://host").searchParams.get("imageId");
      const reply = { cookiePart: state.cookie, urlPart: `${id}-${state.cookie}`, expiresOn: "" };
      return new Response(JSON.stringify(reply), { status: 200 });
    });
    return { asked, state };
  }

  test("slides asked for at once share one cookie", async () => {
    const { state } = serve();
    const grants = new TileGrants();

    const found = await Promise.all([1, 2, 3].map((id) => grants.of(id)));

    expect(state.made).toBe(1);
    expect(found.map((grant) => grant.base)).toEqual([
      "/i/1/1-cookie1",
      "/i/2/2-cookie1",
      "/i/3/3-cookie1",
    ]);
  });

  test("a right is asked for once", async () => {
    const { asked } = serve();
    const grants = new TileGrants();

    await grants.of(1);
    await Promise.all([grants.of(1), grants.of(1)]);

    expect(asked).toHaveLength(1);
  });

  test("after a right lapsed every slide gets a new one, under one new cookie", async () => {
    const { state } = serve();
    const grants = new TileGrants();
    const [one] = await Promise.all([grants.of(1), grants.of(2)]);
    state.isHeld = false;

    grants.drop(one);
    const renewed = await Promise.all([grants.of(2), grants.of(1)]);

    expect(state.made).toBe(2);
    expect(renewed.map((grant) => grant.base)).toEqual(["/i/2/2-cookie2", "/i/1/1-cookie2"]);
  });

  test("tiles that fail together renew the right together", async () => {
    const { asked, state } = serve();
    const grants = new TileGrants();
    const lapsed = await grants.of(1);
    state.isHeld = false;

    const renewed = await Promise.all(
      [1, 2, 3, 4].map(() => {
        grants.drop(lapsed);
        return grants.of(1);
      }),
    );

    expect(new Set(renewed.map((grant) => grant.base))).toEqual(new Set(["/i/1/1-cookie2"]));
    expect(asked).toHaveLength(2);
  });

  test("a refusal is not kept", async () => {
    const grants = new TileGrants();
    vi.stubGlobal("fetch", async () => new Response("{}", { status: 500 }));
    await expect(grants.of(1)).rejects.toThrow(Failure);

    serve();

    await expect(grants.of(1)).resolves.toMatchObject({ base: "/i/1/1-cookie1" });
  });
});
