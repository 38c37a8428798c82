/** The audit trail: who did what to which thing, newest first, by any filter. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type Problem, problemOf } from "../../ui/failure";
import { instantLong } from "../../ui/format";
import { factsOf, sentenceOf, whoOf } from "../deeds";
import { type AuditEvent, readAudit } from "./api";
import { Trouble } from "./Trouble";
import { words } from "./words";

const AT_ONCE = 100;
const FILTERS = ["actor", "deed", "subject"] as const;
type Filters = Partial<Record<(typeof FILTERS)[number], string>>;

export function Audit() {
  const said = words.audit;
  const events = useSignal<AuditEvent[] | null>(null);
  const hasMore = useSignal(false);
  const problem = useSignal<Problem | null>(null);
  const filters = useSignal<Filters>(filtersInAddress());

  const load = async (older: boolean) => {
    const last = older ? events.value?.at(-1) : undefined;
    const before: Record<string, string> = last ? { beforeId: String(last.id) } : {};
    try {
      const found = await readAudit({ ...filters.value, ...before, count: String(AT_ONCE) });
      hasMore.value = found.length === AT_ONCE;
      events.value = last ? [...(events.value ?? []), ...found] : found;
      problem.value = null;
    } catch (error) {
      problem.value = problemOf(error, new Date());
    }
  };
  useEffect(() => void load(false), [filters.value]);
  const only = (wanted: Filters) => {
    filters.value = wanted;
    keepInAddress(wanted);
  };

  return (
    <>
      <div class="heading">
        <h1>{said.title}</h1>
      </div>
      <p class="about">{said.about}</p>
      <Head filters={filters.value} only={only} />
      <Trouble problem={problem.value} />
      {!events.value && !problem.value && <p class="none late">{said.loading}</p>}
      {events.value?.length === 0 && <p class="none">{said.none}</p>}
      {events.value && events.value.length > 0 && <Table events={events.value} only={only} />}
      {hasMore.value && (
        <button type="button" class="button more" onClick={() => void load(true)}>
          {said.more}
        </button>
      )}
    </>
  );
}

interface FilterProps {
  only: (wanted: Filters) => void;
}

function Head({ filters, only }: FilterProps & { filters: Filters }) {
  const said = words.audit;
  const { actor = "", deed = "" } = filters;
  const nouns = Object.entries(said.deeds);
  const isOwnDeed = !nouns.some(([noun]) => noun === deed);
  return (
    <form
      key={JSON.stringify(filters)}
      class="invite"
      onSubmit={(event) => {
        event.preventDefault();
        const form = new FormData(event.currentTarget);
        only(pruned({ ...filters, actor: String(form.get("actor") ?? "").trim() }));
      }}
    >
      <input
        class="field"
        name="actor"
        placeholder={said.actor}
        aria-label={said.actor}
        defaultValue={actor}
      />
      <select
        class="field"
        aria-label={said.deed}
        value={deed}
        onChange={(event) => only(pruned({ ...filters, deed: event.currentTarget.value }))}
      >
        {nouns.map(([noun, name]) => (
          <option key={noun} value={noun}>
            {name}
          </option>
        ))}
        {isOwnDeed && <option value={deed}>{deed}</option>}
      </select>
      <button type="submit" class="button">
        {said.find}
      </button>
      {Object.keys(filters).length > 0 && (
        <button type="button" class="button quiet" onClick={() => only({})}>
          {said.all}
        </button>
      )}
    </form>
  );
}

function Table({ events, only }: FilterProps & { events: AuditEvent[] }) {
  const said = words.audit;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section class="panel-card table" aria-label={said.title} tabIndex={0}>
      <table class="trail">
        <thead>
          <tr>
            <th>{said.columns.at}</th>
            <th>{said.columns.who}</th>
            <th class="wide">{said.columns.what}</th>
          </tr>
        </thead>
        <tbody>
          {events.map((event) => (
            <Row key={event.id} event={event} only={only} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ event, only }: FilterProps & { event: AuditEvent }) {
  const said = words.audit;
  const who = whoOf(event);
  const { before, thing, after, study } = sentenceOf(event);
  return (
    <tr>
      <td class="at">
        <time dateTime={event.at?.toISOString()}>{event.at ? instantLong(event.at) : ""}</time>
      </td>
      <td>
        <button
          type="button"
          class="in-text"
          title={said.onlyWho(who)}
          onClick={() =>
            only({ actor: event.actorName.includes("@") ? event.actorName : event.actor })
          }
        >
          {who}
        </button>
      </td>
      <td class="wide">
        <p>
          {before}
          {thing && (
            <button
              type="button"
              class="in-text strong"
              title={said.only(thing)}
              onClick={() => only({ subject: event.subject })}
            >
              {thing}
            </button>
          )}
          {after} {study && said.inStudy(study)}
        </p>
        <Facts event={event} />
      </td>
    </tr>
  );
}

function Facts({ event }: { event: AuditEvent }) {
  const { id, actor, deed, subject, detail } = event;
  return (
    <>
      <p class="fact">
        {factsOf(event).map((fact, at) => (
          <span key={at}>{fact}</span>
        ))}
      </p>
      <details>
        <summary>{words.audit.recorded}</summary>
        <pre>{JSON.stringify({ id, actor, deed, subject, detail }, null, 2)}</pre>
      </details>
    </>
  );
}

function filtersInAddress(): Filters {
  const search = new URLSearchParams(location.search);
  return pruned(Object.fromEntries(FILTERS.map((name) => [name, search.get(name)?.trim() ?? ""])));
}

function pruned(filters: Filters): Filters {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== ""));
}

function keepInAddress(filters: Filters): void {
  const address = new URL(location.href);
  for (const name of FILTERS) address.searchParams.delete(name);
  for (const [name, value] of Object.entries(filters)) address.searchParams.set(name, value);
  history.replaceState(null, "", address);
}
