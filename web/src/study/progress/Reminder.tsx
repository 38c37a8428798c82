/** The letter to readers who are behind: to whom, what it says, and how they get it. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { post } from "../../api/http";
import { problemOf } from "../../ui/failure";
import { Icon } from "../../ui/Icon";
import type { Reader } from "./api";
import { type Draft, mailAddress } from "./letter";
import { words } from "./words";

interface Props {
  studyId: number;
  /** Those who are not done. */
  readers: readonly Reader[];
  /** The letter to begin with. */
  draft: Draft;
  onSaid: (sentence: string, isBad?: boolean) => void;
  onClose: () => void;
}

export function Reminder({ studyId, readers, draft, onSaid, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const letter = useSignal(draft);
  const trouble = useSignal("");
  const isSending = useSignal(false);
  useEffect(() => dialog.current?.showModal(), []);
  const { to, subject, body } = letter.value;

  const send = async () => {
    isSending.value = true;
    trouble.value = "";
    try {
      await post("SendEmail", { studyId: String(studyId), to: to.join(";"), subject, body });
      onSaid(words.letter.sent(to.length));
      onClose();
    } catch (error) {
      trouble.value = problemOf(error, new Date()).sentence;
    }
    isSending.value = false;
  };
  return (
    <dialog class="ask reminder" ref={dialog} aria-labelledby="reminder-title" onClose={onClose}>
      <h2 id="reminder-title">{words.letter.title}</h2>
      <form
        method="dialog"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <Receivers readers={readers} letter={letter} />
        <div class="letter-fields">
          <label>
            {words.letter.subjectLabel}
            <input
              class="field"
              maxLength={200}
              required
              value={subject}
              onInput={({ currentTarget }) => {
                letter.value = { ...letter.value, subject: currentTarget.value };
              }}
            />
          </label>
          <label>
            {words.letter.bodyLabel}
            <textarea
              class="field"
              rows={9}
              value={body}
              onInput={({ currentTarget }) => {
                letter.value = { ...letter.value, body: currentTarget.value };
              }}
            />
          </label>
        </div>
        <section class="letter-preview" aria-label={words.letter.preview}>
          <h3>{words.letter.preview}</h3>
          <b>{subject}</b>
          <pre>{body}</pre>
        </section>
        <p class="wrong" role="alert">
          {trouble.value}
        </p>
        <div class="form-acts">
          {trouble.value && (
            <a class="button" href={mailAddress(letter.value)}>
              {words.letter.byHand}
            </a>
          )}
          <button type="button" class="button" onClick={onClose}>
            {words.letter.cancel}
          </button>
          <button
            type="submit"
            class="button primary"
            disabled={to.length === 0 || isSending.value}
          >
            <Icon name="letter" />
            {isSending.value ? words.letter.sending : words.letter.send(to.length)}
          </button>
        </div>
      </form>
    </dialog>
  );
}

function Receivers({ readers, letter }: { readers: readonly Reader[]; letter: { value: Draft } }) {
  return (
    <fieldset class="receivers">
      <legend>{words.letter.to}</legend>
      {readers.map(({ email, done, marks }) => (
        <label key={email} class="tick-line">
          <input
            type="checkbox"
            checked={letter.value.to.includes(email)}
            onChange={({ currentTarget }) => {
              const rest = letter.value.to.filter((one) => one !== email);
              const chosen = currentTarget.checked ? [...rest, email] : rest;
              letter.value = { ...letter.value, to: chosen };
            }}
          />
          <span class="clip">{email}</span>
          <span class="aside">{words.letter.progress(done, marks.length)}</span>
        </label>
      ))}
      <span class="hint">{words.letter.toHint}</span>
    </fieldset>
  );
}
