/** What Reimport would do, as people read it: things added, changed, by hand, and left alone. */

import { type JsonObject, objects, text } from "../../../api/http";

export type Sign = "+" | "~" | "!" | "=";

export interface Property {
  name: string;
  now: string;
  files: string;
  outcome: string;
}

export interface Change {
  kind: string;
  key: string;
  sign: Sign;
  properties: Property[];
}

/** A thing of the plan, as a Reimport is told of it. */
export type ThingId = `${string}\n${string}`;

export function idOf({ kind, key }: Pick<Change, "kind" | "key">): ThingId {
  return `${kind}\n${key}`;
}

/** Write things as the parameter `overwrite` names them. */
export function overwriteOf(things: Iterable<ThingId>): string {
  return JSON.stringify([...things].map((id) => id.split("\n")));
}

/** Whether the import does anything to a thing. */
export function isDone({ properties }: Change): boolean {
  return properties.some(({ outcome }) => outcome === "applied" || outcome === "overwritten");
}

export interface Plan {
  /** Changes by kind, in the order of the kinds. */
  groups: { kind: string; changes: Change[] }[];
  counts: Record<Sign, number>;
  /** Lines of the log that say what is passed over. */
  warnings: string[];
}

const ORDER = ["questions", "slides", "people", "settings", "TMA maps"];

/** Read the reply of a dry run. */
export function planOf(reply: JsonObject): Plan {
  const found = new Map<string, Change>();
  for (const entry of objects(reply.changes)) {
    const kind = text(entry.kind);
    const key = text(entry.key);
    const property: Property = {
      name: text(entry.property),
      now: text(entry.now),
      files: text(entry.files),
      outcome: text(entry.outcome),
    };
    const id = idOf({ kind, key });
    const change = found.get(id) ?? { kind, key, sign: "=" as Sign, properties: [] };
    change.sign = stronger(change.sign, signOf(entry));
    change.properties.push(property);
    found.set(id, change);
  }
  const changes = [...found.values()];
  const counts: Record<Sign, number> = { "+": 0, "~": 0, "!": 0, "=": 0 };
  for (const { sign } of changes) counts[sign] += 1;
  const kinds = [...new Set([...ORDER, ...changes.map(({ kind }) => kind)])];
  return {
    groups: kinds
      .map((kind) => ({ kind, changes: changes.filter((change) => change.kind === kind) }))
      .filter((group) => group.changes.length > 0),
    counts,
    warnings: text(reply.log)
      .split("\n")
      .filter((line) => line.startsWith("! ") && line.includes("passed over")),
  };
}

/**
 * Read why an import would stop. What the server says for scripts, of parameters and of what was not
 * done, has other words in a page that only compares.
 */
export function reasonsOf(log: string): { lines: string[]; isUnreadable: boolean } {
  const lines = log.split("\n").filter(Boolean);
  const isForScripts = (line: string) => line.startsWith("ignoreImageErrors=true ");
  return {
    lines: lines.filter((line) => line !== "Nothing was imported." && !isForScripts(line)),
    isUnreadable: lines.some(isForScripts),
  };
}

function signOf(entry: JsonObject): Sign {
  const outcome = text(entry.outcome);
  if (outcome === "untouched") return "=";
  if (outcome === "kept" || outcome === "overwritten") return "!";
  return text(entry.property) === "" && entry.now === null ? "+" : "~";
}

const STRENGTH: readonly Sign[] = ["=", "~", "+", "!"];

function stronger(a: Sign, b: Sign): Sign {
  return STRENGTH.indexOf(a) >= STRENGTH.indexOf(b) ? a : b;
}
