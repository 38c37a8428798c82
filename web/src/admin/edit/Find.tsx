/** The field that narrows a table by what is typed. */

import type { Signal } from "@preact/signals";

export function Find({ label, query }: { label: string; query: Signal<string> }) {
  return (
    <input
      type="search"
      class="field find"
      placeholder={label}
      aria-label={label}
      value={query.value}
      onInput={(event) => {
        query.value = event.currentTarget.value;
      }}
    />
  );
}
