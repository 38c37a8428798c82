/** The tab "Slides": what is dropped, what is on its way, and the slides of the study. */

import { useSignal } from "@preact/signals";
import { useMemo, useRef } from "preact/hooks";
import { root } from "../../../api/http";
import { fileSize } from "../../../ui/format";
import { Icon } from "../../../ui/Icon";
import { saveDraft } from "../config/drafts";
import type { TabProps } from "../Edit";
import type { Studio } from "../studio";
import { words } from "../words";
import { configName, type Dropped, sortOf } from "./files";
import { usePageDrop } from "./pagedrop";
import { SlideTable } from "./SlideTable";
import { UploadList } from "./UploadList";
import { Uploads } from "./uploads";

/** Uploads go on while another tab of the study is looked at. */
const kept = new WeakMap<Studio, Uploads>();

function uploadsOf(studio: Studio): Uploads {
  const known = kept.get(studio) ?? new Uploads(studio.studyId, () => void studio.load());
  kept.set(studio, known);
  return known;
}

export function SlidesTab({ studio, setup }: TabProps) {
  const uploads = useMemo(() => uploadsOf(studio), [studio]);
  const isOver = useSignal(false);
  const field = useRef<HTMLInputElement>(null);
  uploads.folder = setup.name;

  const take = async (dropped: readonly Dropped[]) => {
    const configs = dropped.filter(({ file }) => sortOf(file.name) === "config");
    const slides = dropped.filter(({ file }) => ["slide", "companion"].includes(sortOf(file.name)));
    const strange = dropped.find(({ file }) => sortOf(file.name) === "strange");
    if (strange)
      studio.say(`${words.uploads.strange(strange.file.name)}. ${words.slides.kinds}.`, true);
    uploads.add(slides);
    let opened = "";
    for (const { file } of configs) {
      const name = configName(file.name, setup.name);
      if (name === null) {
        studio.say(`${words.uploads.otherStudy(file.name)}.`, true);
        continue;
      }
      saveDraft(setup.id, name, await file.text());
      opened ||= name;
    }
    if (opened) {
      studio.openFile = opened;
      studio.go("config");
    }
  };
  usePageDrop(isOver, (dropped) => void take(dropped));

  const said = words.slides;
  const bytes = setup.slides.reduce((sum, slide) => sum + slide.fileSize, 0);
  return (
    <div class="slides-shell" data-uploads={uploads.entries.value.length > 0}>
      <div class="slides-main">
        <section class="drop-zone" data-over={isOver.value} aria-label={said.drop}>
          <Icon name="upload" />
          <p>
            <b>{isOver.value ? said.dropNow : said.drop}</b>
            <span class="aside">{said.kinds}</span>
          </p>
          <input
            type="file"
            multiple
            hidden
            ref={field}
            onChange={(event) => {
              const chosen = [...(event.currentTarget.files ?? [])];
              void take(chosen.map((file) => ({ file, folder: "" })));
              event.currentTarget.value = "";
            }}
          />
          <button type="button" class="button" onClick={() => field.current?.click()}>
            {said.choose}
          </button>
          <a class="button quiet" href={`${root}/Uploads`}>
            {words.uploads.all}
          </a>
        </section>
        {uploads.begun.value > 0 && uploads.entries.value.length === 0 && (
          <p class="banner" data-kind="warn">
            <Icon name="saving" />
            <span>{words.uploads.goOn(uploads.begun.value)}</span>
            <button type="button" class="button small" onClick={() => uploads.forgetBegun()}>
              {words.uploads.forget}
            </button>
          </p>
        )}
        {setup.slides.length > 0 ? (
          <SlideTable
            studio={studio}
            setup={setup}
            caption={said.count(setup.slides.length, fileSize(bytes))}
          />
        ) : (
          <section class="empty">
            <Icon name="slides" />
            <h2>{said.none}</h2>
            <p>{said.noneMore(setup.name)}</p>
          </section>
        )}
      </div>
      <UploadList uploads={uploads} studyId={setup.id} />
    </div>
  );
}
