/** The studies as a table, one part per folder. */

import { useSignal } from "@preact/signals";
import { root } from "../api/http";
import type { Study } from "../api/studies";
import { findNext } from "../scoring/api";
import { counted as countOf, day } from "../ui/format";
import { Icon } from "../ui/Icon";
import { Thumbnail } from "../ui/Thumbnail";
import { words } from "../ui/words";
import { slidesOf, studyPicture } from "./pictures";
import type { Folder } from "./studies";

export function StudyTable({ folders }: { folders: readonly Folder[] }) {
  const said = words.home;
  return (
    <div class="panel-card table">
      <table>
        <thead>
          <tr>
            <td class="picture" />
            <th>{said.study}</th>
            <th class="tags">{said.tags}</th>
            <th class="slides">{said.slides}</th>
            <th class="reach">{said.yourProgress}</th>
            <th class="date">{said.published}</th>
            <td class="acts" />
          </tr>
        </thead>
        {folders.map((folder) => (
          <FolderRows
            key={folder.name}
            folder={folder}
            isNamed={folders.length > 1 || folder.name !== ""}
          />
        ))}
      </table>
    </div>
  );
}

function FolderRows({ folder, isNamed }: { folder: Folder; isNamed: boolean }) {
  const isOpen = useSignal(true);
  return (
    <tbody>
      {isNamed && (
        <tr class="folder">
          <th colSpan={3} scope="rowgroup">
            <button
              type="button"
              aria-expanded={isOpen.value}
              onClick={() => {
                isOpen.value = !isOpen.value;
              }}
            >
              <Icon name={isOpen.value ? "down" : "forward"} small />
              {folder.name || words.home.noFolder}
              <span class="aside">{countOf(folder.studies.length, "study", "studies")}</span>
            </button>
          </th>
        </tr>
      )}
      {isOpen.value && folder.studies.map((study) => <Row key={study.id} study={study} />)}
    </tbody>
  );
}

function Row({ study }: { study: Study }) {
  const said = words.home;
  const counted = useSignal(study.slideCount);
  // A server that does not count slides in its list is asked with the picture.
  const picture = async (studyId: number) => {
    counted.value ??= (await slidesOf(studyId)).length;
    return studyPicture(studyId);
  };
  const count = counted.value;
  return (
    <tr class="study">
      <td class="picture">
        <Thumbnail of={study.id} address={picture} />
      </td>
      <td>
        <span class="title">
          <a class="label clip" href={`${root}/Study/Details?studyId=${study.id}`}>
            {study.label}
          </a>
          {!study.publishedOn && (
            <span class="tag">
              <Icon name="draft" small />
              {said.draft}
            </span>
          )}
        </span>
        {study.label !== study.name && <span class="name clip">{study.name}</span>}
      </td>
      <td class="tags">
        {study.tags.slice(0, MOST_TAGS).map((tag) => (
          <span key={tag} class="tag">
            {tag}
          </span>
        ))}
        {study.tags.length > MOST_TAGS && (
          <span class="aside" title={study.tags.slice(MOST_TAGS).join(", ")}>
            +{study.tags.length - MOST_TAGS}
          </span>
        )}
      </td>
      <td class="slides">{count === null ? "" : countOf(count, "slide", "slides")}</td>
      <td class="reach">
        {study.rights.canScore && count ? <Reach study={study} all={count} /> : ""}
      </td>
      <td class="date">{study.publishedOn ? day(study.publishedOn, new Date()) : ""}</td>
      <td class="acts">
        <Acts study={study} count={count} />
      </td>
    </tr>
  );
}

const MOST_TAGS = 2;

function Reach({ study, all }: { study: Study; all: number }) {
  const done = study.scoredCount ?? 0;
  return (
    <span class="reach-line">
      <span class="progress-bar">
        <i style={{ width: `${(100 * done) / all}%` }} />
      </span>
      {words.home.progress(done, all)}
    </span>
  );
}

/** What this person may do with a study at once; what they may not is not there. */
function Acts({ study, count }: { study: Study; count: number | null }) {
  const said = words.home;
  const { canScore, canEdit, canGetResults } = study.rights;
  const done = study.scoredCount ?? 0;
  const begin = done === 0 ? said.start : done === count ? said.review : said.goOn;
  const act = canScore ? begin : said.open;
  return (
    <>
      {count !== 0 && (
        <a
          class="button small"
          href={`${root}/Image/Details?studyId=${study.id}`}
          aria-label={said.act(act, study.label)}
          onClick={(event) => {
            if (!canScore || event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            void goOn(study.id);
          }}
        >
          {act}
        </a>
      )}
      {canGetResults && (
        <a
          class="button quiet square small"
          href={`${root}/Api/DownloadResults?studyId=${study.id}&format=xlsx`}
          aria-label={said.act(said.results, study.label)}
          title={said.results}
          download
        >
          <Icon name="download" />
        </a>
      )}
      {canEdit && (
        <a
          class="button quiet square small"
          href={`${root}/Study/Edit?studyId=${study.id}`}
          aria-label={said.act(said.edit, study.label)}
          title={said.edit}
        >
          <Icon name="edit" />
        </a>
      )}
    </>
  );
}

/** Go to the first slide or core that is not answered; the first slide when all are, or none is known. */
async function goOn(studyId: number): Promise<void> {
  const start = `${root}/Image/Details?studyId=${studyId}`;
  const next = await findNext(studyId, null).catch(() => null);
  if (!next) location.href = start;
  else {
    const core = next.core ? `&tmaRow=${next.core.row}&tmaCol=${next.core.column}` : "";
    location.href = `${start}&imageId=${next.slideId}${core}`;
  }
}
