/** The sliders of brightness, contrast and gamma, and the filter that they make. */

import { type Adjust, type Adjustment, lineOf } from "./adjust";
import { adjustWords as said } from "./adjustwords";

const SLIDERS: readonly { name: keyof Adjustment; least: number; most: number }[] = [
  { name: "brightness", least: -0.5, most: 0.5 },
  { name: "contrast", least: 0.5, most: 2 },
  { name: "gamma", least: 0.5, most: 2 },
];

export function AdjustCard({ adjust }: { adjust: Adjust }) {
  if (!adjust.isOpen.value) return null;
  const values = adjust.values.value;
  return (
    <section class="adjust-card" aria-label={said.title}>
      {SLIDERS.map(({ name, least, most }) => (
        <label key={name}>
          <span>{said[name]}</span>
          <input
            type="range"
            min={least}
            max={most}
            step={0.05}
            value={values[name]}
            onInput={(event) => adjust.set({ [name]: Number(event.currentTarget.value) })}
          />
          <output>{values[name].toFixed(2)}</output>
        </label>
      ))}
      <button
        type="button"
        class="button small"
        disabled={!adjust.isAdjusted.value}
        onClick={() => adjust.reset()}
      >
        {said.reset}
      </button>
    </section>
  );
}

/** The filter that the slide is drawn through while it is adjusted. */
export function AdjustFilter({ adjust }: { adjust: Adjust }) {
  const values = adjust.values.value;
  const line = lineOf(values);
  const exponent = 1 / values.gamma;
  return (
    <svg class="adjust-filter" aria-hidden="true">
      <filter id="adjusted" color-interpolation-filters="sRGB">
        <feComponentTransfer>
          <feFuncR type="linear" {...line} />
          <feFuncG type="linear" {...line} />
          <feFuncB type="linear" {...line} />
        </feComponentTransfer>
        <feComponentTransfer>
          <feFuncR type="gamma" exponent={exponent} />
          <feFuncG type="gamma" exponent={exponent} />
          <feFuncB type="gamma" exponent={exponent} />
        </feComponentTransfer>
      </filter>
    </svg>
  );
}
