/** Uploads as the server has them: how far each is, and what was found in it. */

import { ask, isObject, type JsonObject, number, objects, text } from "../../../api/http";
import { counted, fileSize, wholeNumber } from "../../../ui/format";
import { deedOf, whoOf } from "../../deeds";
import { instant } from "../api";
import { words } from "./words";

export type ArrivalState =
  | "waiting"
  | "arriving"
  | "expired"
  | "failed"
  | "checking"
  | "ready"
  | "unreadable"
  | "stored";

export interface Arrival {
  id: string;
  /** Under the images root; empty for what is no file there. */
  path: string;
  purpose: string;
  /** The end of the address where its bytes go; empty before the first. */
  partId: string;
  /** Who asked for it: an address, the name of a token, or a label where nobody has it. */
  by: string;
  isOwn: boolean;
  state: string;
  problem: string;
  received: number | null;
  length: number | null;
  sha256: string;
  /** What the slides in it are, one sentence each. */
  slides: readonly string[];
  requestedOn: Date | null;
  finishedOn: Date | null;
}

export type Show = "all" | "moving" | "broken" | "arrived";

const STATES: Record<Exclude<Show, "all">, readonly string[]> = {
  moving: ["waiting", "arriving", "checking"],
  broken: ["failed", "unreadable", "expired"],
  arrived: ["ready", "stored"],
};

export async function listArrivals(count: number): Promise<Arrival[]> {
  const reply = await ask("UploadStatus", { count });
  return objects(isObject(reply) ? reply.uploads : []).map(arrivalOf);
}

export function arrivalOf(entry: JsonObject): Arrival {
  return {
    id: text(entry.uploadId),
    path: text(entry.path),
    purpose: text(entry.purpose),
    partId: text(entry.partId),
    by: whoOf(deedOf(entry)),
    isOwn: entry.isOwn === true,
    state: text(entry.state),
    problem: text(entry.problem),
    received: number(entry.received),
    length: number(entry.length),
    sha256: text(entry.sha256),
    slides: objects(entry.slides).map(factsOf).filter(Boolean),
    requestedOn: instant(entry.requestedOn),
    finishedOn: instant(entry.finishedOn),
  };
}

/** Say what a slide was found to be: reader, size in pixels, levels, resolution. */
function factsOf(slide: JsonObject): string {
  const [width, height, levels] = [slide.width, slide.height, slide.levels].map(number);
  const mpp = number(slide.mppX) ?? number(slide.mpp_x);
  if (width == null || height == null) return "";
  return [
    text(slide.reader),
    words.pixels(wholeNumber(width), wholeNumber(height)),
    levels == null ? "" : counted(levels, "level", "levels"),
    mpp === null ? words.noMpp : words.mpp(Number(mpp.toPrecision(4))),
  ]
    .filter(Boolean)
    .join(", ");
}

export function isShown({ state }: Arrival, show: Show): boolean {
  return show === "all" || STATES[show].includes(state);
}

/** Whether the server still has something to do with an upload. */
export function isMoving(arrival: Arrival): boolean {
  return isShown(arrival, "moving");
}

/** Whether bytes of it can still come, from whoever asked for it. */
export function canGoOn({ state, isOwn, purpose }: Arrival): boolean {
  return isOwn && purpose === "file" && ["waiting", "arriving"].includes(state);
}

/** The file's own name, and its folder within that of the study. */
export function placeOf({ path }: Arrival): { name: string; folder: string } {
  const parts = path.split("/");
  const name = parts.pop() ?? "";
  return { name, folder: parts.slice(1).join("/") };
}

/** Say how much arrived: all of it, or so much of so much. */
export function amountOf({ received, length }: Arrival): string {
  if (length === null) return received ? fileSize(received) : "";
  return received === null || received === length
    ? fileSize(length)
    : words.of(fileSize(received), fileSize(length));
}

/** The name of the study in whose folder a file lies; empty: in none. */
export function studyOf({ path }: Arrival): string {
  const [first = "", ...rest] = path.split("/");
  if (rest.length > 0) return first;
  return /^study\.(.+)\.[^.]+$/i.exec(first)?.[1] ?? "";
}
