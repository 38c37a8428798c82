/** The files on their way: how far each is, and what can be done about it. */

import { root } from "../../../api/http";
import { fileSize } from "../../../ui/format";
import { Icon, type IconName } from "../../../ui/Icon";
import { IconButton } from "../../../ui/IconButton";
import { words } from "../words";
import { duration } from "./speed";
import type { Entry, Stage, Uploads } from "./uploads";

const ICONS: Record<Stage, IconName> = {
  waiting: "clock",
  uploading: "upload",
  paused: "pause",
  lost: "pause",
  finishing: "saving",
  checking: "saving",
  adding: "saving",
  stored: "check",
  done: "check",
  failed: "warning",
};
const MOVING: readonly Stage[] = ["waiting", "uploading", "lost"];
const ENDED: readonly Stage[] = ["done", "stored", "failed"];

export function UploadList({ uploads, studyId }: { uploads: Uploads; studyId: number }) {
  const all = uploads.entries.value;
  if (all.length === 0) return null;
  const said = words.uploads;
  const size = all.reduce((sum, entry) => sum + entry.size, 0);
  const sent = all.reduce((sum, entry) => sum + entry.sent, 0);
  const rate = all.reduce((sum, entry) => sum + entry.rate, 0);
  const isMoving = all.some(({ stage }) => MOVING.includes(stage));
  const isPaused = all.some(({ stage }) => stage === "paused");
  const isEnded = all.every(({ stage }) => ENDED.includes(stage));
  return (
    <aside class="uploads" aria-label={said.title}>
      <header>
        <h2>{said.title}</h2>
        <span class="aside">{said.count(all.length, fileSize(size))}</span>
        {isMoving && (
          <button type="button" class="button small" onClick={() => uploads.pauseAll()}>
            <Icon name="pause" small /> {said.pauseAll}
          </button>
        )}
        {!isMoving && isPaused && (
          <button type="button" class="button small" onClick={() => uploads.resumeAll()}>
            <Icon name="play" small /> {said.resumeAll}
          </button>
        )}
        {isEnded && (
          <button type="button" class="button small" onClick={() => uploads.clearEnded()}>
            {said.clear}
          </button>
        )}
        <Bar part={size === 0 ? 0 : sent / size} name={said.title} />
        <p class="upload-line">
          <span>{said.of(fileSize(sent), fileSize(size))}</span>
          {rate > 0 && <span>{said.speed(fileSize(rate))}</span>}
          {rate > 0 && <span class="right">{said.left(duration((size - sent) / rate))}</span>}
        </p>
      </header>
      <ul>
        {all.map((entry) => (
          <Line key={entry.id} entry={entry} uploads={uploads} studyId={studyId} />
        ))}
      </ul>
      <footer>{said.closing}</footer>
    </aside>
  );
}

export function Bar({ part, name }: { part: number; name: string }) {
  const percent = Math.floor(100 * part);
  return (
    <span
      class="bar"
      role="progressbar"
      aria-label={name}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <i style={{ width: `${100 * part}%` }} />
    </span>
  );
}

interface LineProps {
  entry: Entry;
  uploads: Uploads;
  studyId: number;
}

function Line({ entry, uploads, studyId }: LineProps) {
  const { name, size, sent, stage } = entry;
  return (
    <li data-stage={stage}>
      <Icon name={ICONS[stage]} />
      <div class="upload-body">
        <p class="upload-name">
          <b class="clip" title={name}>
            {name}
          </b>
          <span class="aside">{fileSize(size)}</span>
        </p>
        {!ENDED.includes(stage) && <Bar part={size === 0 ? 0 : sent / size} name={name} />}
        <p class="upload-state">{stateOf(entry)}</p>
      </div>
      <Act entry={entry} uploads={uploads} studyId={studyId} />
    </li>
  );
}

export function Act({ entry, uploads, studyId }: LineProps) {
  const said = words.uploads;
  const { id, name, stage } = entry;
  if (stage === "uploading" || stage === "lost") {
    return <IconButton icon="pause" name={said.pause(name)} onClick={() => uploads.pause(id)} />;
  }
  if (stage === "paused") {
    return <IconButton icon="play" name={said.resume(name)} onClick={() => uploads.resume(id)} />;
  }
  if (stage === "waiting") {
    return <IconButton icon="close" name={said.drop(name)} onClick={() => uploads.drop(id)} />;
  }
  if (stage === "failed") {
    return (
      <span class="upload-acts">
        <button type="button" class="button small" onClick={() => uploads.resume(id)}>
          {said.retry}
        </button>
        <IconButton icon="close" name={said.drop(name)} onClick={() => uploads.drop(id)} />
      </span>
    );
  }
  if (stage === "done" && entry.slideId !== null) {
    const address = `${root}/Image/Details?imageId=${entry.slideId}&studyId=${studyId}`;
    return (
      <a class="button small quiet" href={address}>
        {said.view}
      </a>
    );
  }
  return <span />;
}

export function stateOf(entry: Entry): string {
  const said = words.uploads;
  const percent = entry.size === 0 ? 0 : Math.floor((100 * entry.sent) / entry.size);
  switch (entry.stage) {
    case "uploading": {
      const left = entry.rate > 0 ? duration((entry.size - entry.sent) / entry.rate) : "";
      return [
        said.stages.uploading(percent),
        entry.rate > 0 ? said.speed(fileSize(entry.rate)) : "",
        left ? said.left(left) : "",
      ]
        .filter(Boolean)
        .join(" · ");
    }
    case "paused":
    case "lost":
      return said.stages[entry.stage](percent);
    case "done":
      return said.inStudy(entry.facts);
    case "failed":
      return entry.problem;
    default:
      return said.stages[entry.stage];
  }
}
