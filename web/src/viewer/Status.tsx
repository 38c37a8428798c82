/** The status line: scale, magnification, angle, cursor and whether what is seen is sharp. */

import { useSignal } from "@preact/signals";
import { micrometres } from "../ui/format";
import { Icon } from "../ui/Icon";
import { words } from "../ui/words";
import { adjustWords } from "./adjustwords";
import type { Desk } from "./desk";
import { magnificationAt, OBJECTIVES, parseZoom, zoomAt } from "./magnification";
import { placeText } from "./place";
import { scaleBar } from "./scalebar";
import type { SupplyState } from "./supply";

export function Status({ desk }: { desk: Desk }) {
  const facts = desk.reading.facts.value;
  return (
    <section class="status" aria-label={words.viewer.status} data-part>
      {facts && (
        <>
          <Scale desk={desk} />
          <Objectives desk={desk} />
          <ExactField desk={desk} />
          <Angle desk={desk} />
          {desk.adjust.isAdjusted.value && <AdjustedChip desk={desk} />}
          <Cursor desk={desk} />
          <Sharpness desk={desk} />
          {facts.mpp !== null && (
            <span class="late">{words.viewer.perPixel(micrometres(facts.mpp))}</span>
          )}
        </>
      )}
      <span class="for-readers" role="status">
        {desk.said}
      </span>
    </section>
  );
}

function Scale({ desk }: { desk: Desk }) {
  const said = words.viewer;
  const facts = desk.reading.facts.value;
  const look = desk.view.look.value;
  if (!facts || !look) return null;
  if (facts.mpp === null) {
    const doubtful = facts.doubtfulMpp;
    const why = doubtful === null ? said.noScale : said.doubtfulScale(micrometres(doubtful));
    return (
      <span class="no-scale" title={why}>
        {why}
      </span>
    );
  }
  const bar = scaleBar(facts.mpp / look.zoom);
  return (
    <span class="scale" data-testid="scale">
      <i style={{ width: `${bar.width}px` }} />
      <span class="scale-text">{bar.text}</span>
    </span>
  );
}

function Objectives({ desk }: { desk: Desk }) {
  const said = words.viewer;
  const mpp = desk.mpp.value;
  const zoom = desk.view.look.value?.zoom ?? 0;
  return (
    <fieldset class="objectives" aria-label={said.magnification}>
      <button type="button" title={`${said.fitLong} (Home)`} onClick={() => desk.view.fit()}>
        {said.fit}
      </button>
      {mpp !== null &&
        OBJECTIVES.map((power, index) => (
          <button
            type="button"
            key={power}
            aria-pressed={Math.abs(magnificationAt(zoom, mpp) / power - 1) < 0.01}
            aria-label={said.goObjective(power)}
            title={`${said.objective(power)} (Z ${index + 1})`}
            onClick={() => desk.view.zoomTo(zoomAt(power, mpp))}
          >
            {said.objective(power)}
          </button>
        ))}
    </fieldset>
  );
}

function ExactField({ desk }: { desk: Desk }) {
  const said = words.viewer;
  const typed = useSignal<string | null>(null);
  const isWrong = useSignal(false);
  const mpp = desk.mpp.value;
  const shown = desk.magnification.value;

  const leave = () => {
    typed.value = null;
    isWrong.value = false;
  };
  const go = (text: string) => {
    const zoom = parseZoom(text, mpp);
    isWrong.value = zoom === null;
    if (zoom === null) return;
    desk.view.zoomTo(zoom);
    leave();
    desk.view.canvas.focus();
  };
  const wrong = mpp === null ? said.exactRatioWrong : said.exactWrong;
  return (
    <input
      class="exact"
      aria-label={mpp === null ? said.exactRatio : said.exact}
      aria-invalid={isWrong.value}
      title={isWrong.value ? wrong : mpp === null ? said.exactRatio : said.exact}
      value={typed.value ?? (mpp === null ? said.zoom(shown) : shown)}
      onFocus={(event) => event.currentTarget.select()}
      onInput={(event) => {
        typed.value = event.currentTarget.value;
      }}
      onBlur={leave}
      onKeyDown={(event) => {
        if (event.key === "Enter") go(event.currentTarget.value.replace(/^\D*(?=\d)/, ""));
        if (event.key === "Escape") desk.view.canvas.focus();
      }}
    />
  );
}

function Angle({ desk }: { desk: Desk }) {
  const said = words.viewer;
  const angle = desk.view.look.value?.view.rotation ?? 0;
  const upright = desk.view.upright.value;
  const isTurned = Math.abs(angle - upright) > 0.05;
  const text = `${Math.round(angle)}°`;
  const reset = said.rotateReset(upright);
  return (
    <button
      type="button"
      class="angle"
      data-turned={isTurned}
      disabled={!isTurned}
      aria-label={isTurned ? `${text}, ${reset}` : text}
      title={isTurned ? `${reset} (⇧Home)` : text}
      onClick={() => desk.run("rotateReset")}
    >
      <Icon name="turnRight" small />
      {text}
    </button>
  );
}

/** Never to be overlooked: what is seen is not what was scanned. */
function AdjustedChip({ desk }: { desk: Desk }) {
  return (
    <button
      type="button"
      class="chip"
      title={adjustWords.chipLong}
      onClick={() => desk.adjust.reset()}
    >
      {adjustWords.chip}
    </button>
  );
}

function Cursor({ desk }: { desk: Desk }) {
  const place = desk.view.cursor.value;
  return (
    <span class="cursor" aria-hidden="true">
      {place ? placeText(place, desk.mpp.value) : ""}
    </span>
  );
}

function Sharpness({ desk }: { desk: Desk }) {
  const said = words.viewer;
  const supply = desk.view.supply.value;
  return (
    <span
      class="sharpness"
      data-state={stateOf(supply)}
      title={supply.isSharp ? said.sharpLong : undefined}
    >
      <i />
      {sentence(supply)}
      {supply.missing > 0 && (
        <button type="button" class="link" onClick={() => desk.view.retry()}>
          {said.tryAgain}
        </button>
      )}
    </span>
  );
}

function stateOf(supply: SupplyState): "sharp" | "coming" | "late" {
  if (supply.isSharp) return "sharp";
  return supply.missing > 0 || supply.isOffline ? "late" : "coming";
}

function sentence(supply: SupplyState): string {
  const said = words.viewer;
  if (supply.isSharp) return said.sharp;
  if (supply.missing > 0) return said.missing(supply.missing);
  return supply.isOffline ? said.waiting(supply.pending) : said.onTheirWay(supply.pending);
}
