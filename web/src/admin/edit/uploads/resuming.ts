/** Going on with uploads that were begun anywhere: whoever began one chooses its file again. */

import { signal } from "@preact/signals";
import { isObject, post, root, text } from "../../../api/http";
import { wholeNumber } from "../../../ui/format";
import { fingerprintOf } from "../slides/fingerprint";
import { type Entry, Uploads } from "../slides/uploads";
import { type Arrival, canGoOn, placeOf } from "./arrivals";
import { words } from "./words";

interface Going {
  uploads: Uploads;
  entryId: number;
}

export interface StudyPlace {
  id: number;
  name: string;
}

export class Resuming {
  readonly #of = new Map<number, Uploads>();
  readonly #going = signal<ReadonlyMap<string, Going>>(new Map());

  constructor(readonly onAdded: () => void) {}

  /** What goes on in this page with an upload; null: nothing. */
  of(arrival: Arrival): { entry: Entry; uploads: Uploads } | null {
    const going = this.#going.value.get(arrival.id);
    const entry = going?.uploads.entries.value.find(({ id }) => id === going.entryId);
    return going && entry ? { entry, uploads: going.uploads } : null;
  }

  /** Go on with an upload if the file is the one that was begun; return what is wrong, if anything. */
  async goOn(arrival: Arrival, study: StudyPlace, file: File): Promise<string> {
    const wrong = mismatch(arrival, file) || (await differs(arrival, file));
    if (wrong) return wrong;
    const reply = await post("ResumeUpload", { id: arrival.id });
    const told = isObject(reply) ? reply : {};
    const uploads = this.#uploadsOf(study);
    const begun = { token: text(told.token), url: addressOf(text(told.partId)) };
    const entryId = uploads.goOn({ file, folder: placeOf(arrival).folder }, begun);
    this.#going.value = new Map(this.#going.value).set(arrival.id, { uploads, entryId });
    return "";
  }

  #uploadsOf({ id, name }: StudyPlace): Uploads {
    const known = this.#of.get(id) ?? new Uploads(id, this.onAdded);
    known.folder = name;
    this.#of.set(id, known);
    return known;
  }
}

/** The uploads that files are the rest of, by name and length, and the files that are of none. */
export function matched(
  arrivals: readonly Arrival[],
  files: readonly File[],
): { pairs: readonly (readonly [Arrival, File])[]; strange: readonly File[] } {
  const open = arrivals.filter(canGoOn);
  const found = files.map(
    (file) => [open.find((arrival) => mismatch(arrival, file) === ""), file] as const,
  );
  return {
    pairs: found.flatMap(([arrival, file]) => (arrival ? [[arrival, file] as const] : [])),
    strange: found.flatMap(([arrival, file]) => (arrival ? [] : [file])),
  };
}

/** Say why a file cannot be the one that was begun, by name and length; empty: it can. */
export function mismatch(arrival: Arrival, file: Pick<File, "name" | "size">): string {
  const { name } = placeOf(arrival);
  if (file.name !== name) return words.otherName(file.name, name);
  const { length } = arrival;
  if (length === null || length === file.size) return "";
  return words.otherLength(name, wholeNumber(file.size), wholeNumber(length));
}

/** The same by its fingerprint, which the server keeps with the part where the browser made one. */
async function differs({ partId }: Arrival, file: File): Promise<string> {
  if (!partId) return "";
  const response = await fetch(addressOf(partId), {
    method: "HEAD",
    headers: { "Tus-Resumable": "1.0.0" },
  });
  if (!response.ok) return words.gone(file.name);
  const kept = fingerprintIn(response.headers.get("Upload-Metadata") ?? "");
  const own = kept && (await fingerprintOf(file));
  return own && own !== kept ? words.otherBytes(file.name) : "";
}

/** Return the fingerprint among the metadata of tus, each a key and its value in Base64. */
export function fingerprintIn(metadata: string): string {
  const pairs = metadata.split(",").map((pair) => pair.trim().split(" "));
  return atob(pairs.find(([key]) => key === "fingerprint")?.[1] ?? "");
}

function addressOf(partId: string): string {
  return partId && `${root}/files/${encodeURIComponent(partId)}`;
}
