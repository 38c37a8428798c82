/** The audit trail: what was done, newest first, by any filter. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { isObject, type Json, type JsonObject } from "../../api/http";
import { type Problem, problemOf } from "../../ui/failure";
import { type AuditEvent, readAudit } from "./api";
import { Trouble } from "./Trouble";
import { words } from "./words";

const AT_ONCE = 100;
const FILTERS = ["actor", "deed", "subject"] as const;

export function Audit() {
  const said = words.audit;
  const events = useSignal<AuditEvent[] | null>(null);
  const hasMore = useSignal(false);
  const problem = useSignal<Problem | null>(null);

  const load = async (older: boolean) => {
    const filters = filtersInAddress();
    const last = events.value?.at(-1);
    if (older && last) filters.beforeId = String(last.id);
    try {
      const found = await readAudit({ ...filters, count: String(AT_ONCE) });
      hasMore.value = found.length === AT_ONCE;
      events.value = older ? [...(events.value ?? []), ...found] : found;
      problem.value = null;
    } catch (error) {
      problem.value = problemOf(error, new Date());
    }
  };
  useEffect(() => void load(false), []);

  return (
    <>
      <div class="heading">
        <h1>{said.title}</h1>
      </div>
      <p class="about">{said.about}</p>
      <form
        class="invite"
        onSubmit={(event) => {
          event.preventDefault();
          keepInAddress(new FormData(event.currentTarget));
          void load(false);
        }}
      >
        {FILTERS.map((name) => (
          <input
            key={name}
            class="field"
            name={name}
            placeholder={said.filters[name]}
            aria-label={said.filters[name]}
            defaultValue={filtersInAddress()[name] ?? ""}
          />
        ))}
        <button type="submit" class="button">
          {said.find}
        </button>
      </form>
      <Trouble problem={problem.value} />
      {events.value?.length === 0 && <p class="none">{said.none}</p>}
      {events.value && events.value.length > 0 && <Table events={events.value} />}
      {hasMore.value && (
        <button type="button" class="button more" onClick={() => void load(true)}>
          {said.more}
        </button>
      )}
    </>
  );
}

function Table({ events }: { events: AuditEvent[] }) {
  const said = words.audit;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section class="panel-card table" aria-label={said.title} tabIndex={0}>
      <table class="trail">
        <thead>
          <tr>
            <th class="at">{said.columns.at}</th>
            <th>{said.columns.who}</th>
            <th>{said.columns.deed}</th>
            <th>{said.columns.subject}</th>
            <th class="wide">{said.columns.detail}</th>
          </tr>
        </thead>
        <tbody>
          {events.map((event) => (
            <tr key={event.id}>
              <td class="at">{event.at?.toISOString().slice(0, 19).replace("T", " ")}</td>
              <td>
                {event.actorName || event.actor}
                {event.actorName && <span class="second">{event.actor}</span>}
              </td>
              <td>
                <code>{event.deed}</code>
              </td>
              <td>
                <code>{event.subject}</code>
              </td>
              <td class="wide">{sentences(event.detail).join(" · ")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** What changed, as old → new where the event tells both. */
export function sentences(detail: JsonObject): string[] {
  const { before, after, ...others } = detail;
  const said = words.audit;
  const changed =
    isObject(before) && isObject(after)
      ? Object.keys(after)
          .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
          .map((name) => said.change(name, shown(before[name]), shown(after[name])))
      : [];
  const rest = isObject(before) && isObject(after) ? others : detail;
  return [...changed, ...Object.entries(rest).map(([name, value]) => `${name}: ${shown(value)}`)];
}

function shown(value: Json | undefined): string {
  if (value === undefined || value === null || value === "") return words.audit.nothing;
  return typeof value === "string" ? value : JSON.stringify(value);
}

function filtersInAddress(): Record<string, string> {
  const search = new URLSearchParams(location.search);
  const found = FILTERS.flatMap((name) => {
    const value = search.get(name)?.trim();
    return value ? [[name, value]] : [];
  });
  return Object.fromEntries(found) as Record<string, string>;
}

function keepInAddress(form: FormData): void {
  const address = new URL(location.href);
  for (const name of FILTERS) {
    const value = String(form.get(name) ?? "").trim();
    if (value) address.searchParams.set(name, value);
    else address.searchParams.delete(name);
  }
  history.replaceState(null, "", address);
}
