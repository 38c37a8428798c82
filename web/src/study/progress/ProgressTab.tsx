/** The tab "Progress": how far readers are, who is behind, and the results as files. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { root } from "../../api/http";
import { problemOf } from "../../ui/failure";
import { wholeNumber } from "../../ui/format";
import { Icon } from "../../ui/Icon";
import { type Matrix, type Reader, readMatrix } from "./api";
import { behind, draftFor } from "./letter";
import { Reminder } from "./Reminder";
import { ByReader, BySlide } from "./tables";
import { words } from "./words";

interface Props {
  studyId: number;
  label: string;
  /** When each person signed in last; null: never. */
  lastSeen: ReadonlyMap<string, Date | null>;
  onSaid: (sentence: string, isBad?: boolean) => void;
}

const SHAPES = ["readers", "slides"] as const;

export function ProgressTab({ studyId, label, lastSeen, onSaid }: Props) {
  const matrix = useSignal<Matrix | null>(null);
  const shape = useSignal<(typeof SHAPES)[number]>("readers");
  const reminded = useSignal<readonly Reader[] | null>(null);
  useEffect(() => {
    readMatrix(studyId).then(
      (found) => {
        matrix.value = found;
      },
      (error: unknown) => onSaid(problemOf(error, new Date()).sentence, true),
    );
  }, [studyId]);
  const found = matrix.value;
  const isThere = found !== null && found.readers.length > 0 && found.slides.length > 0;
  return (
    <div class="column wide">
      {isThere && <Downloads studyId={studyId} />}
      {!found && <p class="empty-line">{words.loading}</p>}
      {found && !isThere && <p class="empty-line">{words.none}</p>}
      {isThere && (
        <>
          <Figures matrix={found} />
          <section class="panel-card" aria-labelledby="progress-title">
            <header class="card-head">
              <h2 id="progress-title">{words.title}</h2>
              <Legend />
              <RemindButton
                readers={behind(found.readers)}
                onRemind={(readers) => {
                  reminded.value = readers;
                }}
              />
              <fieldset class="segmented">
                <legend class="for-readers">{words.shape}</legend>
                {SHAPES.map((kind) => (
                  <label key={kind}>
                    <input
                      type="radio"
                      name="shape"
                      checked={shape.value === kind}
                      onChange={() => {
                        shape.value = kind;
                      }}
                    />
                    <span>{words.shapes[kind]}</span>
                  </label>
                ))}
              </fieldset>
            </header>
            {shape.value === "readers" ? (
              <ByReader
                matrix={found}
                studyId={studyId}
                lastSeen={lastSeen}
                onRemind={(reader) => {
                  reminded.value = [reader];
                }}
              />
            ) : (
              <BySlide matrix={found} studyId={studyId} />
            )}
          </section>
          {reminded.value && (
            <Reminder
              studyId={studyId}
              readers={behind(found.readers)}
              draft={draftFor(reminded.value, label, studyId)}
              onSaid={onSaid}
              onClose={() => {
                reminded.value = null;
              }}
            />
          )}
        </>
      )}
    </div>
  );
}

function Downloads({ studyId }: { studyId: number }) {
  return (
    <div class="downloads">
      {(["long", "wide"] as const).map((shape) => (
        <p key={shape}>
          <span>
            {words.results}, {words.downloads[shape]}
          </span>
          {["tsv", "csv", "xlsx"].map((format) => (
            <a
              key={format}
              class="button small"
              href={`${root}/Api/DownloadResults?studyId=${studyId}&format=${format}&shape=${shape}`}
              aria-label={`${words.results}, ${words.downloads[shape]}, ${format.toUpperCase()}`}
              download
            >
              <Icon name="download" small /> {format.toUpperCase()}
            </a>
          ))}
        </p>
      ))}
    </div>
  );
}

function Figures({ matrix: { slides, readers } }: { matrix: Matrix }) {
  const sum = (count: (reader: Reader) => number) =>
    readers.reduce((all, reader) => all + count(reader), 0);
  const complete = slides.filter((_, at) => readers.every(({ marks }) => marks[at] === "done"));
  const finished = readers.length - behind(readers).length;
  const all = slides.length * readers.length;
  const scored = sum(({ done }) => done);
  return (
    <ul class="figures">
      <Figure name={words.scored} value={scored} all={all} hasBar />
      <Figure name={words.begun} value={sum(({ partly }) => partly)} all={all} />
      <Figure name={words.complete(readers.length)} value={complete.length} all={slides.length} />
      <Figure name={words.finished} value={finished} all={readers.length} />
    </ul>
  );
}

interface FigureProps {
  name: string;
  value: number;
  all: number;
  hasBar?: boolean;
}

function Figure({ name, value, all, hasBar = false }: FigureProps) {
  return (
    <li class="panel-card figure">
      <span class="aside">{name}</span>
      <span>
        <b>{wholeNumber(value)}</b> <span class="aside">{words.of(wholeNumber(all))}</span>
      </span>
      {hasBar && (
        <span class="progress-bar">
          <i style={{ width: `${(100 * value) / Math.max(1, all)}%` }} />
        </span>
      )}
    </li>
  );
}

function Legend() {
  return (
    <>
      {(["done", "partly", "open"] as const).map((mark) => (
        <span key={mark} class="aside legend">
          <svg class="legend-cell" viewBox="0 0 10 14" aria-hidden="true">
            <rect class="run" data-mark={mark} width="10" height="14" />
            {mark === "partly" && <rect class="run" data-mark="done" y="8" width="10" height="6" />}
          </svg>
          {words.legend[mark]}
        </span>
      ))}
    </>
  );
}

interface RemindProps {
  readers: readonly Reader[];
  onRemind: (readers: readonly Reader[]) => void;
}

function RemindButton({ readers, onRemind }: RemindProps) {
  if (readers.length === 0) return <span class="aside right">{words.nobody}</span>;
  return (
    <button type="button" class="button small right" onClick={() => onRemind(readers)}>
      <Icon name="letter" small /> {words.remind(readers.length)}
    </button>
  );
}
