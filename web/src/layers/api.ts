/** Calls about drawn answers as layers. */

import { ask, fetchBlob, isObject, number, objects, text } from "../api/http";
import type { Box } from "../drawing/outline";
import type { Core } from "../scoring/versions";

/** A drawn answer about a slide or a core of it, without its shapes. */
export interface LayerEntry {
  /** Number of the answer. */
  id: number;
  question: string;
  email: string;
  core: Core;
  /** The shapes lie in an annotation file. */
  isFile: boolean;
  /** How many shapes there are; null where the server has not counted. */
  count: number | null;
}

export interface About {
  studyId: number;
  slideId: number;
}

export async function readLayers({ studyId, slideId }: About): Promise<LayerEntry[]> {
  const reply = await ask("AnnotationLayers", { studyId, imageId: slideId });
  return objects(isObject(reply) ? reply.layers : []).flatMap((entry) => {
    const id = number(entry.answerId);
    if (id === null) return [];
    const [row, column] = [number(entry.tmaRow), number(entry.tmaCol)];
    return [
      {
        id,
        question: text(entry.question),
        email: text(entry.email),
        core: row === null || column === null ? null : { row, column },
        isFile: text(entry.annoUUID) !== "",
        count: number(entry.items),
      },
    ];
  });
}

/** Fetch what an answer draws in a box (level-0 pixels) at a Deep Zoom level, in binary form. */
export async function fetchBox(
  { studyId, slideId }: About,
  answerId: number,
  { left, top, right, bottom }: Box,
  level: number,
): Promise<ArrayBuffer> {
  const query = new URLSearchParams({
    studyId: String(studyId),
    imageId: String(slideId),
    answerId: String(answerId),
    bbox: [left, top, right, bottom].map((side) => side.toFixed(1)).join(),
    level: String(level),
  });
  const blob = await fetchBlob(`/Api/Annotations?${query}`);
  return blob.arrayBuffer();
}
