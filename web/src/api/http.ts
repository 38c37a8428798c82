/** The only way to the server: calls of its documented Api, and bytes of its tiles. */

/** What a failure means to the person who waits; `session` and `rights` are both HTTP 401. */
export type FailureKind = "session" | "rights" | "missing" | "refused" | "server" | "network";

/** A call that did not succeed, with the server's own sentence about it. */
export class Failure extends Error {
  constructor(
    readonly kind: FailureKind,
    message: string,
    readonly status = 0,
  ) {
    super(message);
    this.name = "Failure";
  }
}

/** Raised on the window when the server no longer knows who asks, whatever was asked. */
export const SESSION_OVER = "coverslip-session-over";

/** The path prefix under which a proxy shows the server, without a slash at its end. */
export const root: string = document.documentElement.dataset.root ?? "";

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type JsonObject = { [name: string]: Json };

/** Ask a reading call of the Api, such as `Studies`, and return its reply. */
export async function ask(name: string, parameters: Record<string, number | string> = {}) {
  const query = new URLSearchParams(
    Object.entries(parameters).map(([key, value]) => [key, String(value)]),
  );
  const tail = query.size > 0 ? `?${query}` : "";
  return readJson(await request(`${root}/Api/${name}${tail}`, {}));
}

/**
 * Make a writing call of the Api and return its status and reply; the status says what became of
 * it. The request is finished even when the page is left.
 */
export async function send(
  name: string,
  form: Record<string, string>,
): Promise<{ status: number; reply: Json }> {
  const body = new URLSearchParams(form);
  const response = await reach(`${root}/Api/${name}`, {
    method: "POST",
    body,
    // Browsers let requests of at most 64 KiB outlive their page.
    keepalive: String(body).length < 60_000,
  });
  // A missing right may be a session that is over: only the latter is worth another try.
  if (response.status === 401) {
    throw new Failure(await kindOf(401), await sentence(response), 401);
  }
  try {
    return { status: response.status, reply: (await response.json()) as Json };
  } catch {
    throw new Failure("server", "", response.status);
  }
}

/** Make a writing call of the Api and return its reply; what is refused is a `Failure`. */
export async function post(name: string, form: Record<string, string> = {}): Promise<Json> {
  const { status, reply } = await send(name, form);
  const isRefused = isObject(reply) && reply.success === false;
  if (status === 200 && !isRefused) return reply;
  const said = isObject(reply) ? text(reply.error) || text(reply.log) : "";
  throw new Failure(status === 200 ? "refused" : await kindOf(status), said, status);
}

/** Read a JSON document by its path under the server. */
export async function askPath(path: string): Promise<Json> {
  return readJson(await request(root + path, {}));
}

/** Fetch the bytes behind a path, as tiles are; a failure carries the HTTP status. */
export async function fetchBlob(path: string, signal?: AbortSignal): Promise<Blob> {
  const response = await request(root + path, signal ? { signal } : {});
  return response.blob();
}

async function reach(url: string, options: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { headers: { Accept: "application/json, image/*" }, ...options });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Failure("network", "");
  }
}

async function request(url: string, options: RequestInit): Promise<Response> {
  const response = await reach(url, options);
  if (response.ok) return response;
  const said = await sentence(response);
  throw new Failure(await kindOf(response.status), said, response.status);
}

async function readJson(response: Response): Promise<Json> {
  let reply: Json;
  try {
    reply = (await response.json()) as Json;
  } catch {
    throw new Failure("server", "", response.status);
  }
  // Most calls tell their failures inside a 200, for the clients that the wire was made for.
  if (isObject(reply) && reply.success === false) {
    throw new Failure("refused", text(reply.error) || text(reply.log), response.status);
  }
  return reply;
}

async function kindOf(status: number): Promise<FailureKind> {
  if (status === 401) {
    // A view's tiles are refused together: one question serves them all.
    asking ??= isSignedIn().finally(() => {
      asking = null;
    });
    if (await asking) return "rights";
    window.dispatchEvent(new Event(SESSION_OVER));
    return "session";
  }
  if (status === 404) return "missing";
  return status >= 500 ? "server" : "refused";
}

let asking: Promise<boolean> | null = null;

/** Tell whether the browser's session still holds: 401 alone also means a missing right. */
async function isSignedIn(): Promise<boolean> {
  try {
    return (await fetch(`${root}/Account/Session`)).ok;
  } catch {
    return false;
  }
}

/** Return the server's sentence: a member of a JSON reply, or the first line of a plain one. */
async function sentence(response: Response): Promise<string> {
  const body = await response.text().catch(() => "");
  try {
    const reply = JSON.parse(body) as Json;
    return isObject(reply) ? text(reply.error) || text(reply.log) : text(reply);
  } catch {
    const isPlain = response.headers.get("Content-Type")?.startsWith("text/plain") ?? false;
    return isPlain ? (body.split("\n")[0] ?? "") : "";
  }
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function objects(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function text(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

export function number(value: Json | undefined): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
