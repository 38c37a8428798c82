/** The sheet of keys, made from the table that the keyboard obeys. */

import { useEffect, useRef } from "preact/hooks";
import { IconButton } from "../ui/IconButton";
import { words } from "../ui/words";
import { keySheet, type SheetLine } from "./keys";

export function KeySheet({ onClose }: { onClose: () => void }) {
  const said = words.keys;
  const dialog = useRef<HTMLDialogElement>(null);

  useEffect(() => {
    dialog.current?.showModal();
  }, []);

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the click is on the backdrop; Esc does the same
    <dialog
      class="key-sheet"
      ref={dialog}
      aria-labelledby="key-sheet-title"
      onClose={onClose}
      onClick={(event) => event.target === event.currentTarget && onClose()}
    >
      <header>
        <h2 id="key-sheet-title">{said.title}</h2>
        <span class="aside">{said.mac}</span>
        <IconButton icon="close" name={said.closeButton} cap="Esc" onClick={onClose} />
      </header>
      <div class="groups">
        {keySheet().map((group) => (
          <section key={group.title}>
            <h3>{group.title}</h3>
            <dl>
              {group.lines.map((line) => (
                <Line key={line.caps.join(" ")} line={line} />
              ))}
            </dl>
          </section>
        ))}
      </div>
      <footer>{said.note}</footer>
    </dialog>
  );
}

function Line({ line }: { line: SheetLine }) {
  return (
    <div>
      <dt>
        {line.caps.map((cap, index) => (
          <>
            {index > 0 && line.between ? <span>{line.between}</span> : null}
            <kbd>{cap}</kbd>
          </>
        ))}
      </dt>
      <dd>{line.does}</dd>
    </div>
  );
}
