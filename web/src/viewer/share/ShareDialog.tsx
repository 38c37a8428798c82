/** Makes a link under which a guest sees the slide. */

import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { isObject, post, root, text } from "../../api/http";
import { day } from "../../ui/format";
import type { Desk } from "../desk";
import { addressOf } from "../viewurl";
import { shareWords as said } from "./words";

const DAYS: readonly number[] = [7, 30, 90, 365];
const USUAL_DAYS = 30;

interface Made {
  address: string;
  until: Date;
}

export function ShareDialog({ desk, onClose }: { desk: Desk; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  const days = useSignal(USUAL_DAYS);
  const made = useSignal<Made | null>(null);
  const told = useSignal("");
  useEffect(() => dialog.current?.showModal(), []);
  const make = async () => {
    try {
      made.value = await makeLink(desk, days.value);
      told.value = "";
    } catch (error) {
      told.value = said.failed(error instanceof Error ? error.message : "");
    }
  };
  const copy = async () => {
    field.current?.select();
    // Without the clipboard, as on plain http, the link is marked and Ctrl+C takes it.
    await navigator.clipboard?.writeText(made.value?.address ?? "").catch(() => undefined);
    told.value = said.copied;
  };
  return (
    <dialog ref={dialog} class="viewer-dialog" aria-labelledby={id} onClose={onClose}>
      <h2 id={id}>{said.title}</h2>
      <p>{said.note(desk.reading.name.value)}</p>
      <label class="share-days">
        {said.holds}
        <select
          class="field"
          value={days.value}
          onChange={(event) => {
            days.value = Number(event.currentTarget.value);
            made.value = null;
          }}
        >
          {DAYS.map((count) => (
            <option key={count} value={count}>
              {said.days(count)}
            </option>
          ))}
        </select>
      </label>
      {made.value && (
        <>
          <input
            ref={field}
            class="field share-link"
            aria-label={said.link}
            readOnly
            value={made.value.address}
          />
          <p class="share-until">{said.until(day(made.value.until, new Date()))}</p>
        </>
      )}
      <p role="status">{told}</p>
      <div class="form-acts">
        <button type="button" class="button" onClick={onClose}>
          {said.cancel}
        </button>
        <button
          type="button"
          class="button primary"
          onClick={() => void (made.value ? copy() : make())}
        >
          {made.value ? said.copy : said.make}
        </button>
      </div>
    </dialog>
  );
}

async function makeLink(desk: Desk, days: number): Promise<Made> {
  const imageId = String(desk.reading.slide.value?.id ?? 0);
  const reply = await post("ShareSlide", { imageId, days: String(days) });
  const { link, expiresOn } = isObject(reply) ? reply : {};
  const plain = `${location.origin}${root}${text(link)}`;
  const view = desk.view.look.value?.view;
  return {
    address: view ? addressOf(plain, { view }) : plain,
    until: new Date(text(expiresOn)),
  };
}
