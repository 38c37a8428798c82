/** Label and macro picture of the slide's file, for those who may see them. */

import { root } from "../../api/http";
import type { Desk } from "../desk";
import { shotWords as said } from "./words";

const NAMES = { label: said.label, macro: said.macro } as const;

export function LabelPictures({ desk }: { desk: Desk }) {
  const facts = desk.reading.facts.value;
  const slide = desk.reading.slide.value;
  // A label names the patient: the server tells who may see it, and refuses all others.
  if (!facts || !slide || slide.id === 0 || !desk.sheet.rights.value?.showsLabels) return null;
  const shown = (["label", "macro"] as const).filter((name) => facts.pictures.includes(name));
  return (
    <>
      {shown.map((name) => {
        const address = `${root}/Api/GetAssociatedImage?imageId=${slide.id}&name=${name}`;
        return (
          <figure class="label-picture" key={name}>
            <figcaption>{NAMES[name]}</figcaption>
            <a href={address} target="_blank" rel="noopener" title={said.openFull}>
              <img src={address} alt={said.picture(NAMES[name])} loading="lazy" />
            </a>
          </figure>
        );
      })}
    </>
  );
}
