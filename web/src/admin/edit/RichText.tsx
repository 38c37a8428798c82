/** A field for descriptions: bold, italic, lists and links by buttons or keys, or the HTML itself. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { htmlOf, nodesOf } from "./richtext";
import { richWords as said } from "./richwords";

interface Props {
  label: string;
  /** With which it begins, and what its HTML is. */
  value: string;
  onChange: (html: string) => void;
}

type Deed = keyof typeof said.deeds;

const DEEDS: readonly { name: Deed; command: string }[] = [
  { name: "bold", command: "bold" },
  { name: "italic", command: "italic" },
  { name: "heading", command: "formatBlock" },
  { name: "list", command: "insertUnorderedList" },
  { name: "numbers", command: "insertOrderedList" },
  { name: "link", command: "createLink" },
  { name: "plain", command: "removeFormat" },
];

export function RichText({ label, value, onChange }: Props) {
  const field = useRef<HTMLDivElement>(null);
  const showsHtml = useSignal(false);

  // What is typed is never put back into the field: it would come under the caret.
  useEffect(() => {
    if (!showsHtml.value) field.current?.replaceChildren(nodesOf(value));
  }, [showsHtml.value]);

  const take = () => {
    if (field.current) onChange(htmlOf(field.current));
  };
  const act = (command: string) => {
    field.current?.focus();
    // Deprecated, and without a successor: what browsers have for texts with formatting.
    document.execCommand("styleWithCSS", false, "false");
    document.execCommand(command, false, argumentOf(command));
    take();
  };
  return (
    <div class="rich-text">
      <div class="rich-acts" role="toolbar" aria-label={said.toolbar(label)}>
        {DEEDS.map(({ name, command }) => (
          <button
            key={name}
            type="button"
            class="button small quiet"
            data-deed={name}
            title={said.names[name]}
            aria-label={said.names[name]}
            disabled={showsHtml.value}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => act(command)}
          >
            {said.deeds[name]}
          </button>
        ))}
        <button
          type="button"
          class="button small quiet right"
          aria-pressed={showsHtml.value}
          onClick={() => {
            showsHtml.value = !showsHtml.value;
          }}
        >
          {said.html}
        </button>
      </div>
      {showsHtml.value ? (
        <textarea
          class="field mono"
          rows={8}
          spellcheck={false}
          aria-label={said.htmlOf(label)}
          value={value}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      ) : (
        // biome-ignore lint/a11y/useSemanticElements: a text area holds no formatting
        <div
          ref={field}
          class="field rich-field"
          contentEditable
          role="textbox"
          tabIndex={0}
          aria-multiline="true"
          aria-label={label}
          onInput={take}
          onPaste={(event) => {
            event.preventDefault();
            const text = event.clipboardData?.getData("text/plain") ?? "";
            document.execCommand("insertText", false, text);
          }}
        />
      )}
    </div>
  );
}

function argumentOf(command: string): string | undefined {
  if (command === "formatBlock") return "h3";
  if (command !== "createLink") return undefined;
  const chosen = String(getSelection() ?? "").trim();
  return /^(https?:|mailto:)/i.test(chosen) ? chosen : `https://${chosen.replace(/\s+/g, "")}`;
}
