/** The grid of a map: a cell for each core, filled by typing or from a spreadsheet. */

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { Icon } from "../../../ui/Icon";
import { coreName, rowName } from "../../../viewer/tma/layout";
import { change } from "../api";
import {
  changedCells,
  columnsOf,
  countsOf,
  grown,
  isMarked,
  marked,
  type Place,
  readCells,
  type TmaMap,
  textOf,
  trimmed,
  withCells,
} from "./map";
import type { MapDesk } from "./mapdesk";
import { words } from "./words";

interface Props {
  desk: MapDesk;
  map: TmaMap;
}

const MARKS = ["controls", "ignored"] as const;

export function MapEditor({ desk, map }: Props) {
  const { studio } = desk;
  const at = useSignal<Place>({ row: 0, column: 0 });
  const isBusy = useSignal(false);
  const stored = desk.find(map.name);
  const take = (next: TmaMap) => desk.edit(next);
  const save = async () => {
    isBusy.value = true;
    const form = { tmaMapName: map.name, text: textOf(trimmed(map, stored)) };
    const deed = () => change("SetTMAMap", studio.studyId, form);
    if (await studio.act(deed, words.saved(map.name))) {
      await desk.load();
      desk.putBack(map.name);
    }
    isBusy.value = false;
  };
  const sample = map.rows[at.value.row]?.[at.value.column] ?? "";
  const isChanged = desk.drafts.value.has(map.name);
  return (
    <section class="map-editor" aria-label={map.name}>
      <header class="form-head">
        <h2 class="mono clip">{map.name}</h2>
        <span class="form-state" role="status">
          {isChanged && changeText(map, stored)}
        </span>
        {stored && isChanged && (
          <button type="button" class="button small" onClick={() => desk.putBack(map.name)}>
            <Icon name="undo" small /> {words.putBack}
          </button>
        )}
        <button
          type="button"
          class="button small primary"
          disabled={!isChanged || isBusy.value}
          onClick={() => void save()}
        >
          {words.save}
        </button>
      </header>
      <div class="map-tools">
        {MARKS.map((mark) => (
          <button
            key={mark}
            type="button"
            class="button small"
            aria-pressed={isMarked(map, mark, sample)}
            disabled={sample === ""}
            onClick={() => take(marked(map, mark, sample))}
          >
            <i class="mark-swatch" data-mark={mark} />
            {mark === "controls" ? words.control : words.ignored}
          </button>
        ))}
        <span class="aside clip">{words.markHint(sample)}</span>
        <span class="right">
          {(["row", "column"] as const).map((by) => (
            <button
              key={by}
              type="button"
              class="button small"
              onClick={() => take(grown(map, by))}
            >
              <Icon name="plus" small /> {by === "row" ? words.addRow : words.addColumn}
            </button>
          ))}
        </span>
      </div>
      <Grid map={map} at={at} onChange={take} />
      <p class="hint">{words.help}</p>
      <p class="aside">{summaryOf(map)}</p>
    </section>
  );
}

function changeText(map: TmaMap, stored: TmaMap | undefined): string {
  const count = changedCells(map, stored);
  return count > 0 ? words.changed(count) : stored ? words.marksChanged : "";
}

function summaryOf(map: TmaMap): string {
  const { cores, samples, controls, ignored } = countsOf(map);
  return [words.cores(cores, samples), words.marked(controls, ignored)].filter(Boolean).join(" · ");
}

interface GridProps {
  map: TmaMap;
  at: { value: Place };
  onChange: (map: TmaMap) => void;
}

const STEPS: Partial<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  Enter: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

function Grid({ map, at, onChange }: GridProps) {
  const table = useRef<HTMLTableElement>(null);
  const columns = columnsOf(map);
  const step = (event: KeyboardEvent & { currentTarget: HTMLInputElement }, place: Place) => {
    const by = STEPS[event.key];
    const field = event.currentTarget;
    // Within a text the arrows move the caret first.
    const isInside =
      by?.[0] === 0 &&
      (by[1] < 0 ? field.selectionEnd !== 0 : field.selectionStart !== field.value.length);
    if (!by || isInside || event.shiftKey) return;
    const wanted = `${place.row + by[0]},${place.column + by[1]}`;
    const next = table.current?.querySelector<HTMLInputElement>(`[data-cell="${wanted}"]`);
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.select();
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section class="map-grid" aria-label={words.grid} tabIndex={0}>
      <table ref={table}>
        <thead>
          <tr>
            <td />
            {Array.from({ length: columns }, (_, column) => (
              <th key={column} scope="col">
                {column + 1}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {map.rows.map((samples, row) => (
            <tr key={row}>
              <th scope="row">{rowName(row)}</th>
              {samples.map((sample, column) => (
                <td
                  key={column}
                  data-controls={isMarked(map, "controls", sample)}
                  data-ignored={isMarked(map, "ignored", sample)}
                >
                  <input
                    data-cell={`${row},${column}`}
                    aria-label={words.cell(coreName({ row, column }))}
                    value={sample}
                    maxLength={400}
                    onFocus={() => {
                      at.value = { row, column };
                    }}
                    onInput={(event) =>
                      onChange(withCells(map, { row, column }, [[event.currentTarget.value]]))
                    }
                    onPaste={(event) => {
                      const pasted = event.clipboardData?.getData("text/plain") ?? "";
                      if (!/[\t\n]/.test(pasted)) return;
                      event.preventDefault();
                      onChange(withCells(map, { row, column }, readCells(pasted)));
                    }}
                    onKeyDown={(event) => step(event, { row, column })}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
