/** The first page: the studies that one may see, by folder. */

import { useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { root } from "../api/http";
import { listStudies, type Study } from "../api/studies";
import { type Problem, problemOf } from "../ui/failure";
import { counted } from "../ui/format";
import { Icon } from "../ui/Icon";
import { person } from "../ui/person";
import { Refusal } from "../ui/Refusal";
import { words } from "../ui/words";
import { ContinueCard } from "./ContinueCard";
import { Folders } from "./Folders";
import { Hits } from "./Hits";
import { StudyTable } from "./StudyTable";
import { byFolder, matching, tagged } from "./studies";
import { Tags } from "./Tags";
import { TopBar } from "./TopBar";

export function Home() {
  const studies = useSignal<Study[] | null>(null);
  const problem = useSignal<Problem | null>(null);
  const query = useSignal(queryInAddress());
  const folder = useSignal<string | null>(null);
  const tags = useSignal<ReadonlySet<string>>(new Set());
  const hitCount = useSignal(0);

  const load = async () => {
    problem.value = null;
    try {
      studies.value = await listStudies();
    } catch (error) {
      problem.value = problemOf(error, new Date());
    }
  };
  useEffect(() => void load(), []);

  const search = (wanted: string) => {
    query.value = wanted;
    const address = new URL(location.href);
    if (wanted) address.searchParams.set("q", wanted);
    else address.searchParams.delete("q");
    history.replaceState(null, "", address);
  };

  const all = studies.value ?? [];
  const found = useComputed(() => tagged(matching(studies.value ?? [], query.value), tags.value));
  const toggle = (tag: string) => {
    const chosen = new Set(tags.value);
    if (!chosen.delete(tag)) chosen.add(tag);
    tags.value = chosen;
  };
  const inFolder = found.value.filter(
    (study) => folder.value === null || study.folder === folder.value,
  );
  const said = words.home;
  return (
    <>
      <TopBar query={query.value} onSearch={search} />
      <div class="shell">
        <Folders
          studies={found.value}
          chosen={folder.value}
          onChoose={(name) => (folder.value = name)}
        >
          <Tags studies={all} chosen={tags.value} onToggle={toggle} />
        </Folders>
        <main>
          {problem.value && (
            <Refusal
              problem={problem.value}
              heading={words.home.failed}
              onRetry={() => void load()}
            />
          )}
          {studies.value && all.length === 0 && <Empty />}
          {all.length > 0 && (
            <>
              <ContinueCard studies={all} />
              <section class="studies" aria-labelledby="studies-title">
                <div class="heading">
                  <h1 id="studies-title">{folder.value || said.page}</h1>
                  <span class="aside">
                    {inFolder.length === all.length
                      ? counted(all.length, "study", "studies")
                      : said.found(inFolder.length, all.length)}
                  </span>
                  {person.isAdmin && <NewStudy />}
                </div>
                {inFolder.length > 0 && <StudyTable folders={byFolder(inFolder)} />}
                {inFolder.length === 0 && hitCount.value === 0 && (
                  <NoHit
                    query={query.value}
                    onClear={() => {
                      search("");
                      tags.value = new Set();
                      folder.value = null;
                    }}
                  />
                )}
              </section>
              <Hits
                query={query.value}
                studies={all}
                onFound={(count) => {
                  hitCount.value = count;
                }}
              />
            </>
          )}
          {!studies.value && !problem.value && <p class="waiting">{said.loading}</p>}
        </main>
      </div>
    </>
  );
}

function queryInAddress(): string {
  return new URLSearchParams(location.search).get("q") ?? "";
}

function NewStudy() {
  return (
    <a class="button primary" href={`${root}/Study/Edit`}>
      <Icon name="plus" />
      {words.home.newStudy}
    </a>
  );
}

function Empty() {
  const said = words.home;
  return (
    <section class="empty">
      <Icon name="slides" />
      <h1>{said.emptyTitle}</h1>
      <p>{person.isAdmin ? said.emptyAdmin : said.emptyReader(person.email)}</p>
      {person.isAdmin && <NewStudy />}
    </section>
  );
}

function NoHit({ query, onClear }: { query: string; onClear: () => void }) {
  const said = words.home;
  return (
    <div class="empty panel-card">
      <Icon name="search" />
      <h2>{query.trim() ? said.noHit(query) : said.noTagged}</h2>
      <p>{said.noHitWhere}</p>
      <button type="button" class="button" onClick={onClear}>
        {said.clearSearch}
      </button>
    </div>
  );
}
