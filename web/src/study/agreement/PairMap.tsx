/** Each two readers as a cell of a triangle, darker the better they agree. */

import type { Signal } from "@preact/signals";
import { initials } from "../../ui/person";
import type { Scale, Statistic } from "./api";
import { isOf, tint } from "./figures";
import { decimals } from "./QuestionTable";
import { words } from "./words";

interface Props {
  pairs: readonly Statistic[];
  scale: Scale;
  names: ReadonlyMap<string, string>;
  pair: Signal<readonly [string, string] | null>;
  shown: readonly [string, string] | null;
}

export function PairMap({ pairs, scale, names, pair, shown }: Props) {
  const readers = [...new Set(pairs.flatMap(({ readers }) => readers ?? []))];
  const most = Math.max(...pairs.map(({ value }) => Math.abs(value ?? 0)), Number.MIN_VALUE);
  const share = (value: number) => (scale === "interval" ? 1 - Math.abs(value) / most : value);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section class="wide-table padded" aria-label={words.pairTable} tabIndex={0}>
      <table class="heat">
        <thead>
          <tr>
            <td />
            {readers.slice(0, -1).map((email) => (
              <Reader key={email} email={email} names={names} scope="col" />
            ))}
          </tr>
        </thead>
        <tbody>
          {readers.slice(1).map((row, at) => (
            <tr key={row}>
              <Reader email={row} names={names} scope="row" />
              {readers.slice(0, at + 1).map((column) => {
                const found = pairs.find(({ readers: of }) => isOf([row, column], of));
                if (!found || found.value === null) {
                  return (
                    <td key={column} class="heat-cell" title={found?.reason}>
                      –
                    </td>
                  );
                }
                const value = decimals(found.value);
                const two = found.readers ?? [column, row];
                return (
                  <td key={column}>
                    <button
                      type="button"
                      class="heat-cell"
                      data-tint={tint(share(found.value))}
                      aria-pressed={shown !== null && isOf(shown, found.readers)}
                      aria-label={words.pair(
                        names.get(two[0]) ?? two[0],
                        names.get(two[1]) ?? two[1],
                        value,
                      )}
                      onClick={() => {
                        pair.value = two;
                      }}
                    >
                      {value}
                    </button>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {scale !== "drawn" && <p class="aside foot">{words.pairsHint}</p>}
    </section>
  );
}

function Reader({
  email,
  names,
  scope,
}: {
  email: string;
  names: ReadonlyMap<string, string>;
  scope: "col" | "row";
}) {
  return (
    <th scope={scope} title={email} aria-label={names.get(email) ?? email}>
      {scope === "row" ? (names.get(email) ?? email) : initials(email)}
    </th>
  );
}
