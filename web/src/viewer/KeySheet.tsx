/** The sheet of keys, made from the table that the keyboard obeys. */

import { useEffect, useRef } from "preact/hooks";
import { IconButton } from "../ui/IconButton";
import { words } from "../ui/words";
import { KeyTable } from "./KeyTable";

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
      <KeyTable />
      <footer>{said.note}</footer>
    </dialog>
  );
}
