/** The slides of the study as a table; what is selected is changed together. */

import { useSignal } from "@preact/signals";
import { root } from "../../../api/http";
import { slidePicture } from "../../../home/pictures";
import { fileSize, micrometres } from "../../../ui/format";
import { Icon } from "../../../ui/Icon";
import { Thumbnail } from "../../../ui/Thumbnail";
import type { Setup, SlideSetup } from "../api";
import { Find } from "../Find";
import type { Studio } from "../studio";
import { words } from "../words";
import { SelectionBar } from "./SelectionBar";

interface Props {
  studio: Studio;
  setup: Setup;
  caption: string;
}

export function SlideTable({ studio, setup, caption }: Props) {
  const said = words.slides;
  const query = useSignal("");
  const chosen = useSignal<ReadonlySet<number>>(new Set());
  const last = useSignal(-1);
  const wanted = query.value.trim().toLowerCase();
  const shown = setup.slides.filter((slide) =>
    `${slide.name}\n${slide.caseName}`.toLowerCase().includes(wanted),
  );
  const selected = shown.filter(({ id }) => chosen.value.has(id));
  const silent = setup.slides.filter(({ mpp }) => mpp === null);

  const toggle = (index: number, isRange: boolean) => {
    const slide = shown[index];
    if (!slide) return;
    const next = new Set(chosen.value);
    const isOn = !next.has(slide.id);
    const from = isRange && last.value >= 0 ? last.value : index;
    for (const { id } of shown.slice(Math.min(from, index), Math.max(from, index) + 1)) {
      if (isOn) next.add(id);
      else next.delete(id);
    }
    last.value = index;
    chosen.value = next;
  };
  const toggleAll = () => {
    chosen.value =
      selected.length === shown.length ? new Set() : new Set(shown.map(({ id }) => id));
  };
  return (
    <>
      <div class="table-head">
        <h2>{caption}</h2>
        <Find label={said.find} query={query} />
      </div>
      <SelectionBar
        studio={studio}
        setup={setup}
        selected={selected}
        onDone={() => {
          chosen.value = new Set();
        }}
      />
      <div class="panel-card table-card">
        <table class="slide-table">
          <thead>
            <tr>
              <td class="tick">
                <input
                  type="checkbox"
                  aria-label={said.selectAll}
                  checked={shown.length > 0 && selected.length === shown.length}
                  indeterminate={selected.length > 0 && selected.length < shown.length}
                  onChange={toggleAll}
                />
              </td>
              <td class="picture" />
              <th>{said.columns.name}</th>
              <th>{said.columns.case}</th>
              <th>{said.columns.format}</th>
              <th class="number">{said.columns.size}</th>
              <th class="number">{said.columns.objective}</th>
              <th class="number">{said.columns.mpp}</th>
              <th>{said.columns.map}</th>
              <th class="number">{said.columns.rotation}</th>
              <th class="number">{said.columns.answers}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((slide, index) => (
              <Row
                key={slide.id}
                slide={slide}
                studyId={setup.id}
                isChosen={chosen.value.has(slide.id)}
                onToggle={(isRange) => toggle(index, isRange)}
              />
            ))}
          </tbody>
        </table>
        {shown.length === 0 && <p class="empty-line">{said.noHit(query.value)}</p>}
      </div>
      {silent.length > 0 && (
        <p class="banner" data-kind="warn">
          <Icon name="warning" />
          <span>{said.withoutMpp(silent.map(({ name }) => name).join(", "))}</span>
        </p>
      )}
    </>
  );
}

interface RowProps {
  slide: SlideSetup;
  studyId: number;
  isChosen: boolean;
  onToggle: (isRange: boolean) => void;
}

function Row({ slide, studyId, isChosen, onToggle }: RowProps) {
  const said = words.slides;
  const address = `${root}/Image/Details?imageId=${slide.id}&studyId=${studyId}`;
  return (
    <tr data-chosen={isChosen}>
      <td class="tick">
        <input
          type="checkbox"
          aria-label={said.select(slide.name)}
          checked={isChosen}
          onClick={(event) => onToggle(event.shiftKey)}
        />
      </td>
      <td class="picture">
        <Thumbnail of={slide.id} address={slidePicture} />
      </td>
      <td class="slide-name">
        <a href={address} class="clip">
          {slide.name}
        </a>
      </td>
      <td>{slide.caseName || "–"}</td>
      <td class="aside">{slide.format}</td>
      <td class="number">{fileSize(slide.fileSize)}</td>
      <td class="number">{slide.objective === null ? "–" : `${slide.objective}×`}</td>
      <td class="number" title={slide.isMppByHand ? said.byHand : undefined}>
        {slide.mpp === null ? (
          <span class="warn">
            <Icon name="warning" small /> {said.notStated}
          </span>
        ) : (
          micrometres(slide.mpp)
        )}
      </td>
      <td>{slide.mapName || "–"}</td>
      <td class="number">{slide.rotation}°</td>
      <td class="number">{slide.answerCount}</td>
    </tr>
  );
}
