/** Who looked at which slide, when, for how long and where, as the Api tells it. */

import { ask, isObject, number, objects, text } from "../../api/http";

export interface Session {
  id: number;
  slideId: number;
  email: string;
  seconds: number;
  on: Date | null;
}

/** A view of a session; places and sizes are level-0 pixels. */
export interface Look {
  /** Milliseconds since the session began. */
  at: number;
  x: number;
  y: number;
  width: number;
  height: number;
}

export async function listSessions(studyId: number): Promise<Session[]> {
  const reply = await ask("Sessions", { studyId });
  const found = objects(isObject(reply) ? reply.sessions : []).map((entry) => {
    const on = new Date(text(entry.createdOn));
    return {
      id: number(entry.id) ?? 0,
      slideId: number(entry.imageID) ?? 0,
      email: text(entry.email),
      seconds: number(entry.length) ?? 0,
      on: Number.isNaN(on.getTime()) ? null : on,
    };
  });
  return found.reverse();
}

export async function readLooks(studyId: number, sessionId: number): Promise<Look[]> {
  const reply = await ask("SessionEvents", { studyId, sessionId });
  const lines = isObject(reply) && Array.isArray(reply.events) ? reply.events : [];
  return lines.flatMap((line) => lookOf(text(line)) ?? []);
}

/** Read an event: milliseconds, left, top, width, height and cursor between tabs. */
export function lookOf(line: string): Look | null {
  const [at, x, y, width, height] = line.split("\t").map(Number);
  if (at === undefined || x === undefined || y === undefined) return null;
  if (!width || !height || [at, x, y, width, height].some(Number.isNaN)) return null;
  return { at, x, y, width, height };
}
