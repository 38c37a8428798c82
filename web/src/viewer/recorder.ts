/** Records where in a slide a reader looks, where the study asks for it and says so. */

import { Failure, isObject, type Json, number } from "../api/http";
import type { Point } from "./geometry";
import type { Look } from "./slideview";

/** A call of the Api that writes, as `post` makes it. */
export type Post = (name: string, form: Record<string, string>) => Promise<Json>;

/** The server takes 2000 events at once; ten minutes without a network are that many. */
const MOST_EVENTS = 2000;

/** Return an event as the wire has it: ms, x, y, width, height, cursor x, cursor y. */
export function eventLine(ms: number, look: Look, cursor: Point | null): string {
  const { x, y, width } = look.view;
  const height = look.window.height / look.zoom;
  // A cursor that is elsewhere counts as in the middle, where the eye is likely to be.
  const at = cursor ?? { x, y };
  return [ms, x - width / 2, y - height / 2, width, height, at.x, at.y].map(Math.round).join("\t");
}

/** One look at one slide. What could not be sent is sent with the next batch. */
export class Recording {
  readonly #lines: string[] = [];
  #last = "";
  /** On its way; sent again as it is until the server has it. */
  #batch: string | null = null;
  #number = 0;
  #sessionId: number | null = null;
  #isSending = false;
  #isRefused = false;

  constructor(
    readonly slideId: number,
    readonly begun: number,
    readonly post: Post,
  ) {}

  /** Whether nothing waits to be sent, or the server takes nothing more. */
  get isOver(): boolean {
    return this.#isRefused || (this.#batch === null && this.#lines.length === 0);
  }

  /** Note what is seen at an instant, in ms; the same as before is told once. */
  note(now: number, look: Look, cursor: Point | null): void {
    const place = eventLine(0, look, cursor);
    if (place === this.#last || this.#lines.length >= MOST_EVENTS) return;
    this.#last = place;
    this.#lines.push(eventLine(now - this.begun, look, cursor));
  }

  /** Note how long the last place was seen. */
  end(now: number, look: Look, cursor: Point | null): void {
    this.#last = "";
    this.note(now, look, cursor);
  }

  /** Send what is noted; a failure is no loss, and nothing that a reader could act on. */
  async send(): Promise<void> {
    if (this.#isSending || this.#isRefused) return;
    this.#batch ??= this.#lines.splice(0).join("\n") || null;
    if (this.#batch === null) return;
    this.#isSending = true;
    try {
      const reply = await this.post("RecordSession", {
        imageId: String(this.slideId),
        ...(this.#sessionId === null ? {} : { sessionId: String(this.#sessionId) }),
        batch: String(this.#number),
        events: this.#batch,
      });
      this.#sessionId ??= isObject(reply) ? number(reply.sessionId) : null;
      this.#number += 1;
      this.#batch = null;
    } catch (problem) {
      const isTemporary =
        problem instanceof Failure && ["network", "server"].includes(problem.kind);
      this.#isRefused = !isTemporary;
    } finally {
      this.#isSending = false;
    }
  }
}
