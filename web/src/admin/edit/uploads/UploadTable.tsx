/** Uploads as a table: each with how far it is, and what can be done about it. */

import { useRef } from "preact/hooks";
import { root } from "../../../api/http";
import { day } from "../../../ui/format";
import { Icon, type IconName } from "../../../ui/Icon";
import { person } from "../../../ui/person";
import { Bar, Act as SendingAct, stateOf } from "../slides/UploadList";
import type { Entry } from "../slides/uploads";
import { type Arrival, amountOf, canGoOn, isShown, placeOf } from "./arrivals";
import type { UploadsDesk } from "./uploadsdesk";
import { words } from "./words";

interface TableProps {
  desk: UploadsDesk;
  arrivals: readonly Arrival[];
}

export function UploadTable({ desk, arrivals }: TableProps) {
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
            <Row key={arrival.id} desk={desk} arrival={arrival} />
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

interface RowProps {
  desk: UploadsDesk;
  arrival: Arrival;
}

function Row({ desk, arrival }: RowProps) {
  const { path, purpose, state, slides, by } = arrival;
  const when = arrival.finishedOn ?? arrival.requestedOn;
  const now = desk.sending(arrival);
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
        <RowActs desk={desk} arrival={arrival} />
      </td>
    </tr>
  );
}

function RowActs({ desk, arrival }: RowProps) {
  const study = desk.studyOf(arrival);
  const now = desk.sending(arrival);
  return (
    <>
      {arrival.state === "unreadable" && (
        <button
          type="button"
          class="button small"
          title={words.howLook}
          onClick={() => void desk.lookAgain(arrival)}
        >
          {words.look}
        </button>
      )}
      {study && now && <SendingAct {...now} studyId={study.id} />}
      {study && !now && canGoOn(arrival) && (
        <Chooser arrival={arrival} onFile={(file) => void desk.choose(arrival, file)} />
      )}
      {study && !now && !isShown(arrival, "moving") && (
        <ToStudy arrival={arrival} studyId={study.id} />
      )}
    </>
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
