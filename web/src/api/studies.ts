/** Studies and their slides, as the Api tells them. */

import { ask, isObject, type Json, type JsonObject, number, objects, text } from "./http";

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
}

export interface Slide {
  id: number;
  name: string;
  fileSize: number | null;
  caseName: string;
  /** Degrees clockwise by which the study shows it turned. */
  rotation: number;
}

/** What the study states about one slide. */
export interface SlideDetails {
  studyId: number | null;
  name: string;
  caseName: string;
  description: string;
  tmaMap: string;
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
      },
    ];
  });
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
        caseName: caseOf(entry),
        rotation: number(entry.rotation) ?? 0,
      },
    ];
  });
}

export async function readSlideDetails(slideId: number): Promise<SlideDetails> {
  const reply = await ask("GetSlideDetails", { imageid: slideId });
  const entry: JsonObject = isObject(reply) ? reply : {};
  return {
    studyId: number(entry.studyID) ?? number(entry.studyId),
    name: text(entry.name),
    caseName: caseOf(entry),
    description: plainText(text(entry.description)),
    tmaMap: text(entry.tmaMap) || text(entry.tmaMapName),
  };
}

function caseOf(entry: JsonObject): string {
  return text(entry.caseName) || text(entry.case);
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
