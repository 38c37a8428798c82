/** All uploads of a person, or of everybody for administrators: each with what became of it. */

import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { root } from "../../../api/http";
import { Icon } from "../../../ui/Icon";
import { PageBar } from "../../../ui/PageBar";
import { person } from "../../../ui/person";
import { words as common } from "../../../ui/words";
import { Find } from "../Find";
import { usePageDrop } from "../slides/pagedrop";
import { canGoOn, isShown, type Show } from "./arrivals";
import { UploadTable } from "./UploadTable";
import { UploadsDesk } from "./uploadsdesk";
import { words } from "./words";

const LOOK_MS = 3000;
const SHOWN = Object.keys(words.show) as Show[];

export function UploadsPage() {
  const desk = useMemo(() => new UploadsDesk(), []);
  useEffect(() => {
    document.title = common.title(words.title);
    desk.show.value = showIn(location.search);
    void desk.open();
  }, [desk]);
  useEffect(() => {
    if (!desk.isAnyMoving.value) return;
    const timer = setInterval(() => void desk.load(), LOOK_MS);
    return () => clearInterval(timer);
  }, [desk.isAnyMoving.value]);
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
        <DropZone desk={desk} />
        <Refusals desk={desk} />
        <Head desk={desk} />
        <Uploads desk={desk} />
      </main>
    </>
  );
}

interface Props {
  desk: UploadsDesk;
}

/** The whole page takes a drop; the place that says so is there while anything can go on. */
function DropZone({ desk }: Props) {
  const isOver = useSignal(false);
  usePageDrop(isOver, (dropped) => desk.take(dropped.map(({ file }) => file)));
  if (!desk.all.value?.some(canGoOn)) return null;
  return (
    <p class="drop-zone" data-over={isOver.value}>
      <Icon name="upload" />
      <span>{words.canGoOn}</span>
    </p>
  );
}

function Refusals({ desk }: Props) {
  if (desk.refusals.value.length === 0) return null;
  return (
    <div class="banner" data-kind="bad" role="alert">
      <Icon name="warning" />
      <ul>
        {desk.refusals.value.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </div>
  );
}

function Head({ desk }: Props) {
  const all = desk.all.value;
  const choose = (wanted: Show) => {
    desk.show.value = wanted;
    const address = new URL(location.href);
    address.searchParams.set("show", wanted);
    history.replaceState(null, "", address);
  };
  return (
    <div class="uploads-head">
      <fieldset class="asked-line">
        <legend class="for-readers">{words.showLabel}</legend>
        {SHOWN.map((name) => (
          <label key={name} data-on={desk.show.value === name}>
            <input
              type="radio"
              name="show"
              checked={desk.show.value === name}
              onChange={() => choose(name)}
            />
            {words.show[name]} {all?.filter((one) => isShown(one, name)).length ?? ""}
          </label>
        ))}
      </fieldset>
      <Find label={words.find} query={desk.query} />
    </div>
  );
}

function Uploads({ desk }: Props) {
  const all = desk.all.value;
  const shown = desk.shown.value;
  const problem = desk.problem.value;
  return (
    <>
      {problem && (
        <p class="banner" data-kind="bad" role="alert">
          <Icon name="warning" /> <span>{problem.sentence}</span>
          <button type="button" class="button small" onClick={() => void desk.load()}>
            {words.retry}
          </button>
        </p>
      )}
      {!all && !problem && <p class="empty-line">{words.loading}</p>}
      {all && shown.length === 0 && (
        <p class="empty-line">{all.length === 0 ? words.none : words.noneShown}</p>
      )}
      {shown.length > 0 && <UploadTable desk={desk} arrivals={shown} />}
      {desk.hasMore.value && (
        <button type="button" class="button" onClick={() => void desk.loadMore()}>
          {words.more}
        </button>
      )}
    </>
  );
}

function showIn(search: string): Show {
  const wanted = new URLSearchParams(search).get("show");
  return SHOWN.find((name) => name === wanted) ?? "all";
}
