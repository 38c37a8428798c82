/** The grid of cores, turned as the slide is; each cell is the core's own picture and its mark. */

import { useEffect, useRef } from "preact/hooks";
import type { Desk } from "../desk";
import type { CoreMark } from "./cores";
import { type CoreLayout, type CorePlace, coreName, quarterOf, rowName, seenAt } from "./layout";
import { coreWords } from "./words";

const STEPS: Record<string, { rows: number; columns: number }> = {
  ArrowUp: { rows: -1, columns: 0 },
  ArrowDown: { rows: 1, columns: 0 },
  ArrowLeft: { rows: 0, columns: -1 },
  ArrowRight: { rows: 0, columns: 1 },
};

interface Props {
  desk: Desk;
  layout: CoreLayout;
  /** Name of the question whose answers are printed in the cells; empty: pictures. */
  shows: string;
}

export function CoreGrid({ desk, layout, shows }: Props) {
  const grid = useRef<HTMLDivElement>(null);
  const { tma, sheet } = desk;
  const quarter = quarterOf(desk.view.upright.value);
  const isTurned = quarter % 2 === 1;
  const rows = isTurned ? layout.columns : layout.rows;
  const columns = isTurned ? layout.rows : layout.columns;
  const current = tma.cores.current.value;
  const first = current ?? layout.cores[0];
  return (
    // biome-ignore lint/a11y/useSemanticElements: a grid that is moved through as one
    <div
      class="core-grid"
      role="grid"
      aria-label={coreWords.grid}
      ref={grid}
      style={{ "--rows": rows, "--columns": columns }}
      onKeyDown={(event) => {
        const step = STEPS[event.key];
        if (!step || event.shiftKey) return;
        // The arrows move in the grid here, and not between questions.
        event.stopPropagation();
        event.preventDefault();
        const next = tma.step(step);
        const cells = grid.current?.querySelectorAll<HTMLElement>("[role='gridcell'] button");
        if (next) cells?.[bySight(layout, quarter).indexOf(next)]?.focus();
      }}
    >
      <Heads {...{ rows, columns, quarter, layout }} />
      {lines(layout, quarter, rows).map((line, index) => (
        // biome-ignore lint/a11y/useSemanticElements: as above
        // biome-ignore lint/a11y/useFocusableInteractive: its cells take the focus
        <div role="row" key={index} class="core-row">
          {line.map((core) => (
            <Cell
              key={coreName(core)}
              {...{ desk, core, layout, quarter }}
              mark={tma.cores.marks.value[layout.cores.indexOf(core)] ?? "open"}
              isCurrent={core === current}
              isFirst={core === first}
              answer={shows && sheet.answerTo(shows, tma.cores.subjectOf(core))}
              showsAnswer={shows !== ""}
            />
          ))}
        </div>
      ))}
    </div>
  );
}

function Heads({
  rows,
  columns,
  quarter,
}: {
  rows: number;
  columns: number;
  quarter: number;
  layout: CoreLayout;
}) {
  const isTurned = quarter % 2 === 1;
  const count = (index: number, all: number, isBack: boolean) => (isBack ? all - 1 - index : index);
  const across = Array.from({ length: columns }, (_, index) => {
    const at = count(index, columns, quarter === 1 || quarter === 2);
    return isTurned ? rowName(at) : String(at + 1);
  });
  const down = Array.from({ length: rows }, (_, index) => {
    const at = count(index, rows, quarter === 2 || quarter === 3);
    return isTurned ? String(at + 1) : rowName(at);
  });
  return (
    <div class="core-row" aria-hidden="true">
      {across.map((name, index) => (
        <span key={name} class="core-label" style={{ gridRow: 1, gridColumn: index + 2 }}>
          {name}
        </span>
      ))}
      {down.map((name, index) => (
        <span key={name} class="core-label" style={{ gridRow: index + 2, gridColumn: 1 }}>
          {name}
        </span>
      ))}
    </div>
  );
}

interface CellProps {
  desk: Desk;
  core: CorePlace;
  layout: CoreLayout;
  quarter: number;
  mark: CoreMark;
  isCurrent: boolean;
  isFirst: boolean;
  answer: string;
  showsAnswer: boolean;
}

function Cell(props: CellProps) {
  const { desk, core, layout, quarter, mark, isCurrent, isFirst, answer, showsAnswer } = props;
  const said = coreWords;
  const { row, column } = seenAt(core, layout, quarter);
  const isAbsent = core.isMissing || core.isIgnored;
  const kind = isAbsent ? "none" : core.isControl ? "control" : mark;
  const isLit = !desk.tma.cores.sample.value || core.sample === desk.tma.cores.sample.value;
  return (
    // biome-ignore lint/a11y/useSemanticElements: as the grid
    // biome-ignore lint/a11y/useFocusableInteractive: the button in it takes the focus
    <div role="gridcell" class="core-cell" style={{ gridRow: row + 2, gridColumn: column + 2 }}>
      <button
        type="button"
        class="core"
        data-kind={kind}
        data-lit={isLit}
        aria-current={isCurrent ? "true" : undefined}
        aria-label={said.cell(coreName(core), said.marks[kind], answer)}
        title={core.sample ? `${coreName(core)} · ${core.sample}` : coreName(core)}
        tabIndex={isFirst ? 0 : -1}
        onClick={() => desk.tma.go(core)}
      >
        {showsAnswer ? <span class="printed">{answer}</span> : <Picture {...props} />}
      </button>
    </div>
  );
}

const SIDE = 64;

/** The core cut out of the slide's small picture. */
function Picture({ desk, core, layout, quarter }: CellProps) {
  const place = useRef<HTMLCanvasElement>(null);
  const shown = desk.view.shown.value;
  const picture = shown?.picture.value;
  useEffect(() => {
    const context = place.current?.getContext("2d");
    if (!context || !picture || !shown) return;
    const scale = picture.naturalWidth / shown.facts.width;
    const side = layout.diameter * scale;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, SIDE, SIDE);
    context.translate(SIDE / 2, SIDE / 2);
    context.rotate((quarter * Math.PI) / 2);
    const [x, y] = [core.x * scale - side / 2, core.y * scale - side / 2];
    context.drawImage(picture, x, y, side, side, -SIDE / 2, -SIDE / 2, SIDE, SIDE);
  }, [picture, core, quarter]);
  return <canvas ref={place} width={SIDE} height={SIDE} />;
}

/** The cores row by row as they are seen. */
function lines(layout: CoreLayout, quarter: number, rows: number): CorePlace[][] {
  const all = bySight(layout, quarter);
  return Array.from({ length: rows }, (_, row) =>
    all.filter((core) => seenAt(core, layout, quarter).row === row),
  ).filter((line) => line.length > 0);
}

function bySight(layout: CoreLayout, quarter: number): CorePlace[] {
  const at = (core: CorePlace) => seenAt(core, layout, quarter);
  return [...layout.cores].sort((a, b) => at(a).row - at(b).row || at(a).column - at(b).column);
}
