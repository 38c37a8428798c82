/** The panes beside the scored slide, and the line that says how they move together. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { figures } from "../../drawing/amounts";
import { Camera } from "../../drawing/camera";
import { Mark } from "../../scoring/Mark";
import { IconButton } from "../../ui/IconButton";
import type { Desk } from "../desk";
import { SlideView } from "../slideview";
import { type CorePlace, coreName } from "../tma/layout";
import { coreWords } from "../tma/words";
import type { Placing, Sync } from "./alignment";
import type { Companion } from "./companions";
import { PairingHead, PairingMarks, PairingNote } from "./PairingParts";
import { paneWords as said } from "./words";

const CLICK_PX = 4;

export function Panes({ desk }: { desk: Desk }) {
  return (
    <>
      {desk.companions.all.value.map((companion) => (
        <Pane key={companion.key} desk={desk} companion={companion} />
      ))}
    </>
  );
}

/** The name over the scored slide; only while there are others. */
export function MainHead({ desk }: { desk: Desk }) {
  if (desk.companions.all.value.length === 0) return null;
  const current = desk.tma.cores.current.value;
  if (current && desk.companions.hasCores) return <CoreHead desk={desk} core={current} isScored />;
  return (
    <header class="pane-head" data-scored>
      <strong class="clip">{desk.reading.name.value}</strong>
      {desk.companions.pairing.now.value ? (
        <PairingNote desk={desk} />
      ) : (
        <>
          <span class="pane-note">{said.scored}</span>
          <SyncSwitches desk={desk} />
        </>
      )}
    </header>
  );
}

function SyncSwitches({ desk }: { desk: Desk }) {
  const { companions } = desk;
  const sync = companions.sync.value;
  const names: readonly (keyof Sync)[] = ["pan", "zoom", "rotation"];
  return (
    <fieldset class="sync" aria-label={said.sync}>
      {names.map((name) => (
        <button
          type="button"
          key={name}
          aria-pressed={sync[name]}
          title={`${said.sync}: ${said[name]} (Y)`}
          onClick={() => companions.toggleSync(name)}
        >
          {said[name]}
        </button>
      ))}
      {companions.canAdd && (
        <IconButton icon="plus" name={said.add} onClick={() => companions.add()} />
      )}
    </fieldset>
  );
}

function Pane({ desk, companion }: { desk: Desk; companion: Companion }) {
  const place = useRef<HTMLDivElement>(null);
  const underlay = useRef<HTMLCanvasElement>(null);
  const view = useSignal<SlideView | null>(null);
  const { companions } = desk;
  const slideId = companion.slideId.value;
  const core = companion.core.value;
  const pressed = useRef({ x: 0, y: 0 });

  useEffect(() => {
    if (!place.current || !underlay.current) return;
    const made = new SlideView(place.current, underlay.current, false);
    view.value = made;
    const stop = companions.watch(companion, made);
    return () => {
      stop();
      made.leave();
      view.value = null;
    };
  }, [companion, view]);
  useEffect(() => {
    if (!view.value) return;
    view.value.canvas.setAttribute("role", "application");
    view.value.canvas.setAttribute("aria-label", said.region(nameOf(desk, slideId)));
    void companions.show(companion, view.value);
  }, [slideId, view.value]);

  const lead = () => {
    if (view.value) companions.lead(view.value);
  };
  return (
    <section
      class="pane"
      data-part
      aria-label={said.region(core ? coreName(core) : nameOf(desk, slideId))}
      style={{ order: core ? desk.batch.placeOf(core) : 0 }}
    >
      {core ? <CoreHead desk={desk} core={core} /> : <PaneHead desk={desk} companion={companion} />}
      <div
        class="picture"
        data-adjusted={desk.adjust.isAdjusted.value}
        data-matching={companions.pairing.now.value?.companion === companion}
        onPointerDownCapture={(event) => {
          pressed.current = { x: event.clientX, y: event.clientY };
          lead();
        }}
        onPointerUpCapture={({ clientX, clientY }) => {
          const { x, y } = pressed.current;
          if (!isClick(clientX - x, clientY - y)) return;
          if (core) desk.tma.go(core);
          else if (view.value) companions.pairing.click(view.value);
        }}
        onWheelCapture={lead}
        onFocusCapture={lead}
      >
        <canvas class="underlay" ref={underlay} />
        <div class="slide" ref={place} />
        {view.value && <Cross desk={desk} view={view.value} placing={companion.placing.value} />}
        {view.value && <PairingMarks desk={desk} view={view.value} />}
      </div>
      {companion.isFailed.value && <p class="pane-failed">{said.failed}</p>}
    </section>
  );
}

