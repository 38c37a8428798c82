/** A slide with its cores as they were found: looked at, put right, accepted. */

import { type Signal, useComputed, useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { slidePicture } from "../../../home/pictures";
import { problemOf } from "../../../ui/failure";
import { Icon } from "../../../ui/Icon";
import { type CorePlace, coreName } from "../../../viewer/tma/layout";
import { change, type SlideSetup } from "../api";
import type { Studio } from "../studio";
import { boxOf, coresText, type Found, movedTo, ownStep, readFound, transformOf } from "./cores";
import { words } from "./words";

interface Props {
  studio: Studio;
  slide: SlideSetup;
}

export function CorePicture({ studio, slide }: Props) {
  const found = useSignal<Found | null>(null);
  const moved = useSignal<ReadonlyMap<string, CorePlace>>(new Map());
  /** Name of the core that keys move. */
  const chosen = useSignal("");
  const trouble = useSignal("");
  const load = async () => {
    found.value = null;
    moved.value = new Map();
    try {
      found.value = await readFound(slide.id);
      trouble.value = "";
    } catch (error) {
      trouble.value = problemOf(error, new Date()).sentence;
    }
  };
  useEffect(() => void load(), [slide.id]);

  if (trouble.value) {
    return (
      <p class="banner" data-kind="bad" role="alert">
        <Icon name="warning" />
        <span>
          {words.lost}: {trouble.value}
        </span>
      </p>
    );
  }
  if (!found.value) return <p class="aside">{words.looking}</p>;
  const { layout, isSure } = found.value;
  const now =
    moved.value.get(chosen.value) ?? layout.cores.find((core) => coreName(core) === chosen.value);
  const accept = async () => {
    const cores = coresText([...moved.value.values()]);
    const deed = () => change("SetTMACores", studio.studyId, { imageId: slide.id, cores });
    if (await studio.act(deed, words.accepted)) await load();
  };
  return (
    <>
      <p class="banner" data-kind={isSure ? "ok" : "warn"}>
        <Icon name={isSure ? "check" : "warning"} />
        <span>{isSure ? words.sure : words.unsure}</span>
      </p>
      <Cores slide={slide} found={found.value} moved={moved} chosen={chosen} />
      <p class="hint">{words.keys}</p>
      <div class="core-acts">
        <CoreSize studio={studio} slide={slide} um={layout.diameterUm} onDone={load} />
        <button
          type="button"
          class="button"
          aria-pressed={now?.isMissing ?? false}
          disabled={!now}
          onClick={() => {
            if (!now) return;
            const next = { ...now, isMissing: !now.isMissing };
            moved.value = new Map(moved.value).set(chosen.value, next);
          }}
        >
          {words.isMissing(chosen.value)}
        </button>
        <button
          type="button"
          class="button primary"
          disabled={isSure && moved.value.size === 0}
          onClick={() => void accept()}
        >
          {moved.value.size > 0 ? words.acceptMoved(moved.value.size) : words.accept}
        </button>
      </div>
    </>
  );
}

interface CoresProps {
  slide: SlideSetup;
  found: Found;
  moved: Signal<ReadonlyMap<string, CorePlace>>;
  chosen: Signal<string>;
}

const ARROWS: Partial<Record<string, readonly [number, number]>> = {
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
};
const STEP_UM = 10;

function Cores({ slide, found, moved, chosen }: CoresProps) {
  const picture = useSignal("");
  const dragged = useRef<string | null>(null);
  const own = useRef<SVGGElement>(null);
  useEffect(() => {
    slidePicture(slide.id).then(
      (address) => {
        picture.value = address;
      },
      () => undefined,
    );
  }, [slide.id]);
  const cores = useComputed(() =>
    found.layout.cores.map((core) => moved.value.get(coreName(core)) ?? core),
  );
  const set = (core: CorePlace) => {
    moved.value = new Map(moved.value).set(coreName(core), core);
  };
  const drag = (event: PointerEvent) => {
    const core = cores.value.find((entry) => coreName(entry) === dragged.current);
    const matrix = own.current?.getScreenCTM()?.inverse();
    if (!core || !matrix || event.buttons === 0) return;
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix);
    set(movedTo(core, point.x, point.y, slide));
  };
  const press = (event: KeyboardEvent, core: CorePlace) => {
    const arrow = ARROWS[event.key];
    if (event.key === "Delete") set({ ...core, isMissing: !core.isMissing });
    else if (arrow) {
      const um = event.shiftKey ? 10 * STEP_UM : STEP_UM;
      const length = slide.mpp ? um / slide.mpp : slide.width / 1000;
      const step = ownStep(slide.rotation, arrow[0] * length, arrow[1] * length);
      set(movedTo(core, core.x + step.x, core.y + step.y, slide));
    } else return;
    event.preventDefault();
  };
  const radius = Math.max(1, found.layout.diameter / 2);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a picture whose parts are chosen and moved
    <svg
      class="core-picture"
      viewBox={boxOf(slide)}
      role="group"
      aria-label={words.picture(slide.name)}
      onPointerMove={drag}
      onPointerUp={() => {
        dragged.current = null;
      }}
    >
      <g ref={own} transform={transformOf(slide)}>
        {picture.value && (
          <image
            href={picture.value}
            width={slide.width}
            height={slide.height}
            preserveAspectRatio="none"
          />
        )}
        {cores.value.map((core, index) => {
          const name = coreName(core);
          return (
            // biome-ignore lint/a11y/useSemanticElements: a button cannot be drawn in a picture
            <circle
              key={name}
              cx={core.x}
              cy={core.y}
              r={radius}
              role="button"
              tabIndex={chosen.value === name || (chosen.value === "" && index === 0) ? 0 : -1}
              aria-label={words.core(name, core.sample, core.isMissing ? words.missing : "")}
              data-missing={core.isMissing}
              data-control={core.isControl}
              data-ignored={core.isIgnored}
              data-moved={moved.value.has(name)}
              onFocus={() => {
                chosen.value = name;
              }}
              onPointerDown={(event) => {
                dragged.current = name;
                event.currentTarget.focus();
                event.preventDefault();
              }}
              onKeyDown={(event) => press(event, core)}
            >
              <title>{`${name} ${core.sample}`}</title>
            </circle>
          );
        })}
      </g>
    </svg>
  );
}

interface SizeProps extends Props {
  um: number | null;
  onDone: () => Promise<void>;
}

function CoreSize({ studio, slide, um, onDone }: SizeProps) {
  const id = useId();
  if (slide.mpp === null) return null;
  return (
    <label class="core-size" for={id}>
      <span>{words.coreSize}</span>
      <input
        id={id}
        class="field"
        inputMode="decimal"
        defaultValue={um === null ? "" : String(Math.round(um))}
        onChange={async (event) => {
          const size = Number(event.currentTarget.value.replace(",", "."));
          if (event.currentTarget.value !== "" && !(size >= 10 && size <= 20_000)) {
            studio.say(words.coreSizeWrong, true);
            return;
          }
          const coreSize = event.currentTarget.value === "" ? "" : size;
          const deed = () =>
            change("UpdateTMACoreSize", studio.studyId, { imageId: slide.id, coreSize });
          if (await studio.act(deed)) await onDone();
        }}
      />
    </label>
  );
}
