/** Asks what a picture of the view shall show, and saves it. */

import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { wholeNumber } from "../../ui/format";
import { boxOf } from "../ahead";
import type { Desk } from "../desk";
import { composePng, fileNameOf, savePicture } from "./compose";
import { fetchFull, regionOf } from "./server";
import { shotWords as said } from "./words";

export function ShotDialog({ desk, onClose }: { desk: Desk; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const hasShapes = useSignal(true);
  const hasBar = useSignal(true);
  const isFull = useSignal(false);
  const isBusy = useSignal(false);
  const problem = useSignal("");
  useEffect(() => dialog.current?.showModal(), []);
  const look = desk.view.look.value;
  const facts = desk.reading.facts.value;
  if (!look || !facts) return null;
  const region = regionOf(boxOf(look), facts);
  const user = desk.sheet.rights.value?.email ?? "";
  // The server draws by the right to answers, which those who may only look do not have.
  const hasFull = desk.sheet.canAnswer.value || desk.sheet.rights.value?.canGetResults === true;
  const save = async () => {
    isBusy.value = true;
    try {
      await savedShot(desk, {
        hasShapes: hasShapes.value,
        hasBar: hasBar.value,
        isFull: isFull.value,
      });
      onClose();
    } catch (error) {
      problem.value = said.failed(error instanceof Error ? error.message : "");
    }
    isBusy.value = false;
  };
  return (
    <dialog ref={dialog} class="viewer-dialog shot-dialog" aria-labelledby={id} onClose={onClose}>
      <h2 id={id}>{said.title}</h2>
      <Check name={said.shapes} value={hasShapes} />
      <Check name={said.bar} value={hasBar} isOff={facts.mpp === null} />
      {hasFull && user && (
        <fieldset class="shot-kinds" aria-label={said.title}>
          <label>
            <input
              type="radio"
              name="shot"
              checked={!isFull.value}
              onChange={() => {
                isFull.value = false;
              }}
            />
            <span>
              {said.seen}
              <small>
                {said.seenNote(Math.round(look.window.width), Math.round(look.window.height))}
              </small>
            </span>
          </label>
          <label>
            <input
              type="radio"
              name="shot"
              disabled={!region}
              checked={isFull.value}
              onChange={() => {
                isFull.value = true;
              }}
            />
            <span>
              {said.full}
              <small>
                {region
                  ? said.fullNote(`${wholeNumber(region.width)} × ${wholeNumber(region.height)}`)
                  : said.tooLarge}
              </small>
            </span>
          </label>
        </fieldset>
      )}
      {problem.value && <p role="alert">{problem}</p>}
      <div class="form-acts">
        <button type="button" class="button" onClick={onClose}>
          {said.cancel}
        </button>
        <button
          type="button"
          class="button primary"
          disabled={isBusy.value}
          onClick={() => void save()}
        >
          {said.save}
        </button>
      </div>
    </dialog>
  );
}

interface CheckProps {
  name: string;
  value: { value: boolean };
  isOff?: boolean;
}

function Check({ name, value, isOff = false }: CheckProps) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={value.value && !isOff}
        disabled={isOff}
        onChange={(event) => {
          value.value = event.currentTarget.checked;
        }}
      />
      {name}
    </label>
  );
}

async function savedShot(
  desk: Desk,
  { hasShapes, hasBar, isFull }: { hasShapes: boolean; hasBar: boolean; isFull: boolean },
): Promise<void> {
  const look = desk.view.look.value;
  const facts = desk.reading.facts.value;
  const slide = desk.reading.slide.value;
  const place = document.querySelector<HTMLElement>(".pane > .picture");
  if (!look || !facts || !slide || !place) return;
  const region = regionOf(boxOf(look), facts);
  if (!isFull || !region) {
    const picture = await composePng(place, look, facts.mpp, { hasShapes, hasBar });
    savePicture(picture, fileNameOf(slide.name, desk.magnification.value, "png"));
    return;
  }
  const user = hasShapes ? (desk.sheet.rights.value?.email ?? "") : "";
  const picture = await fetchFull(slide.id, facts.maxLevel, region, { user, hasBar });
  savePicture(picture, fileNameOf(slide.name, desk.magnification.value, "jpeg"));
}
