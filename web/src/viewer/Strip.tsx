/** The strip of slides under the slide. */

import { useEffect, useRef } from "preact/hooks";
import type { Slide } from "../api/studies";
import type { Mark as MarkKind } from "../scoring/api";
import { Mark } from "../scoring/Mark";
import { Thumbnail } from "../ui/Thumbnail";
import { words } from "../ui/words";
import type { Desk } from "./desk";
import { isPlainClick } from "./links";
import { slideAddress } from "./reading";

export function Strip({ desk }: { desk: Desk }) {
  const strip = useRef<HTMLElement>(null);
  const { reading } = desk;
  const slides = reading.slides.value;
  const position = reading.position.value;
  // Before the list is here its place is kept, so that the slide does not change its size.
  const isAwaited = desk.isInStudy && slides.length === 0 && reading.phase.value === "opening";
  const isShown = desk.hasStrip.value && !desk.isOneWay.value && (slides.length > 1 || isAwaited);

  useEffect(() => {
    if (isShown) keepThirdFromLeft(strip.current, position);
  }, [position, isShown]);

  if (!isShown) return null;
  const waiting = desk.sheet.queue.waitingSlides;
  return (
    <nav
      class="strip"
      aria-label={words.viewer.stripLabel}
      ref={strip}
      data-part
      onWheel={(event) => {
        event.currentTarget.scrollLeft += event.deltaY + event.deltaX;
      }}
    >
      {slides.map((slide, index) => (
        <Card
          key={slide.id}
          slide={slide}
          isCurrent={index === position}
          address={(id) => reading.cache.thumbnail(id)}
          studyId={reading.studyId.value}
          mark={
            desk.sheet.canAnswer.value ? (desk.sheet.marks.value.get(slide.id) ?? "open") : null
          }
          isWaiting={waiting.has(slide.id)}
          onOpen={() => void reading.open(index)}
        />
      ))}
    </nav>
  );
}

interface CardProps {
  slide: Slide;
  isCurrent: boolean;
  studyId: number | null;
  mark: MarkKind | null;
  isWaiting: boolean;
  address: (slideId: number) => Promise<string>;
  onOpen: () => void;
}

function Card({ slide, isCurrent, studyId, mark, isWaiting, address, onOpen }: CardProps) {
  return (
    <a
      class="card"
      href={slideAddress(slide.id, studyId)}
      aria-current={isCurrent ? "true" : undefined}
      title={slide.name}
      onClick={(event) => {
        if (!isPlainClick(event)) return;
        event.preventDefault();
        if (!isCurrent) onOpen();
      }}
    >
      <Thumbnail of={slide.id} address={address} />
      <span class="caption">
        <span class="clip">{slide.name}</span>
        {mark && <Mark mark={mark} isWaiting={isWaiting} />}
      </span>
    </a>
  );
}

/** Scroll so that two slides before the current one stay in sight. */
function keepThirdFromLeft(strip: HTMLElement | null, position: number): void {
  const card = strip?.children[Math.max(0, position - 2)];
  if (strip && card instanceof HTMLElement)
    strip.scrollLeft = card.offsetLeft - strip.offsetLeft - 10;
}
