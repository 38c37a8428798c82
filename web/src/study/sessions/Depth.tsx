/** How closely a slide was looked at over time: the share of its width in view, on a root scale. */

import type { Look } from "./api";
import { words } from "./words";

interface Props {
  looks: readonly Look[];
  /** Of the slide, in level-0 pixels. */
  width: number;
  at: number;
  end: number;
}

const WIDTH = 400;
const HEIGHT = 64;

export function Depth({ looks, width, at, end }: Props) {
  const least = Math.min(...looks.map((look) => look.width));
  const depth = (look: Look) => Math.log2(Math.max(1, width / look.width));
  const deepest = Math.max(1, Math.log2(Math.max(1, width / least)));
  const x = (ms: number) => (WIDTH * ms) / Math.max(1, end);
  const y = (look: Look) => HEIGHT - 6 - ((HEIGHT - 12) * depth(look)) / deepest;
  const path = looks.map((look, index) => {
    const there = `${x(look.at).toFixed(1)}`;
    return index === 0 ? `M${there} ${y(look).toFixed(1)}` : `H${there}V${y(look).toFixed(1)}`;
  });
  const closest = `${(width / least).toFixed(1)}×`;
  return (
    <figure class="depth">
      <figcaption class="aside">
        {words.depth}
        <span>
          {words.wide} – {words.close}, {closest}
        </span>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={words.depthName("1×", closest)}
      >
        <path class="ground" d={`M0 ${HEIGHT - 6}H${WIDTH}`} />
        <path class="course" d={path.join("")} />
        <path class="now" d={`M${x(at)} 0V${HEIGHT}`} />
      </svg>
    </figure>
  );
}
