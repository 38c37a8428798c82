/** Studies and their slides, as the Api tells them. */

import { ask, Failure, isObject, type Json, type JsonObject, number, objects, text } from "./http";

export interface Study {
  id: number;
  /** The fixed name, which is also that of its folder of files. */
  name: string;
  /** The name shown to people; the fixed name where none was given. */
  label: string;
  /** Where the study list shows it; empty: at the top. */
  folder: string;
  /** Null: a draft, which only its editors see. */
  publishedOn: Date | null;
  /** Null where the server does not say. */
  slideCount: number | null;
  /** Slides to which this reader gave every needed answer; null where nothing is asked of them. */
  scoredCount: number | null;
  /** Stains, organs and diseases. */
  tags: readonly string[];
  /** The same by what they name. */
  tagsBy: TagsBy;
  /** What this person may do there. */
  rights: StudyRights;
}

/** Kinds of tags, in the order in which they are told. */
export const TAG_KINDS = ["stainings", "organ", "disease"] as const;
export type TagsBy = Record<(typeof TAG_KINDS)[number], readonly string[]>;

export interface StudyRights {
  canScore: boolean;
  canEdit: boolean;
  canGetResults: boolean;
}

export interface Slide {
  id: number;
  name: string;
  fileSize: number | null;
  caseId: number | null;
  caseName: string;
  tmaMap: string;
  /** Degrees clockwise by which the study shows it turned. */
  rotation: number;
}

export async function listStudies(): Promise<Study[]> {
  return objects(await ask("Studies")).flatMap((entry) => {
    const id = number(entry.id);
    if (id === null) return [];
    const name = text(entry.name);
    return [
      {
        id,
        name,
        label: text(entry.friendlyName) || name,
        folder: text(entry.folder),
        publishedOn: instant(entry.publishedOn),
        slideCount: number(entry.slideCount),
        scoredCount: number(entry.scoredSlideCount),
        tags: Object.values(tagsOf(entry)).flat(),
        tagsBy: tagsOf(entry),
        rights: rightsOf(entry.rights),
      },
    ];
  });
}

function tagsOf(entry: JsonObject): TagsBy {
  const of = (kind: keyof TagsBy) => {
    const tags = entry[kind];
    return Array.isArray(tags) ? tags.map(text).filter(Boolean) : [];
  };
  return { stainings: of("stainings"), organ: of("organ"), disease: of("disease") };
}

function rightsOf(value: Json | undefined): StudyRights {
  const told = isObject(value) ? value : {};
  return {
    canScore: told.canScore === true,
    canEdit: told.canEdit === true,
    canGetResults: told.canGetResults === true,
  };
}

export async function listSlides(studyId: number): Promise<Slide[]> {
  return objects(await ask("Images", { studyId })).flatMap((entry) => {
    const id = number(entry.id);
    if (id === null) return [];
    return [
      {
        id,
        name: text(entry.name),
        fileSize: number(entry.fileSize),
        caseId: number(entry.caseID),
        caseName: text(entry.caseName),
        tmaMap: text(entry.tmaMap),
        rotation: number(entry.rotation) ?? 0,
      },
    ];
  });
}

/** Return the study that a slide belongs to. */
export async function studyOf(slideId: number): Promise<number> {
  const reply = await ask("GetSlideDetails", { imageId: slideId });
  const studyId = isObject(reply) ? number(reply.studyID) : null;
  if (studyId === null) throw new Failure("server", "");
  return studyId;
}

/** Return what people wrote about a slide; its markup is left out. */
export async function readDescription(slideId: number): Promise<string> {
  const reply = await ask("GetSlideDescription", { imageId: slideId });
  return isObject(reply) ? plainText(text(reply.description)) : "";
}

function instant(value: Json | undefined): Date | null {
  const parsed = new Date(text(value));
  return Number.isNaN(parsed.getTime()) ? null : parsed;
}

/** Descriptions are limited HTML; here their words are shown, never their markup. */
function plainText(html: string): string {
  const document = new DOMParser().parseFromString(html, "text/html");
  return (document.body.textContent ?? "").trim();
}
