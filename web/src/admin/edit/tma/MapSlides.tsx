/** The slides of a map: how each is turned, and where its cores lie. */

import { useSignal } from "@preact/signals";
import { Icon } from "../../../ui/Icon";
import { IconButton } from "../../../ui/IconButton";
import { change, type Setup, type SlideSetup } from "../api";
import { CorePicture } from "./CorePicture";
import type { TmaMap } from "./map";
import type { MapDesk } from "./mapdesk";
import { words } from "./words";

interface Props {
  desk: MapDesk;
  setup: Setup;
  map: TmaMap;
}

const TURNS = [0, 90, 180, 270];

export function MapSlides({ desk, setup, map }: Props) {
  const { studio } = desk;
  const isStored = desk.find(map.name) !== undefined;
  const chosen = useSignal(0);
  const slides = setup.slides.filter(({ mapName }) => mapName === map.name);
  const others = setup.slides.filter(({ mapName }) => mapName !== map.name);
  const shown = slides.find(({ id }) => id === chosen.value) ?? slides[0];
  const assign = (slide: SlideSetup, name: string) =>
    void studio.act(() =>
      change("SetSlideTMAMap", setup.id, { imageId: slide.id, tmaMapName: name }),
    );
  return (
    <aside class="map-slides" aria-label={words.slides}>
      <header class="pane-head">
        <h2>{words.slides}</h2>
      </header>
      <div class="map-slides-body">
        {slides.length === 0 && <p class="aside">{words.noSlides}</p>}
        <ul>
          {slides.map((slide) => (
            <li key={slide.id} data-on={slide === shown}>
              <button
                type="button"
                class="clip"
                aria-pressed={slide === shown}
                onClick={() => {
                  chosen.value = slide.id;
                }}
              >
                {slide.name}
              </button>
              <select
                class="field"
                aria-label={`${words.rotation}: ${slide.name}`}
                value={slide.rotation}
                onChange={(event) => {
                  const rotation = Number(event.currentTarget.value);
                  void studio.act(() =>
                    change("SetSlideRotation", setup.id, { imageId: slide.id, rotation }),
                  );
                }}
              >
                {TURNS.map((rotation) => (
                  <option key={rotation} value={rotation}>
                    {words.degrees(rotation)}
                  </option>
                ))}
              </select>
              <IconButton
                icon="close"
                name={`${words.take}: ${slide.name}`}
                onClick={() => assign(slide, "")}
              />
            </li>
          ))}
        </ul>
        {isStored && others.length > 0 && (
          <label class="give-map">
            <span>{words.give}</span>
            <select
              class="field"
              value=""
              onChange={(event) => {
                const wanted = Number(event.currentTarget.value);
                const slide = others.find(({ id }) => id === wanted);
                if (!slide) return;
                chosen.value = slide.id;
                assign(slide, map.name);
              }}
            >
              <option value="">{words.choose}</option>
              {others.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        )}
        {shown && isStored && (
          <CorePicture
            key={`${shown.id} ${shown.rotation} ${desk.edition.value}`}
            studio={studio}
            slide={shown}
          />
        )}
        {!isStored && (
          <p class="banner">
            <Icon name="info" /> <span>{words.pending}</span>
          </p>
        )}
      </div>
    </aside>
  );
}
