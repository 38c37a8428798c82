/** The tab "TMA maps": which sample each core is, and where the cores lie on slides. */

import { useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ask, isObject } from "../../../api/http";
import { problemOf } from "../../../ui/failure";
import { Icon } from "../../../ui/Icon";
import { Prompt } from "../Dialogs";
import type { TabProps } from "../Edit";
import { MapEditor } from "./MapEditor";
import { MapSlides } from "./MapSlides";
import { columnsOf, emptyMap, readMaps, type TmaMap } from "./map";
import { words } from "./words";

export function TmaTab({ studio, setup }: TabProps) {
  const stored = useSignal<readonly TmaMap[] | null>(null);
  /** Maps with changes that are not saved, by name. */
  const drafts = useSignal<ReadonlyMap<string, TmaMap>>(new Map());
  const chosen = useSignal("");
  /** Rises when a map is saved: its cores are looked for anew. */
  const edition = useSignal(0);
  const isNaming = useSignal(false);
  const trouble = useSignal("");

  const load = async () => {
    try {
      const reply = await ask("GetConfig", { studyId: setup.id });
      const config = isObject(reply) && isObject(reply.config) ? reply.config : {};
      stored.value = readMaps(config);
    } catch (error) {
      trouble.value = problemOf(error, new Date()).sentence;
    }
  };
  useEffect(() => void load(), [setup.id]);
  const all = useComputed(() => {
    const known = stored.value ?? [];
    const fresh = [...drafts.value.values()].filter(
      ({ name }) => !known.some((map) => map.name === name),
    );
    return [...known.map((map) => drafts.value.get(map.name) ?? map), ...fresh];
  });

  if (trouble.value) {
    return (
      <p class="banner" data-kind="bad" role="alert">
        <Icon name="warning" /> <span>{trouble.value}</span>
      </p>
    );
  }
  if (!stored.value) return <p class="empty-line">{words.loading}</p>;
  const map = all.value.find(({ name }) => name === chosen.value) ?? all.value[0];
  const set = (name: string, draft: TmaMap | null) => {
    const next = new Map(drafts.value);
    if (draft) next.set(name, draft);
    else next.delete(name);
    drafts.value = next;
  };
  const prefix = `study.${setup.name}.map`;
  const slidesOf = (name: string) => setup.slides.filter(({ mapName }) => mapName === name);
  return (
    <div class="tma-shell">
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
          {all.value.map((entry) => (
            <li key={entry.name}>
              <button
                type="button"
                aria-current={entry === map ? "true" : undefined}
                onClick={() => {
                  chosen.value = entry.name;
                }}
              >
                <b class="clip">{entry.name.replace(`study.${setup.name}.`, "")}</b>
                <span class="aside">
                  {words.size(entry.rows.length, columnsOf(entry))} ·{" "}
                  {words.slidesOf(slidesOf(entry.name).length)}
                </span>
                {drafts.value.has(entry.name) && (
                  <span class="dot" title={words.pending}>
                    <span class="for-readers">{words.pending}</span>
                  </span>
                )}
              </button>
            </li>
          ))}
        </ul>
        {all.value.length === 0 && <p class="empty-line">{words.none(setup.slides.length)}</p>}
      </nav>
      {map && (
        <>
          <MapEditor
            key={map.name}
            studio={studio}
            map={map}
            stored={stored.value.find(({ name }) => name === map.name)}
            onChange={(draft) => set(map.name, draft)}
            onSaved={async () => {
              await load();
              set(map.name, null);
              edition.value += 1;
            }}
          />
          <MapSlides
            key={`slides of ${map.name}`}
            studio={studio}
            setup={setup}
            map={map}
            edition={edition.value}
            isStored={stored.value.some(({ name }) => name === map.name)}
          />
        </>
      )}
      {isNaming.value && (
        <Prompt
          title={words.addTitle}
          label={words.addName}
          hint={words.addHint}
          value={String(all.value.length + 1)}
          act={words.add}
          check={(text) => {
            if (!/^[\w-]{1,60}$/.test(text)) return words.nameWrong;
            return all.value.some(({ name }) => name === prefix + text) ? words.nameTaken : "";
          }}
          onCancel={() => {
            isNaming.value = false;
          }}
          onDone={(text) => {
            set(prefix + text, emptyMap(prefix + text));
            chosen.value = prefix + text;
            isNaming.value = false;
          }}
        />
      )}
    </div>
  );
}
