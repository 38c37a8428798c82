/** Deleting a study by its name, and bringing deleted ones back. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ask, isObject, number, objects, root, text } from "../../api/http";
import { problemOf } from "../../ui/failure";
import { day } from "../../ui/format";
import { Icon } from "../../ui/Icon";
import { change, instant } from "./api";
import { Prompt } from "./Dialogs";
import type { TabProps } from "./Edit";
import type { Studio } from "./studio";
import { deleting as said } from "./trailwords";

export function Deleting({ studio, setup }: TabProps) {
  const asks = useSignal(false);
  const close = () => {
    asks.value = false;
  };
  const remove = async () => {
    close();
    try {
      await change("DeleteStudy", setup.id);
      studio.isDeleted.value = true;
    } catch (error) {
      studio.say(problemOf(error, new Date()).sentence, true);
    }
  };
  return (
    <section class="panel-card padded">
      <h2>{said.title}</h2>
      <p class="delete-line">
        <span class="aside">{said.text}</span>
        <button
          type="button"
          class="button danger"
          onClick={() => {
            asks.value = true;
          }}
        >
          {said.act}
        </button>
      </p>
      {asks.value && (
        <Prompt
          title={said.dialogTitle(setup.label)}
          label={said.label}
          hint={setup.name}
          value=""
          act={said.act}
          check={(typed) => (typed === setup.name ? "" : said.wrong(setup.name))}
          onCancel={close}
          onDone={() => void remove()}
        />
      )}
    </section>
  );
}

/** What is left of the page when its study is deleted: the way back. */
export function Deleted({ studio, label }: { studio: Studio; label: string }) {
  const bringBack = async () => {
    try {
      await change("UndeleteStudy", studio.studyId);
      studio.isDeleted.value = false;
      await studio.load();
    } catch (error) {
      studio.say(problemOf(error, new Date()).sentence, true);
    }
  };
  return (
    <main class="narrow">
      <section class="empty panel-card" role="status">
        <Icon name="info" />
        <h1>{said.gone(label)}</h1>
        <p>{said.goneText}</p>
        <p class="banner-acts">
          <button type="button" class="button" onClick={() => void bringBack()}>
            {said.bringBack}
          </button>
          <a class="button" href={`${root}/`}>
            {said.toStudies}
          </a>
        </p>
      </section>
    </main>
  );
}

interface Entry {
  id: number;
  name: string;
  at: Date | null;
}

/** The studies that this person deleted; nothing where there are none. */
export function DeletedList() {
  const all = useSignal<readonly Entry[]>([]);
  const problem = useSignal("");
  useEffect(() => {
    ask("DeletedStudies").then(
      (reply) => {
        all.value = objects(isObject(reply) ? reply.studies : []).map((entry) => ({
          id: number(entry.id) ?? 0,
          name: text(entry.name),
          at: instant(entry.deletedOn),
        }));
      },
      // The form beside it says what is wrong with the server.
      () => undefined,
    );
  }, []);
  const bringBack = async (id: number) => {
    try {
      await change("UndeleteStudy", id);
      location.assign(`${root}/Study/Edit?studyId=${id}`);
    } catch (error) {
      problem.value = problemOf(error, new Date()).sentence;
    }
  };
  if (all.value.length === 0) return null;
  return (
    <section class="panel-card padded deleted-list">
      <h2>{said.listTitle}</h2>
      <ul>
        {all.value.map(({ id, name, at }) => (
          <li key={id}>
            <b class="clip">{name}</b>
            <span class="aside">{at ? said.deletedOn(day(at, new Date())) : ""}</span>
            <button type="button" class="button small" onClick={() => void bringBack(id)}>
              {said.bringBack}
            </button>
          </li>
        ))}
      </ul>
      <p class="wrong" role={problem.value ? "alert" : undefined}>
        {problem.value}
      </p>
    </section>
  );
}
