/** How often each answer was given: a bar for each option, or for each tenth of a range. */

import type { Agreement, Given } from "./api";
import { counted, numberOf } from "./spread";
import { words } from "./words";

/** More different answers than this are put into classes. */
const MOST_BARS = 12;

export function Distribution({
  agreement,
  given,
}: {
  agreement: Agreement;
  given: readonly Given[];
}) {
  const bars = barsOf(agreement, given);
  const most = Math.max(1, ...bars.map(({ count }) => count));
  const all = bars.reduce((sum, { count }) => sum + count, 0);
  return (
    <section class="panel-card" aria-labelledby="given-title">
      <header class="card-head">
        <h2 id="given-title">
          {agreement.question}: {words.distribution.toLowerCase()}
        </h2>
      </header>
      <ul class="bars">
        {bars.map(({ name, count }) => (
          <li key={name} title={words.share(name, count, Math.round((100 * count) / all))}>
            <span class="clip">{name}</span>
            <span class="bar">
              <i style={{ width: `${(100 * count) / most}%` }} />
            </span>
            <b>{count}</b>
            <span class="aside">{all > 0 ? Math.round((100 * count) / all) : 0} %</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function barsOf(agreement: Agreement, given: readonly Given[]) {
  const said = given.map(({ answer }) => answer).filter(Boolean);
  const votes = counted(said, agreement.categories);
  if (agreement.scale !== "interval") {
    return [...votes].slice(0, MOST_BARS).map(([name, count]) => ({ name, count }));
  }
  const numbers = said.map(numberOf).filter((value) => value !== null);
  if (votes.size <= MOST_BARS) {
    return [...votes]
      .sort(([one], [other]) => (numberOf(one) ?? Infinity) - (numberOf(other) ?? Infinity))
      .map(([name, count]) => ({ name, count }));
  }
  return classes(numbers);
}

/** Count numbers in at most ten classes of a round width. */
export function classes(numbers: readonly number[]): { name: string; count: number }[] {
  const least = Math.min(...numbers);
  const most = Math.max(...numbers);
  const rough = (most - least) / 10;
  const power = 10 ** Math.floor(Math.log10(rough));
  const width = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const first = Math.floor(least / width);
  const count = Math.floor(most / width) - first + 1;
  const found = Array.from({ length: count }, (_, at) => {
    const low = Number(((first + at) * width).toPrecision(12));
    const high = Number((low + width).toPrecision(12));
    return { name: `${low} to ${high}`, count: 0 };
  });
  for (const value of numbers) {
    const bar = found[Math.floor(value / width) - first];
    if (bar) bar.count += 1;
  }
  return found;
}
