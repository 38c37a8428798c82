/** All uploads of a person, or of everybody for administrators: each with what became of it. */

import { type Signal, useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { post, root } from "../../../api/http";
import { listStudies } from "../../../api/studies";
import { type Problem, problemOf } from "../../../ui/failure";
import { day } from "../../../ui/format";
import { Icon, type IconName } from "../../../ui/Icon";
import { PageBar } from "../../../ui/PageBar";
import { person } from "../../../ui/person";
import { words as common } from "../../../ui/words";
import { Find } from "../Find";
import {
  type Arrival,
  amountOf,
  isMoving,
  isShown,
  listArrivals,
  type Show,
  studyOf,
} from "./arrivals";
import { words } from "./words";

const AT_ONCE = 200;
const MOST = 1000;
const LOOK_MS = 3000;
const SHOWN = Object.keys(words.show) as Show[];

export function UploadsPage() {
  const all = useSignal<readonly Arrival[] | null>(null);
  const studies = useSignal<ReadonlyMap<string, number>>(new Map());
  const problem = useSignal<Problem | null>(null);
  const show = useSignal<Show>(showIn(location.search));
  const query = useSignal("");
  const count = useSignal(AT_ONCE);

  const load = async () => {
    try {
      all.value = await listArrivals(count.value);
      problem.value = null;
    } catch (error) {
      problem.value = problemOf(error, new Date());
    }
  };
  const lookAgain = async ({ id }: Arrival) => {
    try {
      await post("CheckUpload", { id });
      await load();
    } catch (error) {
      problem.value = problemOf(error, new Date());
    }
  };
  useEffect(() => {
    document.title = common.title(words.title);
    listStudies().then(
      (found) => {
        studies.value = new Map(found.map(({ name, id }) => [name.toLowerCase(), id]));
      },
      () => undefined,
    );
  }, []);
  useEffect(() => void load(), [count.value]);
  const isAnyMoving = all.value?.some(isMoving) ?? false;
  useEffect(() => {
    if (!isAnyMoving) return;
    const timer = setInterval(() => void load(), LOOK_MS);
    return () => clearInterval(timer);
  }, [isAnyMoving]);
  const shown = useComputed(() =>
    (all.value ?? []).filter(
      (arrival) =>
        isShown(arrival, show.value) &&
        arrival.path.toLowerCase().includes(query.value.trim().toLowerCase()),
    ),
  );
  return (
    <>
      <PageBar crumbs={[{ name: words.title, address: null }]} />
      <main class="column uploads-page">
        <h1>{words.title}</h1>
        <p class="aside">{person.isAdmin ? words.aboutAll : words.about}</p>
        <Head all={all.value} show={show} query={query} />
        {problem.value && (
          <p class="banner" data-kind="bad" role="alert">
            <Icon name="warning" /> <span>{problem.value.sentence}</span>
            <button type="button" class="button small" onClick={() => void load()}>
              {words.retry}
            </button>
          </p>
        )}
        {!all.value && !problem.value && <p class="empty-line">{words.loading}</p>}
        {all.value && shown.value.length === 0 && (
          <p class="empty-line">{all.value.length === 0 ? words.none : words.noneShown}</p>
        )}
        {shown.value.length > 0 && (
          <Table
            arrivals={shown.value}
            studies={studies.value}
            onLook={(arrival) => void lookAgain(arrival)}
          />
        )}
        {all.value && all.value.length >= count.value && count.value < MOST && (
          <button
            type="button"
            class="button"
            onClick={() => {
              count.value = MOST;
            }}
          >
            {words.more}
          </button>
        )}
      </main>
    </>
  );
}

interface HeadProps {
  all: readonly Arrival[] | null;
  show: Signal<Show>;
  query: Signal<string>;
}

function Head({ all, show, query }: HeadProps) {
  const choose = (wanted: Show) => {
    show.value = wanted;
    const address = new URL(location.href);
    address.searchParams.set("show", wanted);
    history.replaceState(null, "", address);
  };
  return (
    <div class="uploads-head">
      <fieldset class="asked-line">
        <legend class="for-readers">{words.showLabel}</legend>
        {SHOWN.map((name) => (
          <label key={name} data-on={show.value === name}>
            <input
              type="radio"
              name="show"
              checked={show.value === name}
              onChange={() => choose(name)}
            />
            {words.show[name]} {all?.filter((one) => isShown(one, name)).length ?? ""}
          </label>
        ))}
      </fieldset>
      <Find label={words.find} query={query} />
    </div>
  );
}

function showIn(search: string): Show {
  const wanted = new URLSearchParams(search).get("show");
  return SHOWN.find((name) => name === wanted) ?? "all";
}

interface TableProps {
  arrivals: readonly Arrival[];
  /** Ids of studies that this person sees, by their names in lower case. */
  studies: ReadonlyMap<string, number>;
  onLook: (arrival: Arrival) => void;
}

function Table({ arrivals, studies, onLook }: TableProps) {
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
              studyId={studies.get(studyOf(arrival).toLowerCase()) ?? null}
              onLook={() => onLook(arrival)}
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

interface RowProps {
  arrival: Arrival;
  studyId: number | null;
  onLook: () => void;
}

function Row({ arrival, studyId, onLook }: RowProps) {
  const { path, purpose, state, problem, slides, sha256, actor } = arrival;
  const when = arrival.finishedOn ?? arrival.requestedOn;
  const isBad = isShown(arrival, "broken");
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
      <td class="upload-found" data-bad={isBad} title={sha256 ? words.sha256(sha256) : undefined}>
        <span>
          <Icon name={ICONS[state] ?? "warning"} small /> {words.states[state] ?? state}
        </span>
        {problem && <span class="aside">{problem}</span>}
      </td>
      <td class="number">{amountOf(arrival)}</td>
      {person.isAdmin && <td class="aside">{actor}</td>}
      <td class="aside">{when ? day(when, new Date()) : "–"}</td>
      <td class="row-acts">
        {state === "unreadable" && (
          <button type="button" class="button small" title={words.howLook} onClick={onLook}>
            {words.look}
          </button>
        )}
        {studyId !== null && <Act arrival={arrival} studyId={studyId} />}
      </td>
    </tr>
  );
}

function Act({ arrival, studyId }: { arrival: Arrival; studyId: number }) {
  const isOpen = ["waiting", "arriving"].includes(arrival.state);
  const isBad = isShown(arrival, "broken");
  const [text, title] = isOpen
    ? [words.goOn, words.howOn]
    : isBad
      ? [words.again, words.howAgain]
      : [words.openStudy, undefined];
  return (
    <a class="button small" href={`${root}/Study/Edit?studyId=${studyId}&tab=slides`} title={title}>
      {text}
    </a>
  );
}
