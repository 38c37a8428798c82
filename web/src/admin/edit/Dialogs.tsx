/** Dialogs for acts that need an answer, or cannot be undone: Escape is the safe way out. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { words } from "./words";

interface ShellProps {
  title: string;
  isWide?: boolean;
  onCancel: () => void;
  children: ComponentChildren;
}

/** What all dialogs are in. */
export function Shell({ title, isWide = false, onCancel, children }: ShellProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="ask" data-wide={isWide} aria-labelledby={id} onClose={onCancel}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}

interface ConfirmProps {
  title: string;
  text: string;
  act: string;
  onCancel: () => void;
  onDone: () => void;
}

export function Confirm({ title, text, act, onCancel, onDone }: ConfirmProps) {
  return (
    <Shell title={title} onCancel={onCancel}>
      <p>{text}</p>
      <div class="form-acts">
        <button type="button" class="button" onClick={onCancel}>
          {words.cancel}
        </button>
        <button type="button" class="button danger filled" onClick={onDone}>
          {act}
        </button>
      </div>
    </Shell>
  );
}

interface TellProps {
  title: string;
  text: string;
  onClose: () => void;
}

/** Says why something cannot be done. */
export function Tell({ title, text, onClose }: TellProps) {
  return (
    <Shell title={title} onCancel={onClose}>
      <p>{text}</p>
      <div class="form-acts">
        <button type="button" class="button" onClick={onClose}>
          {words.close}
        </button>
      </div>
    </Shell>
  );
}

interface PromptProps {
  title: string;
  label: string;
  hint?: string;
  value: string;
  act: string;
  known?: readonly string[];
  mayBeEmpty?: boolean;
  /** Returns what is wrong with the text; empty: nothing. */
  check?: (text: string) => string;
  onCancel: () => void;
  onDone: (text: string) => void;
}

export function Prompt(props: PromptProps) {
  const { title, label, hint, act, known, mayBeEmpty, check, onCancel, onDone } = props;
  const text = useSignal(props.value);
  const problem = useSignal("");
  const list = useId();
  const submit = (event: Event) => {
    event.preventDefault();
    const wanted = text.value.trim();
    problem.value = check?.(wanted) ?? "";
    if (!problem.value && (wanted || mayBeEmpty)) onDone(wanted);
  };
  return (
    <Shell title={title} onCancel={onCancel}>
      <form class="form" onSubmit={submit}>
        <label>
          <span>{label}</span>
          <input
            class="field"
            value={text.value}
            list={known ? list : undefined}
            aria-invalid={problem.value !== ""}
            onInput={(event) => {
              text.value = event.currentTarget.value;
              problem.value = "";
            }}
          />
        </label>
        {known && (
          <datalist id={list}>
            {known.map((name) => (
              <option key={name} value={name} />
            ))}
          </datalist>
        )}
        {hint && <p class="hint">{hint}</p>}
        <p class="wrong" role={problem.value ? "alert" : undefined}>
          {problem.value}
        </p>
        <div class="form-acts">
          <button type="button" class="button" onClick={onCancel}>
            {words.cancel}
          </button>
          <button type="submit" class="button primary">
            {act}
          </button>
        </div>
      </form>
    </Shell>
  );
}
