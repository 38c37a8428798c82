/** Slides and cores found by name in all studies, as the Api tells them. */

import { ask, isObject, type JsonObject, number, objects, text } from "../api/http";
import { slideAddress } from "../scoring/api";

export interface Hit {
  key: string;
  studyId: number;
  slideId: number;
  /** Of the slide, or of the sample that a core holds. */
  name: string;
  /** A slide's case, or a core's slide. */
  aside: string;
  address: string;
}

export interface Hits {
  slides: readonly Hit[];
  cores: readonly Hit[];
}

export const NOTHING: Hits = { slides: [], cores: [] };

export async function findNames(wanted: string): Promise<Hits> {
  const reply = await ask("Find", { text: wanted });
  if (!isObject(reply)) return NOTHING;
  return { slides: objects(reply.slides).map(slideHit), cores: objects(reply.cores).map(coreHit) };
}

function slideHit(entry: JsonObject): Hit {
  const [studyId, slideId] = ids(entry);
  return {
    key: `${slideId}`,
    studyId,
    slideId,
    name: text(entry.imageName),
    aside: text(entry.caseName),
    address: slideAddress(studyId, slideId),
  };
}

function coreHit(entry: JsonObject): Hit {
  const [studyId, slideId] = ids(entry);
  const [row, column] = [number(entry.tmaRow) ?? 0, number(entry.tmaCol) ?? 0];
  return {
    key: `${slideId}:${row}:${column}`,
    studyId,
    slideId,
    name: text(entry.tmaSampleID),
    aside: text(entry.imageName),
    address: `${slideAddress(studyId, slideId)}&tmaRow=${row}&tmaCol=${column}`,
  };
}

function ids(entry: JsonObject): [number, number] {
  return [number(entry.studyId) ?? 0, number(entry.imageID) ?? 0];
}