/** The line of a core: its name, its state, and what was answered. */
function CoreHead({ desk, core, isScored }: { desk: Desk; core: CorePlace; isScored?: boolean }) {
  const { sheet, tma } = desk;
  const subject = tma.cores.subjectOf(core);
  const answers = sheet.questions.value
    .filter(({ kind }) => kind !== "none" && !["points", "lines", "shapes"].includes(kind))
    .map(({ name }) => sheet.answerTo(name, subject))
    .filter(Boolean);
  return (
    <header class="pane-head" data-scored={isScored}>
      <button
        type="button"
        class="core-choice"
        aria-pressed={isScored}
        onClick={() => tma.go(core)}
      >
        {coreWords.title(coreName(core))}
      </button>
      <Mark mark={sheet.markOf(subject)} isWaiting={false} />
      <span class="pane-note clip">{answers.join(" · ")}</span>
    </header>
  );
}

function PaneHead({ desk, companion }: { desk: Desk; companion: Companion }) {
  const { companions, reading } = desk;
  const id = companion.slideId.value;
  const name = nameOf(desk, id);
  const isLinked = companion.isLinked.value;
  if (companions.pairing.now.value?.companion === companion) {
    return <PairingHead desk={desk} name={name} />;
  }
  return (
    <header class="pane-head">
      <select
        class="field"
        aria-label={said.choose}
        value={id}
        onChange={(event) => {
          companion.slideId.value = Number(event.currentTarget.value);
        }}
      >
        {reading.slides.value.map((slide) => (
          <option key={slide.id} value={slide.id}>
            {slide.name}
          </option>
        ))}
      </select>
      <Laid desk={desk} companion={companion} />
      <span class="pane-acts">
        <IconButton
          icon="match"
          name={said.pairing.begin(name)}
          cap="⇧Y"
          onClick={() => companions.pairing.begin(companion, false)}
        />
        <IconButton
          icon="draft"
          name={said.score(name)}
          onClick={() => void companions.swap(companion)}
        />
        <IconButton
          icon="link"
          name={isLinked ? said.link(name) : said.unlinked(name)}
          pressed={isLinked}
          onClick={() => companions.toggleLink(companion)}
        />
        <IconButton
          icon="close"
          name={said.close(name)}
          onClick={() => companions.close(companion)}
        />
      </span>
    </header>
  );
}

/** How a slide was laid by hand; pressed, it lies as at the beginning. */
function Laid({ desk: { companions }, companion }: { desk: Desk; companion: Companion }) {
  const offset = companions.offsetOf(companion);
  if (!offset) return null;
  const angle = degrees(offset.angle);
  const stretch = Math.abs(offset.stretch - 1) < 0.01 ? "" : `× ${offset.stretch.toFixed(2)}`;
  return (
    <button
      type="button"
      class="pane-note link clip"
      title={said.reset}
      onClick={() => companions.reset(companion)}
    >
      {companion.isByPoints.value
        ? said.byPoints(angle, stretch)
        : said.offset(lengthOf(offset.length, companion), angle)}
    </button>
  );
}

/** Where the pointer of another pane would be on this one. */
export function Cross({
  desk,
  view,
  placing,
}: {
  desk: Desk;
  view: SlideView;
  placing: Placing | null;
}) {
  const at = desk.companions.crossOn(view, placing);
  const look = view.look.value;
  if (!at || !look) return null;
  const { x, y } = new Camera(look).toScreen(at);
  const isInside = x >= 0 && y >= 0 && x <= look.window.width && y <= look.window.height;
  if (!isInside) return null;
  return (
    <svg class="cross" aria-hidden="true" style={{ transform: `translate(${x}px,${y}px)` }}>
      <path d="M-12 0H-4M4 0h8M0-12v8M0 4v8" />
      <path d="M-12 0H-4M4 0h8M0-12v8M0 4v8" />
    </svg>
  );
}

/** Whether a pointer that moved by so many CSS pixels was meant to stay. */
export function isClick(x: number, y: number): boolean {
  return Math.hypot(x, y) < CLICK_PX;
}

function degrees(angle: number): string {
  return `${Math.round(angle)}°`.replace("-", "−");
}

function lengthOf(length: number, { shown }: Companion): string {
  return shown?.facts.mpp == null ? `${Math.round(length)}` : `${figures(length)} µm`;
}

function nameOf(desk: Desk, id: number): string {
  return desk.reading.slides.value.find((slide) => slide.id === id)?.name ?? "";
}
