/** The tab "Config files": files at the left, the text of one, and what Reimport makes of all. */

import { useEffect, useMemo } from "preact/hooks";
import { Icon } from "../../../ui/Icon";
import type { TabProps } from "../Edit";
import { Editor } from "./Editor";
import { type ConfigFile, ConfigFiles, isUnsaved } from "./files";
import { PlanPane } from "./PlanPane";
import { words } from "./words";

export function ConfigTab({ studio, setup }: TabProps) {
  const files = useMemo(() => new ConfigFiles(setup.id, setup.name), [setup.id, setup.name]);
  useEffect(() => {
    void files.load(studio.openFile);
    studio.openFile = "";
  }, [files, studio]);

  if (files.trouble.value) {
    return (
      <p class="banner" data-kind="bad" role="alert">
        <Icon name="warning" /> <span>{files.trouble.value}</span>
      </p>
    );
  }
  const all = files.all.value;
  const file = files.current.value;
  if (!all || !file) return <p class="empty-line">{words.loading}</p>;
  return (
    <div class="config-shell">
      <nav class="config-files" aria-label={words.files}>
        <p class="aside mono clip">study.{setup.name}</p>
        <ul>
          {all.map((entry) => (
            <FileLine
              key={entry.name}
              entry={entry}
              study={setup.name}
              isShown={entry === file}
              onShow={() => {
                files.shown.value = entry.name;
              }}
            />
          ))}
        </ul>
      </nav>
      <Editor key={file.name} studio={studio} files={files} file={file} />
      <PlanPane studio={studio} files={files} />
    </div>
  );
}

interface FileLineProps {
  entry: ConfigFile;
  study: string;
  isShown: boolean;
  onShow: () => void;
}

function FileLine({ entry, study, isShown, onShow }: FileLineProps) {
  const bad = entry.checked?.mistakes.length ?? 0;
  const prefix = `study.${study}`;
  return (
    <li>
      <button type="button" aria-current={isShown} onClick={onShow}>
        <span class="mono clip">
          {entry.name.startsWith(prefix) ? entry.name.slice(prefix.length) : entry.name}
        </span>
        {bad > 0 && (
          <span class="bad" title={words.errors(bad)}>
            <Icon name="warning" small />
            <span class="for-readers">{words.errors(bad)}</span>
          </span>
        )}
        {isUnsaved(entry) && (
          <span class="dot" title={words.unsaved}>
            <span class="for-readers">{words.unsaved}</span>
          </span>
        )}
      </button>
    </li>
  );
}
