/** All uploads of a person, or of everybody for administrators: each with what became of it. */

import { type Signal, useComputed, useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { post, root } from "../../../api/http";
import { listStudies } from "../../../api/studies";
import { type Problem, problemOf } from "../../../ui/failure";
import { Icon } from "../../../ui/Icon";
import { PageBar } from "../../../ui/PageBar";
import { person } from "../../../ui/person";
import { words as common } from "../../../ui/words";
import { Find } from "../Find";
import type { Dropped } from "../slides/files";
import { usePageDrop } from "../slides/pagedrop";
import {
  type Arrival,
  canGoOn,
  isMoving,
  isShown,
  listArrivals,
  type Show,
  studyOf,
} from "./arrivals";
import { matched, Resuming, type StudyPlace } from "./resuming";
import { UploadTable } from "./UploadTable";
import { words } from "./words";

const AT_ONCE = 200;
const MOST = 1000;
const LOOK_MS = 3000;
const SHOWN = Object.keys(words.show) as Show[];

export function UploadsPage() {
  const all = useSignal<readonly Arrival[] | null>(null);
  const studies = useSignal<ReadonlyMap<string, StudyPlace>>(new Map());
  const problem = useSignal<Problem | null>(null);
  const show = useSignal<Show>(showIn(location.search));
  const query = useSignal("");
  const count = useSignal(AT_ONCE);
  const refusals = useSignal<readonly string[]>([]);
  const isOver = useSignal(false);

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
  const resuming = useMemo(() => new Resuming(() => void load()), []);
  const goOn = async (arrival: Arrival, file: File) => {
    const study = studies.value.get(studyOf(arrival).toLowerCase());
    if (!study || resuming.of(arrival)) return;
    try {
      const wrong = await resuming.goOn(arrival, study, file);
      if (wrong) refusals.value = [...refusals.value, wrong];
    } catch (error) {
      refusals.value = [...refusals.value, problemOf(error, new Date()).sentence];
    }
  };
  const take = (dropped: readonly Dropped[]) => {
    const files = dropped.map(({ file }) => file);
    const { pairs, strange } = matched(all.value ?? [], files);
    refusals.value = strange.map(({ name }) => words.strange(name));
    for (const [arrival, file] of pairs) void goOn(arrival, file);
  };
  usePageDrop(isOver, take);
  useEffect(() => {
    document.title = common.title(words.title);
    listStudies().then(
      (found) => {
        studies.value = new Map(found.map(({ name, id }) => [name.toLowerCase(), { id, name }]));
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
      <PageBar
        crumbs={[
          { name: common.home.page, address: `${root}/` },
          { name: words.title, address: null },
        ]}
      />
      <main class="column uploads-page">
        <h1>{words.title}</h1>
        <p class="aside">{person.isAdmin ? words.aboutAll : words.about}</p>
        {all.value?.some(canGoOn) && (
          <p class="drop-zone" data-over={isOver.value}>
            <Icon name="upload" />
            <span>{words.canGoOn}</span>
          </p>
        )}
        {refusals.value.length > 0 && (
          <div class="banner" data-kind="bad" role="alert">
            <Icon name="warning" />
            <ul>
              {refusals.value.map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ul>
          </div>
        )}
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
          <UploadTable
            arrivals={shown.value}
            studies={studies.value}
            sending={(arrival) => resuming.of(arrival)}
            onLook={(arrival) => void lookAgain(arrival)}
            onFile={(arrival, file) => {
              refusals.value = [];
              void goOn(arrival, file);
            }}
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
