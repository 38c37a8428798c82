/** The mark of a slide: open ring, half, or filled with a tick. */

import { words } from "../ui/words";
import type { Mark as Kind } from "./api";

export function Mark({ mark }: { mark: Kind }) {
  const name = words.scoring.marks[mark];
  return (
    <svg class="mark" data-mark={mark} viewBox="0 0 16 16" role="img" aria-label={name}>
      <title>{name}</title>
      <circle cx="8" cy="8" r="6.25" />
      {mark === "partly" && <path class="half" d="M8 1.75a6.25 6.25 0 0 1 0 12.5z" />}
      {mark === "done" && <path class="tick" d="m5 8.2 2.1 2.1L11 6.2" />}
    </svg>
  );
}
