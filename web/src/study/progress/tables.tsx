/** Readers by slides: as a strip of cells for each reader, or as a row for each slide. */

import { useSignal } from "@preact/signals";
import { slideAddress } from "../../scoring/api";
import { Mark } from "../../scoring/Mark";
import { day } from "../../ui/format";
import { IconButton } from "../../ui/IconButton";
import { shortNames } from "../readers";
import { inSight, type Matrix, type Reader, runsOf } from "./api";
import { words } from "./words";

interface Props {
  matrix: Matrix;
  studyId: number;
}

interface ReaderProps extends Props {
  lastSeen: ReadonlyMap<string, Date | null>;
  onRemind: (reader: Reader) => void;
}

export function ByReader({ matrix, studyId, lastSeen, onRemind }: ReaderProps) {
  const now = new Date();
  const all = matrix.slides.length;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section class="wide-table" aria-label={words.shapes.readers} tabIndex={0}>
      <table class="progress-table">
        <thead>
          <tr>
            <th>{words.reader}</th>
            <td />
            <th class="number">{words.done}</th>
            <td />
            <th class="seen">{words.lastSeen}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {matrix.readers.map((reader) => (
            <tr key={reader.email}>
              <th scope="row" class="clip">
                {reader.email}
              </th>
              <td class="cells">
                <Cells matrix={matrix} studyId={studyId} reader={reader} />
              </td>
              <td class="number">
                <b>{reader.done}</b>
              </td>
              <td class="number aside">{Math.floor((100 * reader.done) / all)} %</td>
              <td class="seen">
                <Seen on={lastSeen.get(reader.email) ?? null} now={now} />
              </td>
              <td class="acts">
                {reader.done < all && (
                  <IconButton
                    icon="letter"
                    name={words.remindOne(reader.email)}
                    onClick={() => onRemind(reader)}
                  />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const WEEK_MS = 7 * 24 * 3_600_000;

function Seen({ on, now }: { on: Date | null; now: Date }) {
  const isLong = on === null || now.getTime() - on.getTime() > WEEK_MS;
  return <span data-long={isLong}>{on ? day(on, now) : words.never}</span>;
}

/** One shape for each run of equal marks; the pointer finds its slide by where it is. */
function Cells({ matrix, studyId, reader }: Props & { reader: Reader }) {
  const { slides } = matrix;
  const slideAt = (event: MouseEvent) => {
    const box = (event.currentTarget as SVGElement).getBoundingClientRect();
    return Math.min(
      slides.length - 1,
      Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * slides.length)),
    );
  };
  const pointed = useSignal("");
  // Cells of few slides are apart, those of many touch.
  const gap = slides.length > 120 ? 0 : 0.12;
  return (
    <span class="cells-box" title={pointed.value}>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the rows by slide have links for the keyboard */}
      <svg
        viewBox={`0 0 ${slides.length} 10`}
        preserveAspectRatio="none"
        role="img"
        aria-label={words.row(reader.email, reader.done, reader.partly, slides.length)}
        onMouseMove={(event) => {
          const at = slideAt(event);
          const mark = reader.marks[at] ?? "open";
          pointed.value = words.cell(slides[at]?.name ?? "", words.legend[mark]);
        }}
        onClick={(event) => {
          const slide = slides[slideAt(event)];
          if (slide) location.href = slideAddress(studyId, slide.id);
        }}
      >
        {runsOf(reader.marks).map(({ mark, from, length }) => (
          <g key={from}>
            <rect class="run" data-mark={mark} x={from} width={length} height="10" />
            {mark === "partly" && (
              <rect class="run" data-mark="done" x={from} y="5.5" width={length} height="4.5" />
            )}
          </g>
        ))}
        {gap > 0 &&
          slides.map(({ id }, at) => (
            <rect key={id} class="gap" x={at + 1 - gap} width={gap} height="10" />
          ))}
      </svg>
    </span>
  );
}

const ROW = 36;
/** From here on only the rows in sight are made. */
const MOST_ROWS = 200;

export function BySlide({ matrix: { slides, readers }, studyId }: Props) {
  const sight = useSignal({ from: 0, to: Math.min(slides.length, 60) });
  const isLong = slides.length > MOST_ROWS;
  const { from, to } = isLong ? sight.value : { from: 0, to: slides.length };
  const names = shortNames(readers.map(({ email }) => email));
  const hasCases = slides.some(({ caseName }) => caseName !== "");
  return (
    <section
      class="wide-table"
      data-long={isLong}
      aria-label={words.shapes.slides}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
      tabIndex={0}
      onScroll={({ currentTarget }) => {
        const { scrollTop, clientHeight } = currentTarget;
        if (isLong) sight.value = inSight(scrollTop, clientHeight, ROW, slides.length);
      }}
    >
      <table class="progress-table by-slide" aria-rowcount={slides.length + 1}>
        <thead>
          <tr>
            <th>{words.slide}</th>
            {hasCases && <th>{words.caseName}</th>}
            {readers.map(({ email }) => (
              <th key={email} class="mark-cell" title={email}>
                <span class="clip">{names.get(email)}</span>
              </th>
            ))}
            <th class="number">{words.done}</th>
          </tr>
        </thead>
        <tbody>
          {from > 0 && <Space rows={from} />}
          {slides.slice(from, to).map(({ id, name, caseName }, offset) => (
            <tr key={id} aria-rowindex={from + offset + 2}>
              <th scope="row">
                <a href={slideAddress(studyId, id)}>{name}</a>
              </th>
              {hasCases && <td class="clip">{caseName}</td>}
              {readers.map(({ email, marks }) => (
                <td key={email} class="mark-cell">
                  <Mark mark={marks[from + offset] ?? "open"} />
                </td>
              ))}
              <td class="number">
                {words.slideRow(
                  readers.filter(({ marks }) => marks[from + offset] === "done").length,
                  readers.length,
                )}
              </td>
            </tr>
          ))}
          {to < slides.length && <Space rows={slides.length - to} />}
        </tbody>
      </table>
    </section>
  );
}

/** Keeps the place of rows that are not in sight. */
function Space({ rows }: { rows: number }) {
  return (
    <tr>
      <td class="space" style={{ height: `${rows * ROW}px` }} />
    </tr>
  );
}
