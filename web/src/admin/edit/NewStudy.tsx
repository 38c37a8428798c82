/** The form that makes a study. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { root } from "../../api/http";
import { problemOf } from "../../ui/failure";
import { PageBar } from "../../ui/PageBar";
import { words as common } from "../../ui/words";
import { createStudy } from "./api";
import { DeletedList } from "./Deleting";
import { problemOfName } from "./names";
import { words } from "./words";

export function NewStudy() {
  const said = words.create;
  const name = useSignal("");
  const label = useSignal("");
  const folder = useSignal(new URLSearchParams(location.search).get("folder") ?? "");
  const isTried = useSignal(false);
  const refusal = useSignal("");
  const isBusy = useSignal(false);
  useEffect(() => {
    document.title = common.title(said.title);
  }, [said.title]);

  const wrong = problemOfName(name.value);
  const shown = refusal.value || ((isTried.value || name.value !== "") && wrong) || "";
  const make = async (event: Event) => {
    event.preventDefault();
    isTried.value = true;
    if (wrong || isBusy.value) return;
    isBusy.value = true;
    try {
      const id = await createStudy(name.value, label.value.trim(), folder.value.trim());
      location.assign(`${root}/Study/Edit?studyId=${id}&tab=slides`);
    } catch (error) {
      refusal.value = problemOf(error, new Date()).sentence;
      isBusy.value = false;
    }
  };
  return (
    <>
      <PageBar crumbs={[{ name: said.title, address: null }]} />
      <main class="narrow">
        <form class="panel-card form" onSubmit={(event) => void make(event)}>
          <h1>{said.title}</h1>
          <label>
            <span>{said.name}</span>
            <input
              class="field mono"
              name="name"
              autocomplete="off"
              spellcheck={false}
              value={name.value}
              aria-invalid={shown !== ""}
              aria-describedby="name-problem name-hint"
              onInput={(event) => {
                refusal.value = "";
                name.value = event.currentTarget.value;
              }}
            />
          </label>
          <p class="wrong" id="name-problem" role={shown ? "alert" : undefined}>
            {shown}
          </p>
          <p class="hint" id="name-hint">
            {wrong ? said.nameHint : said.files(name.value)}
          </p>
          <label>
            <span>{said.label}</span>
            <input
              class="field"
              name="label"
              value={label.value}
              onInput={(event) => {
                label.value = event.currentTarget.value;
              }}
            />
            <span class="hint">{said.labelHint}</span>
          </label>
          <label>
            <span>{said.folder}</span>
            <input
              class="field"
              name="folder"
              value={folder.value}
              onInput={(event) => {
                folder.value = event.currentTarget.value;
              }}
            />
            <span class="hint">{said.folderHint}</span>
          </label>
          <div class="form-acts">
            <a class="button" href={`${root}/`}>
              {words.cancel}
            </a>
            <button type="submit" class="button primary" aria-busy={isBusy.value}>
              {said.make}
            </button>
          </div>
        </form>
        <DeletedList />
      </main>
    </>
  );
}
