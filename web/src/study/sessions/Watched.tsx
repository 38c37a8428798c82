/** One session: where on the slide, how closely over time, and a replay of it. */

import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { readFacts, type SlideFacts } from "../../api/pixels";
import { slidePicture } from "../../home/pictures";
import { problemOf } from "../../ui/failure";
import { Icon } from "../../ui/Icon";
import { type Look, readLooks, type Session } from "./api";
import { attention, type Grid, lookAt } from "./attention";
import { Depth } from "./Depth";
import { words } from "./words";

interface Props {
  studyId: number;
  session: Session;
  slideName: string;
}

interface Known {
  facts: SlideFacts;
  looks: readonly Look[];
  picture: string;
}

export function Watched({ studyId, session, slideName }: Props) {
  const known = useSignal<Known | null>(null);
  const trouble = useSignal("");
  useEffect(() => {
    const read = async () => {
      const [facts, looks, picture] = await Promise.all([
        readFacts(session.slideId),
        readLooks(studyId, session.id),
        slidePicture(session.slideId),
      ]);
      known.value = { facts, looks, picture };
    };
    read().catch((error: unknown) => {
      trouble.value = problemOf(error, new Date()).sentence;
    });
  }, [studyId, session]);
  return (
    <section class="panel-card" aria-labelledby="watched-title">
      <header class="card-head">
        <h2 id="watched-title">{words.where(slideName)}</h2>
        <span class="aside right">{words.by(session.email, known.value?.looks.length ?? 0)}</span>
      </header>
      {trouble.value && (
        <p class="empty-line" role="alert">
          {trouble.value}
        </p>
      )}
      {known.value?.looks.length === 0 && <p class="empty-line">{words.noEvents}</p>}
      {known.value && known.value.looks.length > 0 && <Replay {...known.value} />}
    </section>
  );
}

const SPEEDS = [1, 2, 4, 8, 16];

function Replay({ facts, looks, picture }: Known) {
  const at = useSignal(0);
  const speed = useSignal(4);
  const isPlaying = useSignal(false);
  const end = looks.at(-1)?.at ?? 0;
  usePlaying(isPlaying, at, speed, end);
  const look = lookAt(looks, at.value);
  return (
    <div class="watched">
      <Picture facts={facts} looks={looks} picture={picture} look={look} />
      <p class="aside heat-legend">
        {words.heat}: {words.little} <i class="heat-ramp" /> {words.much}
      </p>
      <Depth looks={looks} width={facts.width} at={at.value} end={end} />
      <div class="replay-acts">
        <button
          type="button"
          class="button small"
          onClick={() => {
            if (!isPlaying.value && at.value >= end) at.value = 0;
            isPlaying.value = !isPlaying.value;
          }}
        >
          <Icon name={isPlaying.value ? "pause" : "play"} small />
          {isPlaying.value ? words.pause : words.replay}
        </button>
        <input
          type="range"
          aria-label={words.at}
          aria-valuetext={words.minutes(Math.round(at.value / 1000))}
          min={0}
          max={end}
          step={100}
          value={at.value}
          onInput={({ currentTarget }) => {
            at.value = Number(currentTarget.value);
          }}
        />
        <span class="aside">{words.minutes(Math.round(at.value / 1000))}</span>
        <select
          class="field"
          aria-label={words.speed}
          value={speed.value}
          onChange={({ currentTarget }) => {
            speed.value = Number(currentTarget.value);
          }}
        >
          {SPEEDS.map((times) => (
            <option key={times} value={times}>
              {words.times(times)}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}

/** Let time go on, faster by a factor, while it plays. */
function usePlaying(
  isPlaying: Signal<boolean>,
  at: Signal<number>,
  speed: Signal<number>,
  end: number,
): void {
  useEffect(() => {
    if (!isPlaying.value) return;
    let last = performance.now();
    let frame = requestAnimationFrame(function step(now) {
      at.value = Math.min(end, at.value + (now - last) * speed.value);
      last = now;
      if (at.value >= end) isPlaying.value = false;
      else frame = requestAnimationFrame(step);
    });
    return () => cancelAnimationFrame(frame);
  }, [isPlaying.value, end]);
}

function Picture({ facts, looks, picture, look }: Known & { look: Look | null }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const grid = useMemo(() => attention(looks, facts), [looks, facts]);
  useEffect(() => {
    if (canvas.current) paint(canvas.current, grid);
  }, [grid]);
  return (
    <div class="heat-picture" role="img" aria-label={words.heatName(topTenth(grid))}>
      <img src={picture} alt="" />
      <canvas ref={canvas} width={grid.columns} height={grid.rows} />
      {look && (
        <svg viewBox={`0 0 ${facts.width} ${facts.height}`} aria-hidden="true">
          {["casing", "edge"].map((part) => (
            <rect
              key={part}
              class={part}
              x={look.x}
              y={look.y}
              width={look.width}
              height={look.height}
            />
          ))}
        </svg>
      )}
    </div>
  );
}

/** Petrol, the denser the longer a place was in view; the root shows short looks, too. */
function paint(canvas: HTMLCanvasElement, { columns, rows, seconds, most }: Grid): void {
  const context = canvas.getContext("2d");
  if (!context || most === 0) return;
  const image = context.createImageData(columns, rows);
  for (const [at, value] of seconds.entries()) {
    image.data.set([10, 106, 114, Math.round(215 * Math.sqrt(value / most))], at * 4);
  }
  context.putImageData(image, 0, 0);
}

/** Per cent of the time that fell on the tenth of the slide that was seen most. */
function topTenth({ seconds }: Grid): number {
  const sorted = [...seconds].sort((one, other) => other - one);
  const all = sorted.reduce((sum, one) => sum + one, 0);
  const top = sorted.slice(0, Math.ceil(sorted.length / 10)).reduce((sum, one) => sum + one, 0);
  return all > 0 ? Math.round((100 * top) / all) : 0;
}
