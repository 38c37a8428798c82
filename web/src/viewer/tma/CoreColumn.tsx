/** The column beside a microarray: its grid of cores, the last answers, and cores of one sample. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Sheet } from "../../scoring/sheet";
import type { Desk } from "../desk";
import { AT_ONCE } from "./batch";
import { CoreGrid } from "./CoreGrid";
import { type CoreLayout, type CorePlace, coreName } from "./layout";
import { coreWords } from "./words";

const LAST = 8;

export function CoreColumn({ desk }: { desk: Desk }) {
  const { cores } = desk.tma;
  const layout = cores.layout.value;
  const shows = useSignal("");
  const said = coreWords;
  if (!desk.tma.showsGrid.value) return null;
  if (!layout) {
    return (
      <section class="core-column" aria-label={said.grid} aria-busy="true" data-part>
        <p class="sheet-note">{said.waiting}</p>
      </section>
    );
  }
  const questions = desk.sheet.questions.value.filter(({ kind }) => kind !== "none");
  return (
    <section class="core-column" aria-label={said.grid} data-part>
      <header class="core-head">
        <h2>{said.grid}</h2>
        <span class="late">{said.size(layout.rows, layout.columns)}</span>
        <select
          class="field"
          aria-label={said.show}
          value={shows.value}
          onChange={(event) => {
            shows.value = event.currentTarget.value;
          }}
        >
          <option value="">{said.cores}</option>
          {questions.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </header>
      <CoreGrid desk={desk} layout={layout} shows={shows.value} />
      {desk.batch.isOffered && <AtOnce desk={desk} />}
      {desk.sheet.canAnswer.value && <Legend desk={desk} />}
      <div class="scroll">
        {desk.sheet.canAnswer.value && <LastAnswers desk={desk} layout={layout} />}
        <SampleCores desk={desk} layout={layout} />
      </div>
    </section>
  );
}

/** How many cores stand side by side. */
function AtOnce({ desk }: { desk: Desk }) {
  const { batch } = desk;
  return (
    <fieldset class="at-once" aria-label={coreWords.atOnce}>
      <span>{coreWords.atOnce}</span>
      {[...AT_ONCE]
        .sort((one, other) => one - other)
        .map((count) => (
          <button
            type="button"
            class="button small"
            key={count}
            aria-pressed={batch.wanted.value === count}
            onClick={() => batch.choose(count)}
          >
            {count}
          </button>
        ))}
    </fieldset>
  );
}

function Legend({ desk }: { desk: Desk }) {
  const said = coreWords;
  const counts = desk.tma.cores.counts.value;
  const shown = ["done", "partly", "open", "missing"] as const;
  return (
    <p class="core-legend">
      {shown.map((mark) => (
        <span key={mark} data-mark={mark}>
          <i aria-hidden="true" /> {said.marks[mark]} {counts[mark]}
        </span>
      ))}
      <span data-mark="control">
        <i aria-hidden="true" /> {said.marks.control}
      </span>
    </p>
  );
}

interface ListProps {
  desk: Desk;
  layout: CoreLayout;
}

/** What this reader answered last, a line for each core. */
function LastAnswers({ desk, layout }: ListProps) {
  const said = coreWords;
  const { sheet } = desk;
  const latest = lastCores(sheet, layout);
  const list = useRef<HTMLTableElement>(null);
  useEffect(() => list.current?.scrollIntoView({ block: "nearest" }), []);
  return (
    <section class="core-list">
      <h3>
        {said.last} <span class="late">{said.lastNote}</span>
      </h3>
      {latest.length === 0 ? (
        <p class="late">{said.noneYet}</p>
      ) : (
        <CoreTable desk={desk} cores={latest} />
      )}
    </section>
  );
}

function SampleCores({ desk, layout }: ListProps) {
  const said = coreWords;
  const sample = desk.tma.cores.current.value?.sample ?? "";
  const siblings = layout.cores.filter((core) => core.sample === sample && !core.isControl);
  if (sample === "" || siblings.length < 2) return null;
  return (
    <section class="core-list">
      <h3>{said.sample(sample)}</h3>
      <CoreTable desk={desk} cores={siblings} />
    </section>
  );
}

function CoreTable({ desk, cores }: { desk: Desk; cores: readonly CorePlace[] }) {
  const { sheet, tma } = desk;
  const shown = sheet.questions.value.filter(({ kind }) => kind !== "none").slice(0, 3);
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{coreWords.core}</th>
          {shown.map(({ name }) => (
            <th key={name} scope="col" title={name}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {cores.map((core) => (
          <tr key={coreName(core)} data-current={core === tma.cores.current.value}>
            <th scope="row">
              <button type="button" class="link" onClick={() => tma.go(core)}>
                {coreName(core)}
              </button>
            </th>
            {shown.map(({ name }) => (
              <td key={name}>{sheet.answerTo(name, tma.cores.subjectOf(core)) || "–"}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function lastCores(sheet: Sheet, layout: CoreLayout): CorePlace[] {
  const found = new Set<CorePlace>();
  const mine = sheet.rights.value?.email;
  for (const version of [...sheet.versions.value].reverse()) {
    const { core } = version;
    if (!core || version.email !== mine || !version.isCurrent || version.answer === "") continue;
    const place = layout.cores.find(
      ({ row, column }) => row === core.row && column === core.column,
    );
    if (place) found.add(place);
    if (found.size === LAST) break;
  }
  return [...found];
}
