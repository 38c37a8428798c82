/** How often one reader's answer met the other's: a table, darker the more often. */

import { tint } from "./figures";
import { words } from "./words";

interface Props {
  counts: readonly (readonly number[])[];
  categories: readonly string[];
  rows: string;
  columns: string;
}

export function ConfusionTable({ counts, categories, rows, columns }: Props) {
  const most = Math.max(1, ...counts.flat());
  return (
    <section
      class="wide-table padded"
      aria-label={words.confusionTable(rows, columns)}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
      tabIndex={0}
    >
      <table class="heat">
        <thead>
          <tr>
            <td />
            {categories.map((category) => (
              <th key={category} scope="col" class="clip" title={category}>
                {category}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {counts.map((line, row) => (
            <tr key={categories[row]}>
              <th scope="row" class="clip" title={categories[row]}>
                {categories[row]}
              </th>
              {line.map((count, column) => (
                <td
                  key={categories[column]}
                  class="heat-cell"
                  data-tint={count === 0 ? 0 : tint(count / most)}
                  data-same={row === column}
                  title={words.confusion(categories[row] ?? "", categories[column] ?? "", count)}
                >
                  {count}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p class="aside foot">
        <span>{words.rows(rows)}</span>
        <span>{words.across(columns)}</span>
      </p>
    </section>
  );
}
