/** A text that is shown once: with a button to copy it, and one to say that it is kept. */

import { useSignal } from "@preact/signals";
import { Icon } from "../../ui/Icon";
import { words } from "./words";

interface Props {
  text: string;
  note: string;
  onKept: () => void;
}

export function Secret({ text, note, onKept }: Props) {
  const said = words.tokens;
  const isCopied = useSignal(false);
  const copy = async (field: HTMLInputElement | null) => {
    field?.select();
    try {
      await navigator.clipboard.writeText(text);
      isCopied.value = true;
    } catch {
      // Without https the browser keeps the clipboard; the selected text is copied by hand.
    }
  };
  return (
    <section class="panel-card secret" role="status">
      <p>{note}</p>
      <div class="secret-line">
        <input
          class="field mono"
          readOnly
          value={text}
          aria-label={note}
          onFocus={(event) => event.currentTarget.select()}
        />
        <button
          type="button"
          class="button primary"
          onClick={(event) =>
            void copy(event.currentTarget.parentElement?.querySelector("input") ?? null)
          }
        >
          <Icon name={isCopied.value ? "check" : "copy"} />{" "}
          {isCopied.value ? said.copied : said.copy}
        </button>
        <button type="button" class="button" onClick={onKept}>
          {said.kept}
        </button>
      </div>
    </section>
  );
}
