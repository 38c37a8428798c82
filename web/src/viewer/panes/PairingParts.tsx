/** What is seen while places of two slides are matched: what to do next, and the places. */

import { Camera } from "../../drawing/camera";
import { IconButton } from "../../ui/IconButton";
import type { Desk } from "../desk";
import type { Point } from "../geometry";
import type { SlideView } from "../slideview";
import { paneWords } from "./words";

const said = paneWords.pairing;

/** What is to be done next, in the line of the scored slide. */
export function PairingNote({ desk }: { desk: Desk }) {
  const { pairing } = desk.companions;
  const matching = pairing.now.value;
  if (!matching) return null;
  const count = Math.min(matching.main.length, matching.beside.length) + 1;
  const next = pairing.next;
  const asked = said.asked(count, next && said.sides[next]);
  return (
    <span class="pane-note pairing-note clip" role="status" title={asked}>
      {matching.refusal && <strong>{said.refused[matching.refusal]} </strong>}
      {asked}
    </span>
  );
}

/** The line of the slide that is laid anew. */
export function PairingHead({ desk, name }: { desk: Desk; name: string }) {
  const { pairing } = desk.companions;
  return (
    <header class="pane-head" data-pairing>
      <strong class="clip">{name}</strong>
      <span class="pane-note clip">{pairing.isByKeys.value ? said.byKeys : said.byHand}</span>
      <span class="pane-acts">
        <IconButton icon="undo" name={said.back} cap="Backspace" onClick={() => pairing.back()} />
        <IconButton icon="close" name={said.cancel} cap="Esc" onClick={() => pairing.cancel()} />
      </span>
    </header>
  );
}

/** The places that were put on a slide, and the cross in its middle that keys put one at. */
export function PairingMarks({ desk, view }: { desk: Desk; view: SlideView }) {
  const { pairing } = desk.companions;
  const [matching, side] = [pairing.now.value, pairing.sideOf(view)];
  const look = view.look.value;
  if (!matching || !side || !look) return null;
  const camera = new Camera(look);
  const { width, height } = look.window;
  const isWanted = pairing.next === null || pairing.next === side;
  return (
    <svg class="pair-marks" aria-hidden="true" width={width} height={height}>
      {matching[side].map((place, index) => (
        <Place key={`${index}`} at={camera.toScreen(place)} name={String(index + 1)} />
      ))}
      {pairing.isByKeys.value && isWanted && (
        <g class="pair-cross" transform={`translate(${width / 2} ${height / 2})`}>
          <path d="M-22 0H-5M5 0h17M0-22v17M0 5v17" />
          <path d="M-22 0H-5M5 0h17M0-22v17M0 5v17" />
        </g>
      )}
    </svg>
  );
}

function Place({ at, name }: { at: Point; name: string }) {
  return (
    <g class="pair-place" transform={`translate(${at.x} ${at.y})`}>
      <circle r="9" />
      <circle r="9" />
      <circle class="pair-dot" r="1.5" />
      <text x="13" y="-9">
        {name}
      </text>
    </g>
  );
}
