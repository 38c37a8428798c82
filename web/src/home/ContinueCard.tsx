/** The way back to the slide looked at last. */

import { useEffect, useRef } from "preact/hooks";
import { root } from "../api/http";
import type { Study } from "../api/studies";
import { day } from "../ui/format";
import { recall } from "../ui/recent";
import { Thumbnail } from "../ui/Thumbnail";
import { words } from "../ui/words";
import { slidePicture } from "./pictures";

export function ContinueCard({ studies }: { studies: readonly Study[] }) {
  const said = words.home;
  const recent = recall();
  // A study that is no longer shown to this person leaves no trace of its slides here.
  const study = studies.find((entry) => entry.id === recent?.studyId);
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    // Enter alone goes on, unless the person is somewhere else already.
    if (document.activeElement === document.body) link.current?.focus({ preventScroll: true });
  }, []);
  if (!recent || !study) return null;
  const address = `${root}/Image/Details?imageId=${recent.slideId}&studyId=${study.id}`;
  return (
    <section class="panel-card continue" aria-label={said.continueTitle}>
      <Thumbnail of={recent.slideId} address={slidePicture} />
      <div>
        <h2>{study.label}</h2>
        <p>{said.continueWhere(recent.slideName, day(new Date(recent.at), new Date()))}</p>
      </div>
      <a class="button primary large" href={address} ref={link}>
        {said.continueButton}
      </a>
    </section>
  );
}
