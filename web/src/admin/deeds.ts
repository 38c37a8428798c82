/** Events of the audit trail in words: who did what to which thing, and what was changed. */

import { isObject, type Json, type JsonObject, text } from "../api/http";
import { fileSize } from "../ui/format";
import { actorWords, deedFrame, deedWords, factWords, thingFacts } from "./deedwords";

/** An event as the server tells it. */
export interface Deed {
  actor: string;
  actorName: string;
  deed: string;
  subject: string;
  subjectName: string;
  studyName: string;
  detail: JsonObject;
}

/** A sentence around the name of a thing. */
export interface Sentence {
  before: string;
  thing: string;
  after: string;
  /** The study of the thing, where that is not the thing itself. */
  study: string;
}

/** Of `study:2` only the kind is told where the number says nothing more. */
const HIDDEN = new Set([
  "study",
  "name",
  "email",
  "uuid",
  "sha256",
  "annotation_file",
  "attachment",
]);

export function deedOf(event: JsonObject): Deed {
  return {
    actor: text(event.actor),
    actorName: text(event.actorName),
    deed: text(event.deed),
    subject: text(event.subject),
    subjectName: text(event.subjectName),
    studyName: text(event.studyName),
    detail: isObject(event.detail) ? event.detail : {},
  };
}

export function whoOf({ actor, actorName }: Deed): string {
  if (actorName) return actor.startsWith("token:") ? deedFrame.token(actorName) : actorName;
  return actorWords[actor] ?? actor;
}

export function sentenceOf(event: Deed): Sentence {
  const [kind = "", number = ""] = event.subject.split(":");
  const fact = text(event.detail[thingFacts[event.deed] ?? ""]);
  const thing = fact || event.subjectName || deedFrame.unnamed(kind, number);
  const template = deedWords[event.deed] ?? `${event.deed} {}`;
  const [before = "", after = ""] = template.split("{}");
  const study = event.studyName || (fact && kind === "study" ? event.subjectName : "");
  return { before, thing: template.includes("{}") ? thing : "", after, study };
}

/** What else an event tells: what changed as old → new, then other facts, a line each. */
export function factsOf({ deed, detail }: Pick<Deed, "deed" | "detail">): string[] {
  const { before, after, ...others } = detail;
  const hidden = thingFacts[deed];
  const rest = Object.entries(others).filter(
    ([name, value]) => name !== hidden && !HIDDEN.has(name) && !isNothing(value),
  );
  return [...changes(before, after), ...rest.flatMap(([name, value]) => factOf(name, value))];
}

function changes(before: Json | undefined, after: Json | undefined): string[] {
  if (before === undefined && after === undefined) return [];
  if (!isObject(before) || !isObject(after)) {
    return [deedFrame.change(shown(before), shown(after))];
  }
  return Object.keys({ ...before, ...after })
    .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .map((name) =>
      deedFrame.named(wordOf(name), deedFrame.change(shown(before[name]), shown(after[name]))),
    );
}

function factOf(name: string, value: Json): string[] {
  if (isObject(value) && ("before" in value || "after" in value)) {
    return changes(value.before, value.after).map((line) => deedFrame.named(wordOf(name), line));
  }
  // What a reimport counted, kind by kind.
  if (isObject(value) && Object.values(value).some(isObject)) {
    return Object.entries(value).flatMap(([kind, counts]) =>
      isNothing(counts) ? [] : factOf(kind, counts),
    );
  }
  const told = name === "bytes" && typeof value === "number" ? fileSize(value) : shown(value);
  return [deedFrame.named(wordOf(name), told)];
}

function shown(value: Json | undefined): string {
  if (value === undefined || value === null || value === "") return deedFrame.nothing;
  if (typeof value === "boolean") return value ? deedFrame.yes : deedFrame.no;
  if (Array.isArray(value)) {
    // Places of cores and the like: how many there are says more.
    return value.some((one) => Array.isArray(one) || isObject(one))
      ? String(value.length)
      : deedFrame.list(value.map(shown));
  }
  if (!isObject(value)) return String(value);
  const told = Object.entries(value).filter(([, one]) => !isNothing(one));
  return deedFrame.list(told.map(([name, one]) => `${shown(one)} ${wordOf(name)}`));
}

/** Whether there is nothing to tell: no, none, nowhere, or things of which there are none. */
function isNothing(value: Json | undefined): boolean {
  if (isObject(value)) return Object.values(value).every(isNothing);
  if (Array.isArray(value)) return value.length === 0;
  return value === undefined || value === null || value === "" || value === 0 || value === false;
}

function wordOf(name: string): string {
  return factWords[name] ?? name.replaceAll("_", " ");
}
