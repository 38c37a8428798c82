import { afterEach, expect, test, vi } from "vitest";
import { ask, Failure, fetchBlob, SESSION_OVER } from "./http";

afterEach(() => vi.unstubAllGlobals());

const reply = (body: string, status = 200, type = "application/json") =>
  new Response(body, { status, headers: { "Content-Type": type } });

/** Answer the Api with one reply, and the question for the session with another. */
function serve(api: () => Response, session = 200): string[] {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (url: string) => {
    asked.push(url);
    return url.endsWith("/Account/Session") ? reply("{}", session) : api();
  });
  return asked;
}

async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const error = await promise.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(Failure);
  return error as Failure;
}

test("a call is a path under the server's prefix, its parameters a query", async () => {
  const asked = serve(() => reply("[1]"));

  await expect(ask("Images", { studyId: 3 })).resolves.toEqual([1]);
  expect(asked).toEqual(["/prefix/Api/Images?studyId=3"]);
});

test("a failure told inside a 200 is one, with its reason", async () => {
  serve(() => reply('{"success": false, "log": "ends early", "error": "ends early"}'));

  expect(await failureOf(ask("GetImageMetadata"))).toMatchObject({
    kind: "refused",
    message: "ends early",
  });
});

test("401 is a missing right while the session holds", async () => {
  serve(() => reply('{"error": "you may not see study 3"}', 401), 200);

  expect((await failureOf(ask("Images"))).kind).toBe("rights");
});

test("401 without a session says that it is over, to the whole page", async () => {
  const told = vi.fn();
  window.addEventListener(SESSION_OVER, told, { once: true });
  serve(() => reply("{}", 401), 401);

  expect((await failureOf(ask("Images"))).kind).toBe("session");
  expect(told).toHaveBeenCalledOnce();
});

test("refusals that come together ask for the session once", async () => {
  const asked = serve(() => reply("{}", 401), 401);

  await Promise.all([failureOf(ask("Images")), failureOf(ask("Studies")), failureOf(ask("Cases"))]);

  expect(asked.filter((url) => url.endsWith("/Account/Session"))).toHaveLength(1);
});

test.each([
  [404, "missing"],
  [422, "refused"],
  [500, "server"],
  [503, "server"],
])("status %i is a failure of the kind %s", async (status, kind) => {
  serve(() => reply('{"error": "why"}', status));

  expect(await failureOf(ask("Images"))).toMatchObject({ kind, status, message: "why" });
});

test("the reason of a plain reply is its first line; a page of HTML is none", async () => {
  serve(() => reply("this link has expired\n", 503, "text/plain; charset=utf-8"));
  expect((await failureOf(fetchBlob("/i/0/x/thumbnail.jpeg"))).message).toBe(
    "this link has expired",
  );

  serve(() => reply("<html>502</html>", 502, "text/html"));
  expect((await failureOf(ask("Images"))).message).toBe("");
});

test("no connection is a failure of the network", async () => {
  vi.stubGlobal("fetch", async () => {
    throw new TypeError("Failed to fetch");
  });

  expect((await failureOf(ask("Images"))).kind).toBe("network");
});

test("a request given up is not a failure", async () => {
  vi.stubGlobal("fetch", async () => {
    throw new DOMException("given up", "AbortError");
  });

  await expect(fetchBlob("/i/1/x")).rejects.toMatchObject({ name: "AbortError" });
});

test("a reply that is no JSON is a failure of the server", async () => {
  serve(() => reply("<html>"));

  expect((await failureOf(ask("Images"))).kind).toBe("server");
});
