/** The text of one file, with its mistakes at their lines. */

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { problemOf } from "../../../ui/failure";
import { Icon } from "../../../ui/Icon";
import type { Studio } from "../studio";
import { type ConfigFile, type ConfigFiles, isUnsaved, type Mistake } from "./files";
import { fixed, fixOf, width } from "./fixes";
import { words } from "./words";

const LINE_PX = 21;

interface Props {
  studio: Studio;
  files: ConfigFiles;
  file: ConfigFile;
}

export function Editor({ studio, files, file }: Props) {
  const mistakes = file.checked?.mistakes ?? [];
  const lines = file.text.split("\n");
  const suffix = file.name.slice(`study.${files.studyName}`.length);
  const kind = suffix.replace(/^\./, "");
  const save = async () => {
    try {
      await files.save(file.name);
      studio.say(words.saved(file.name));
    } catch (error) {
      studio.say(problemOf(error, new Date()).sentence, true);
    }
  };
  return (
    <section class="editor-pane" aria-label={file.name}>
      <header class="pane-head">
        <h2 class="mono clip">{file.name.includes("/") ? file.name : suffix}</h2>
        <span class="aside clip">
          {words.counts(
            mistakes.length > 0 ? "" : kind,
            file.checked?.count ?? 0,
            lines.filter(Boolean).length,
          )}
        </span>
        <span class="pane-acts">
          {isUnsaved(file) && (
            <button
              type="button"
              class="button small"
              onClick={() => files.edit(file.name, file.stored ?? file.written)}
            >
              <Icon name="undo" small /> {words.back}
            </button>
          )}
          <button
            type="button"
            class="button small primary"
            disabled={
              file.problem !== "" ||
              mistakes.length > 0 ||
              (file.stored !== null && !isUnsaved(file))
            }
            onClick={() => void save()}
          >
            {words.save}
          </button>
        </span>
      </header>
      {file.problem && (
        <p class="banner" data-kind="warn">
          <Icon name="warning" /> <span>{file.problem}</span>
        </p>
      )}
      <Lines files={files} file={file} lines={lines} mistakes={mistakes} />
      {mistakes.length > 0 && <Mistakes files={files} file={file} mistakes={mistakes} />}
      {(file.checked?.warnings ?? []).map((warning) => (
        <p key={warning} class="banner" data-kind="warn">
          <Icon name="warning" /> <span>{warning}</span>
        </p>
      ))}
      <footer class="pane-foot">
        <span data-bad={mistakes.length > 0}>
          {file.checked ? words.errors(mistakes.length) : words.checking}
        </span>
        <span>{words.separators}</span>
        <span class="right">
          {isUnsaved(file) ? words.unsaved : file.stored === null ? words.none : words.onDisk}
        </span>
      </footer>
    </section>
  );
}

interface LinesProps {
  files: ConfigFiles;
  file: ConfigFile;
  lines: readonly string[];
  mistakes: readonly Mistake[];
}

function Lines({ files, file, lines, mistakes }: LinesProps) {
  const byLine = new Map(mistakes.map((mistake) => [mistake.line, mistake]));
  const leaves = useSignal(false);
  const longest = Math.max(40, ...lines.map((line) => width(line)));
  return (
    <div class="editor" style={{ "--lines": lines.length }}>
      <ol class="gutter" aria-hidden="true">
        {lines.map((_, index) => (
          <li key={index} data-bad={byLine.has(index + 1)}>
            {index + 1}
          </li>
        ))}
      </ol>
      <div class="editor-text" style={{ minWidth: `calc(${longest + 4}ch + 24px)` }}>
        {mistakes.map((mistake) => (
          <p
            key={`${mistake.line} ${mistake.column}`}
            class="bad-line"
            aria-hidden="true"
            style={{ top: `${(mistake.line - 1) * LINE_PX}px` }}
          >
            <span style={{ left: `${width(lines[mistake.line - 1] ?? "") + 3}ch` }}>
              {mistake.message}
            </span>
          </p>
        ))}
        <textarea
          wrap="off"
          spellcheck={false}
          autocomplete="off"
          rows={lines.length}
          readOnly={file.problem !== ""}
          aria-label={words.editor(file.name)}
          aria-invalid={mistakes.length > 0}
          aria-describedby="editor-mistakes editor-keys"
          value={file.text}
          onInput={(event) => files.edit(file.name, event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "m" && event.ctrlKey) leaves.value = !leaves.value;
            if (event.key === "Escape") leaves.value = true;
            if (event.key !== "Tab" || event.shiftKey || leaves.value) return;
            event.preventDefault();
            event.currentTarget.setRangeText(
              "\t",
              event.currentTarget.selectionStart,
              event.currentTarget.selectionEnd,
              "end",
            );
            files.edit(file.name, event.currentTarget.value);
          }}
          onBlur={() => {
            leaves.value = false;
          }}
        />
        <span id="editor-keys" class="for-readers">
          {words.tabKey}
        </span>
      </div>
    </div>
  );
}

function Mistakes({ files, file, mistakes }: Omit<LinesProps, "lines">) {
  const list = useRef<HTMLUListElement>(null);
  return (
    <ul class="mistakes" id="editor-mistakes" ref={list}>
      {mistakes.map((mistake) => {
        const fix = fixOf(mistake);
        return (
          <li key={`${mistake.line} ${mistake.column} ${mistake.message}`}>
            <Icon name="warning" small />
            <span>
              <b>{words.line(mistake.line)}</b>: {mistake.message}
            </span>
            {fix && (
              <button
                type="button"
                class="button small"
                onClick={() => {
                  const text = fixed(file.text, mistake, fix);
                  if (text !== null) files.edit(file.name, text);
                }}
              >
                {words.replace(fix.to)}
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}
