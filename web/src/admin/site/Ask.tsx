/** A dialog for what cannot be undone: the safe button first, and focused. */

import { useEffect, useRef } from "preact/hooks";

interface Props {
  title: string;
  more: string;
  safe: string;
  act: string;
  onSafe: () => void;
  onAct: () => void;
}

export function Ask({ title, more, safe, act, onSafe, onAct }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      class="ask"
      aria-labelledby="ask-title"
      onCancel={(event) => {
        event.preventDefault();
        onSafe();
      }}
    >
      <h2 id="ask-title">{title}</h2>
      <p>{more}</p>
      <div class="form-acts">
        <button type="button" class="button" autofocus onClick={onSafe}>
          {safe}
        </button>
        <button type="button" class="button danger" onClick={onAct}>
          {act}
        </button>
      </div>
    </dialog>
  );
}
