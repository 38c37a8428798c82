/** Whose answers are compared: everyone's, or those of the readers chosen. */

import type { Signal } from "@preact/signals";
import { words } from "./words";

interface Props {
  readers: readonly string[];
  names: ReadonlyMap<string, string>;
  /** Addresses of the only ones wanted; empty: everyone. */
  only: Signal<readonly string[]>;
}

export function ReaderChoice({ readers, names, only }: Props) {
  if (readers.length < 3) return null;
  const toggle = (email: string) => {
    const rest = only.value.filter((other) => other !== email);
    only.value = rest.length < only.value.length ? rest : [...only.value, email];
  };
  return (
    <fieldset class="reader-choice">
      <legend class="for-readers">{words.readers}</legend>
      <button
        type="button"
        class="tag choice"
        aria-pressed={only.value.length === 0}
        onClick={() => {
          only.value = [];
        }}
      >
        {words.everyone}
      </button>
      {readers.map((email) => (
        <button
          key={email}
          type="button"
          class="tag choice"
          title={email}
          aria-label={words.limit(email)}
          aria-pressed={only.value.includes(email)}
          onClick={() => toggle(email)}
        >
          {names.get(email) ?? email}
        </button>
      ))}
    </fieldset>
  );
}
