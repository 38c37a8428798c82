/** Uploads as a table: each with how far it is, and what can be done about it. */

import { useRef } from "preact/hooks";
import { root } from "../../../api/http";
import { day } from "../../../ui/format";
import { Icon, type IconName } from "../../../ui/Icon";
import { person } from "../../../ui/person";
import { Bar, Act as SendingAct, stateOf } from "../slides/UploadList";
import type { Entry, Uploads } from "../slides/uploads";
import { type Arrival, amountOf, canGoOn, isShown, placeOf, studyOf } from "./arrivals";
import type { StudyPlace } from "./resuming";
import { words } from "./words";

interface Acts {
  onLook: (arrival: Arrival) => void;
  onFile: (arrival: Arrival, file: File) => void;
  /** What goes on in this page with an upload. */
  sending: (arrival: Arrival) => { entry: Entry; uploads: Uploads } | null;
}

interface TableProps extends Acts {
  arrivals: readonly Arrival[];
  /** Studies that this person sees, by their names in lower case. */
  studies: ReadonlyMap<string, StudyPlace>;
}

export function UploadTable({ arrivals, studies, ...acts }: TableProps) {
  const said = words.columns;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section class="panel-card table-card" aria-label={words.title} tabIndex={0}>
      <table class="uploads-table">
        <thead>
          <tr>
            <th>{said.file}</th>
            <th>{said.state}</th>
            <th class="number">{said.size}</th>
            {person.isAdmin && <th>{said.by}</th>}
            <th>{said.when}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {arrivals.map((arrival) => (
            <Row
              key={arrival.id}
              arrival={arrival}
              study={studies.get(studyOf(arrival).toLowerCase()) ?? null}
              {...acts}
            />
          ))}
        </tbody>
      </table>
    </section>
  );
}

const ICONS: Record<string, IconName> = {
  waiting: "clock",
  arriving: "upload",
  checking: "saving",
  ready: "check",
  stored: "check",
};

interface RowProps extends Acts {
  arrival: Arrival;
  study: StudyPlace | null;
}

function Row({ arrival, study, onLook, onFile, sending }: RowProps) {
  const { path, purpose, state, slides, by } = arrival;
  const when = arrival.finishedOn ?? arrival.requestedOn;
  const now = sending(arrival);
  return (
    <tr data-state={state}>
      <td class="upload-path">
        <b>{path || (words.purposes[purpose] ?? purpose)}</b>
        {slides.map((sentence) => (
          <span key={sentence} class="aside">
            {sentence}
          </span>
        ))}
      </td>
      <td class="upload-found" data-bad={isShown(arrival, "broken")}>
        {now ? <Sending entry={now.entry} /> : <State arrival={arrival} />}
      </td>
      <td class="number">{amountOf(arrival)}</td>
      {person.isAdmin && <td class="aside">{by}</td>}
      <td class="aside">{when ? day(when, new Date()) : "–"}</td>
      <td class="row-acts">
        {state === "unreadable" && (
          <button
            type="button"
            class="button small"
            title={words.howLook}
            onClick={() => onLook(arrival)}
          >
            {words.look}
          </button>
        )}
        {study && now && <SendingAct {...now} studyId={study.id} />}
        {study && !now && canGoOn(arrival) && (
          <Chooser arrival={arrival} onFile={(file) => onFile(arrival, file)} />
        )}
        {study && !now && !isShown(arrival, "moving") && (
          <ToStudy arrival={arrival} studyId={study.id} />
        )}
      </td>
    </tr>
  );
}

function State({ arrival }: { arrival: Arrival }) {
  const { state, problem, sha256, received, length } = arrival;
  return (
    <>
      <span title={sha256 ? words.sha256(sha256) : undefined}>
        <Icon name={ICONS[state] ?? "warning"} small /> {words.states[state] ?? state}
      </span>
      {state === "arriving" && received !== null && length !== null && length > 0 && (
        <Bar part={received / length} name={placeOf(arrival).name} />
      )}
      {problem && <span class="aside">{problem}</span>}
    </>
  );
}

/** How far an upload is that goes on in this page. */
function Sending({ entry }: { entry: Entry }) {
  return (
    <>
      <span role="status">{stateOf(entry)}</span>
      <Bar part={entry.size === 0 ? 0 : entry.sent / entry.size} name={entry.name} />
    </>
  );
}

function Chooser({ arrival, onFile }: { arrival: Arrival; onFile: (file: File) => void }) {
  const field = useRef<HTMLInputElement>(null);
  const { name } = placeOf(arrival);
  return (
    <>
      <input
        type="file"
        hidden
        ref={field}
        aria-label={words.chooseLabel(name)}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = "";
          if (file) onFile(file);
        }}
      />
      <button
        type="button"
        class="button small"
        aria-label={words.chooseLabel(name)}
        title={words.howOn}
        onClick={() => field.current?.click()}
      >
        {words.goOn}
      </button>
    </>
  );
}

function ToStudy({ arrival, studyId }: { arrival: Arrival; studyId: number }) {
  const isBad = isShown(arrival, "broken");
  return (
    <a
      class="button small"
      href={`${root}/Study/Edit?studyId=${studyId}&tab=slides`}
      title={isBad ? words.howAgain : undefined}
    >
      {isBad ? words.again : words.openStudy}
    </a>
  );
}
