/** The small pictures of the study list: the first slide of each study. */

import { TileGrants, thumbnailUrl } from "../api/pixels";
import { listSlides, type Slide } from "../api/studies";

const grants = new TileGrants();
const slides = new Map<number, Promise<Slide[]>>();

/** Return the slides of a study, asked for once. */
export function slidesOf(studyId: number): Promise<Slide[]> {
  const asked = slides.get(studyId) ?? listSlides(studyId);
  slides.set(studyId, asked);
  return asked;
}

/** Return where the picture of a study's first slide is; a study without slides has none. */
export async function studyPicture(studyId: number): Promise<string> {
  const first = (await slidesOf(studyId))[0];
  if (!first) throw new Error("no slides");
  return slidePicture(first.id);
}

/** Return where the picture of a slide is. */
export async function slidePicture(slideId: number): Promise<string> {
  return thumbnailUrl(await grants.of(slideId));
}
