/** The questions in their order: chosen by a click, moved by dragging or with Alt and the arrows. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Icon, type IconName } from "../../../ui/Icon";
import { NEW_ID, type QuestionDesk } from "./desk";
import { formOf, kindOf, type Row } from "./draft";
import { words } from "./words";

export function QuestionList({ desk }: { desk: QuestionDesk }) {
  const rows = desk.rows.value;
  const list = useRef<HTMLOListElement>(null);
  const moved = useSignal("");
  const refocus = useRef<number | null>(null);

  useEffect(() => {
    // A node that is moved in the document loses the focus.
    if (refocus.current === null) return;
    list.current?.querySelector<HTMLElement>(`[data-row="${refocus.current}"] button`)?.focus();
    refocus.current = null;
  }, [rows]);

  const move = async (row: Row, place: number) => {
    if (place < 0 || place >= rows.length) return;
    refocus.current = row.id;
    await desk.move(row.id, place);
    const now = desk.rows.value.findIndex(({ id }) => id === row.id);
    if (now === place) moved.value = words.moved(row.draft.name, place + 1, rows.length);
  };
  const drag = useDrag((row, onto) => void move(row, rows.indexOf(onto)));
  return (
    <>
      <ol class="question-list" ref={list} aria-label={words.list}>
        {rows.map((row, index) => (
          <li key={row.id} data-row={row.id} {...drag(row)}>
            <button
              type="button"
              aria-current={row.id === desk.row.value?.id ? "true" : undefined}
              onClick={() => desk.select(row.id)}
              onKeyDown={(event) => {
                if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
                event.preventDefault();
                void move(row, index + (event.key === "ArrowUp" ? -1 : 1));
              }}
            >
              <Line row={row} place={index + 1} isPending={desk.drafts.value.has(row.id)} />
            </button>
          </li>
        ))}
      </ol>
      <p class="for-readers" role="status">
        {moved}
      </p>
    </>
  );
}

/** Let questions be dragged onto one another; what is not on the sheet yet has no place. */
function useDrag(onDropped: (row: Row, onto: Row) => void) {
  const dragged = useSignal<Row | null>(null);
  const over = useSignal<number | null>(null);
  const end = () => {
    dragged.value = null;
    over.value = null;
  };
  return (row: Row) => ({
    draggable: row.id !== NEW_ID,
    "data-over": over.value === row.id && dragged.value?.id !== row.id,
    onDragStart: (event: DragEvent) => {
      dragged.value = row;
      event.dataTransfer?.setData("text/plain", row.draft.name);
    },
    onDragOver: (event: DragEvent) => {
      if (!dragged.value || row.id === NEW_ID) return;
      event.preventDefault();
      over.value = row.id;
    },
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      const source = dragged.value;
      end();
      if (source && source.id !== row.id) onDropped(source, row);
    },
    onDragEnd: end,
  });
}

function Line({ row, place, isPending }: { row: Row; place: number; isPending: boolean }) {
  const { name, typeName, isMandatory, isPerCase, condition } = row.draft;
  const more = [isPerCase ? words.perCase : "", condition ? words.conditional : ""];
  return (
    <>
      <span class="grip" title={words.grip} aria-hidden="true">
        ⠿
      </span>
      <span class="place">{place}</span>
      <Icon name={iconOf(row)} />
      <span class="line-text">
        <b class="clip">{name || words.unnamed}</b>
        <span class="aside clip">{[typeName, ...more].filter(Boolean).join(" · ")}</span>
      </span>
      {isMandatory && (
        <abbr class="mandatory" title={words.mandatory}>
          *
        </abbr>
      )}
      {isPending && (
        <span class="dot" title={words.pending}>
          <span class="for-readers">{words.pending}</span>
        </span>
      )}
    </>
  );
}

function iconOf({ draft }: Row): IconName {
  const kind = kindOf(draft);
  if (kind === "none") return "info";
  if (["points", "lines", "shapes"].includes(kind)) return "edit";
  if (formOf(draft.typeName) === "options") return "slides";
  if (kind === "text") return "trail";
  return kind === "choice" || kind === "yesNo" ? "check" : "adjust";
}
