/** The slides of a study as pictures, with filters. */

import type { Signal } from "@preact/signals";
import type { Slide } from "../api/studies";
import { slidePicture } from "../home/pictures";
import { slideAddress } from "../scoring/api";
import { Mark } from "../scoring/Mark";
import { Icon } from "../ui/Icon";
import { Thumbnail } from "../ui/Thumbnail";
import type { Known } from "./Study";
import { byCase, countMarks, type Filter, markOf } from "./slides";
import { words } from "./words";

interface Props {
  known: Known;
  found: readonly Slide[];
  next: Slide | null;
  filter: Signal<Filter>;
  query: Signal<string>;
  isByCase: Signal<boolean>;
}

export function Gallery(props: Props) {
  const { known, found, isByCase } = props;
  const hasCases = known.slides.some(({ caseName }) => caseName !== "");
  return (
    <>
      <Bar {...props} hasCases={hasCases} />
      {found.length === 0 && <p class="none">{words.none}</p>}
      {hasCases && isByCase.value ? (
        byCase(found).map(({ name, slides }) => (
          <section key={name} class="case">
            <h2>{name || words.noCase}</h2>
            <Cards {...props} found={slides} />
          </section>
        ))
      ) : (
        <Cards {...props} />
      )}
    </>
  );
}

const FILTERS: readonly Filter[] = ["all", "open", "partly", "done"];

function Bar({ known, filter, query, isByCase, hasCases }: Props & { hasCases: boolean }) {
  const counts = countMarks(known.slides, known.marks);
  return (
    <div class="gallery-bar">
      {known.rights.canScore && (
        <fieldset class="segmented">
          <legend class="for-readers">{words.show}</legend>
          {FILTERS.map((kind) => (
            <label key={kind}>
              <input
                type="radio"
                name="filter"
                checked={filter.value === kind}
                onChange={() => {
                  filter.value = kind;
                }}
              />
              <span>
                {kind !== "all" && <Mark mark={kind} />}
                {words.filters[kind]} {counts[kind]}
              </span>
            </label>
          ))}
        </fieldset>
      )}
      <label class="find">
        <Icon name="search" small />
        <input
          type="search"
          placeholder={words.find}
          aria-label={words.findLabel}
          value={query.value}
          onInput={(event) => {
            query.value = event.currentTarget.value;
          }}
        />
      </label>
      {hasCases && (
        <button
          type="button"
          class="button"
          aria-pressed={isByCase.value}
          onClick={() => {
            isByCase.value = !isByCase.value;
          }}
        >
          {words.byCase}
        </button>
      )}
    </div>
  );
}

function Cards({ known, found, next }: Props) {
  return (
    <ul class="cards">
      {found.map((slide) => (
        <li key={slide.id}>
          <a
            class="slide-card"
            href={slideAddress(known.study.id, slide.id)}
            data-next={slide === next && known.rights.canScore}
          >
            <Thumbnail of={slide.id} address={slidePicture} />
            <span class="slide-name">
              <span class="clip">{slide.name}</span>
              {slide === next && known.rights.canScore && <span class="tag">{words.next}</span>}
              {known.rights.canScore && <Mark mark={markOf(slide, known.marks)} />}
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}
