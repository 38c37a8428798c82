/** All slides of the study by name, with a filter. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { words } from "../ui/words";
import type { Desk } from "./desk";
import { isPlainClick } from "./links";
import { slideAddress } from "./reading";

export function SlideList({ desk }: { desk: Desk }) {
  const said = words.viewer;
  const wanted = useSignal("");
  const current = useRef<HTMLAnchorElement>(null);
  const { reading } = desk;
  const position = reading.position.value;
  const needle = wanted.value.trim().toLowerCase();
  const found = reading.slides.value
    .map((slide, index) => ({ slide, index }))
    .filter(({ slide }) =>
      [slide.name, slide.caseName].some((text) => text.toLowerCase().includes(needle)),
    );

  useEffect(() => {
    current.current?.scrollIntoView({ block: "nearest" });
  }, [position]);

  return (
    <div class="slide-list">
      <input
        class="field"
        type="search"
        placeholder={said.findSlide}
        aria-label={said.findSlide}
        value={wanted.value}
        onInput={(event) => {
          wanted.value = event.currentTarget.value;
        }}
      />
      {found.length === 0 && <p class="none">{said.noSlideHit}</p>}
      <ol>
        {found.map(({ slide, index }) => (
          <li key={slide.id}>
            <a
              href={slideAddress(slide.id, reading.studyId.value)}
              aria-current={index === position ? "true" : undefined}
              ref={index === position ? current : null}
              onClick={(event) => {
                if (!isPlainClick(event)) return;
                event.preventDefault();
                void reading.open(index);
              }}
            >
              <span class="number">{index + 1}</span>
              <span class="clip">{slide.name}</span>
              {slide.caseName && <span class="case clip">{slide.caseName}</span>}
            </a>
          </li>
        ))}
      </ol>
    </div>
  );
}
