/** Slides and cores whose names fit what is searched, under the studies that do. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Study } from "../api/studies";
import { Thumbnail } from "../ui/Thumbnail";
import { words } from "../ui/words";
import { type Hits as Found, findNames, type Hit, NOTHING } from "./find";
import { slidePicture } from "./pictures";

const AFTER_MS = 200;

interface Props {
  query: string;
  studies: readonly Study[];
  onFound: (count: number) => void;
}

export function Hits({ query, studies, onFound }: Props) {
  const found = useSignal<Found>(NOTHING);
  useEffect(() => {
    const wanted = query.trim();
    const show = (hits: Found) => {
      found.value = hits;
      onFound(hits.slides.length + hits.cores.length);
    };
    if (!wanted) return show(NOTHING);
    let isWanted = true;
    const timer = setTimeout(() => {
      findNames(wanted).then(
        (hits) => isWanted && show(hits),
        // Studies are found without the server; its own trouble is told where they are listed.
        () => isWanted && show(NOTHING),
      );
    }, AFTER_MS);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [query]);
  const labels = new Map(studies.map(({ id, label }) => [id, label]));
  const { slides, cores } = found.value;
  return (
    <>
      <Group name={words.home.foundSlides} hits={slides} labels={labels} />
      <Group name={words.home.foundCores} hits={cores} labels={labels} />
    </>
  );
}

interface GroupProps {
  name: string;
  hits: readonly Hit[];
  labels: ReadonlyMap<number, string>;
}

function Group({ name, hits, labels }: GroupProps) {
  if (hits.length === 0) return null;
  return (
    <section class="panel-card hits" aria-label={name}>
      <h2>{name}</h2>
      <ul>
        {hits.map((hit) => (
          <li key={hit.key}>
            <a href={hit.address}>
              <Thumbnail of={hit.slideId} address={slidePicture} />
              <b class="clip">{hit.name}</b>
              <span class="aside clip">{hit.aside}</span>
              <span class="aside clip">{labels.get(hit.studyId)}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
