/** The studies as a table, one part per folder. */

import { useSignal } from "@preact/signals";
import { root } from "../api/http";
import type { Study } from "../api/studies";
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
            <th class="slides">{said.slides}</th>
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
          <th colSpan={5} scope="rowgroup">
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
  const address = `${root}/Image/Details?studyId=${study.id}`;
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
          <a class="label clip" href={address}>
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
      <td class="slides">{count === null ? "" : countOf(count, "slide", "slides")}</td>
      <td class="date">{study.publishedOn ? day(study.publishedOn, new Date()) : ""}</td>
      <td class="acts">
        {count !== 0 && (
          <a
            class="button small"
            href={address}
            aria-label={said.openStudy(study.label)}
            tabIndex={-1}
          >
            {said.open}
          </a>
        )}
      </td>
    </tr>
  );
}
