/** The page of a study that is being set up: its head, and one tab at a time. */

import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { root } from "../../api/http";
import { listStudies, type Study } from "../../api/studies";
import type { Problem } from "../../ui/failure";
import { Icon } from "../../ui/Icon";
import { PageBar } from "../../ui/PageBar";
import { person } from "../../ui/person";
import { Refusal } from "../../ui/Refusal";
import { words as common } from "../../ui/words";
import { change, type Setup } from "./api";
import { ConfigTab } from "./config/ConfigTab";
import { Deleted } from "./Deleting";
import { Agreement, Progress, Sessions } from "./insight";
import { OverviewTab } from "./OverviewTab";
import { QuestionsTab } from "./questions/QuestionsTab";
import { Said } from "./Said";
import { SettingsTab } from "./SettingsTab";
import { SlidesTab } from "./slides/SlidesTab";
import { type Studio, TABS, type Tab } from "./studio";
import { TmaTab } from "./tma/TmaTab";
import { UsersTab } from "./UsersTab";
import { words } from "./words";

export interface TabProps {
  studio: Studio;
  setup: Setup;
}

const BODIES: Record<Tab, ComponentType<TabProps>> = {
  overview: OverviewTab,
  slides: SlidesTab,
  tma: TmaTab,
  questions: QuestionsTab,
  config: ConfigTab,
  users: UsersTab,
  settings: SettingsTab,
  progress: Progress,
  agreement: Agreement,
  sessions: Sessions,
};

export function Edit({ studio }: { studio: Studio }) {
  const setup = studio.setup.value;
  useEffect(() => void studio.load(), [studio]);
  useEffect(() => {
    if (setup) document.title = common.title(`${setup.label}, ${words.tabs[studio.tab.value]}`);
  }, [setup?.label, studio.tab.value]);

  const problem = studio.problem.value;
  if (problem) return <Refused studio={studio} problem={problem} />;
  if (!setup) return <p class="waiting">{words.loading}</p>;
  if (studio.isDeleted.value) {
    return (
      <>
        <PageBar crumbs={[{ name: setup.label, address: null }]} />
        <Deleted studio={studio} label={setup.label} />
        <Said notice={studio.notice} />
      </>
    );
  }
  const Body = BODIES[studio.tab.value];
  const address = `${root}/Study/Details?studyId=${setup.id}`;
  return (
    <>
      <PageBar
        crumbs={[
          ...(setup.folder ? [{ name: setup.folder, address: `${root}/` }] : []),
          { name: setup.label, address },
          { name: words.page, address: null },
        ]}
      />
      <Head studio={studio} setup={setup} address={address} />
      <main class={`study-body ${studio.tab.value}`}>
        <Body studio={studio} setup={setup} />
      </main>
      <Said notice={studio.notice} />
    </>
  );
}

function Head({ studio, setup, address }: TabProps & { address: string }) {
  const isPublished = setup.publishedOn !== null;
  return (
    <section class="study-head" aria-labelledby="study-label">
      <div class="study-title">
        <h1 class="clip" id="study-label">
          {setup.label}
        </h1>
        <span class="tag" data-state={isPublished ? "ok" : "draft"}>
          <Icon name={isPublished ? "check" : "draft"} small />
          {isPublished ? words.published : words.draft}
        </span>
        <span class="aside saved-hint">{words.savedAsMade}</span>
        <a class="button" href={address}>
          {words.asReader}
        </a>
        <button
          type="button"
          class={isPublished ? "button" : "button primary"}
          onClick={() =>
            void studio.act(() => change(isPublished ? "Unpublish" : "Publish", setup.id))
          }
        >
          {isPublished ? words.unpublish : words.publish}
        </button>
      </div>
      <nav class="tabs" aria-label={words.tabList}>
        {TABS.map((tab) => (
          <a
            key={tab}
            href={studio.address(tab)}
            aria-current={tab === studio.tab.value ? "page" : undefined}
            onClick={(event) => {
              if (event.ctrlKey || event.metaKey || event.shiftKey) return;
              event.preventDefault();
              studio.go(tab);
            }}
          >
            {words.tabs[tab]}
            <Count of={countOf(tab, setup)} />
          </a>
        ))}
      </nav>
    </section>
  );
}

function Count({ of }: { of: number | null }) {
  return of === null ? null : <span class="count">{of}</span>;
}

function countOf(tab: Tab, setup: Setup): number | null {
  if (tab === "slides") return setup.slides.length;
  if (tab === "tma") return setup.mapCount;
  if (tab === "questions") return setup.questions.length;
  return tab === "users" ? setup.members.length : null;
}

/** Why the study cannot be edited; who may see it is told so, and is shown the way there. */
function Refused({ studio, problem }: { studio: Studio; problem: Problem }) {
  const seen = useSignal<Study | null>(null);
  useEffect(() => {
    if (problem.kind !== "rights") return;
    listStudies().then(
      (studies) => {
        seen.value = studies.find(({ id }) => id === studio.studyId) ?? null;
      },
      () => undefined,
    );
  }, [problem.kind]);
  const study = seen.value;
  return (
    <>
      <PageBar crumbs={[{ name: words.page, address: null }]} />
      <main class="narrow panel-card">
        {study ? (
          <section class="empty">
            <Icon name="lock" />
            <h1>{words.notEditor}</h1>
            <p>{words.notEditorMore(person.email, study.label)}</p>
            <a class="button primary" href={`${root}/Study/Details?studyId=${study.id}`}>
              {words.openStudy}
            </a>
          </section>
        ) : (
          <Refusal problem={problem} heading={words.failed} onRetry={() => void studio.load()}>
            <a class="button" href={`${root}/`}>
              {words.toStudies}
            </a>
          </Refusal>
        )}
      </main>
    </>
  );
}
