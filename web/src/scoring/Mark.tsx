/** The mark of a slide: open ring, half, or filled with a tick. */

import { words } from "../ui/words";
import type { Mark as Kind } from "./api";
import { sheetWords } from "./words";

interface Props {
  mark: Kind;
  /** An answer has not reached the server yet. */
  isWaiting?: boolean;
}

export function Mark({ mark, isWaiting = false }: Props) {
  const state = words.scoring.marks[mark];
  const name = isWaiting ? `${state}, ${sheetWords.waitingMark}` : state;
  return (
    <svg
      class="mark"
      data-mark={mark}
      data-waiting={isWaiting}
      viewBox="0 0 16 16"
      role="img"
      aria-label={name}
    >
      <title>{name}</title>
      <circle cx="8" cy="8" r="6.25" />
      {mark === "partly" && <path class="half" d="M8 1.75a6.25 6.25 0 0 1 0 12.5z" />}
      {mark === "done" && <path class="tick" d="m5 8.2 2.1 2.1L11 6.2" />}
    </svg>
  );
}
