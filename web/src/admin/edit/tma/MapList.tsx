/** The maps of a study, and the way to a new one. */

import { useSignal } from "@preact/signals";
import { Icon } from "../../../ui/Icon";
import type { Setup } from "../api";
import { Prompt } from "../Dialogs";
import { columnsOf, type TmaMap } from "./map";
import type { MapDesk } from "./mapdesk";
import { words } from "./words";

interface Props {
  desk: MapDesk;
  setup: Setup;
}

export function MapList({ desk, setup }: Props) {
  const isNaming = useSignal(false);
  const all = desk.all.value;
  const prefix = `study.${setup.name}.map`;
  const close = () => {
    isNaming.value = false;
  };
  return (
    <nav class="map-list" aria-label={words.maps}>
      <header>
        <h2>{words.maps}</h2>
        <button
          type="button"
          class="button small"
          onClick={() => {
            isNaming.value = true;
          }}
        >
          <Icon name="plus" small /> {words.add}
        </button>
      </header>
      <ul>
        {all.map((map) => (
          <Line key={map.name} desk={desk} setup={setup} map={map} />
        ))}
      </ul>
      {isNaming.value && (
        <Prompt
          title={words.addTitle}
          label={words.addName}
          hint={words.addHint}
          value={String(all.length + 1)}
          act={words.add}
          check={(text) => {
            if (!/^[\w-]{1,60}$/.test(text)) return words.nameWrong;
            return all.some(({ name }) => name === prefix + text) ? words.nameTaken : "";
          }}
          onCancel={close}
          onDone={(text) => {
            desk.begin(prefix + text);
            close();
          }}
        />
      )}
    </nav>
  );
}

function Line({ desk, setup, map }: Props & { map: TmaMap }) {
  const count = setup.slides.filter(({ mapName }) => mapName === map.name).length;
  const size = words.size(map.rows.length, columnsOf(map));
  return (
    <li>
      <button
        type="button"
        aria-current={map === desk.shown.value ? "true" : undefined}
        onClick={() => desk.show(map.name)}
      >
        <b class="clip">{map.name.replace(`study.${setup.name}.`, "")}</b>
        <span class="aside">
          {size} · {words.slidesOf(count)}
        </span>
        {desk.drafts.value.has(map.name) && (
          <span class="dot" title={words.pending}>
            <span class="for-readers">{words.pending}</span>
          </span>
        )}
      </button>
    </li>
  );
}
