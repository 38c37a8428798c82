/** The list of what is drawn on the slide, by question. */

import { LayersCard } from "../layers/LayersCard";
import type { Desk } from "../viewer/desk";
import { sizeText, totalText } from "./amounts";
import type { Drawing } from "./drawing";
import { Exchange } from "./Exchange";
import type { Group } from "./group";
import { ToolIcon, type ToolIconName } from "./icons";
import { boundsOf } from "./outline";
import type { Shape, ShapeKind } from "./shapes";
import { drawingWords } from "./words";

const MOST_ROWS = 200;
const ICONS: Record<ShapeKind, ToolIconName> = {
  point: "point",
  polygon: "polygon",
  polyline: "polyline",
  ellipse: "ellipse",
  rect: "rect",
  brush: "brush",
  file: "polygon",
  unknown: "hidden",
};

export function ShapesTab({ desk }: { desk: Desk }) {
  const { drawing } = desk;
  const said = drawingWords;
  const groups = drawing.groups.value;
  const hasLayers = desk.layers.all.value.length > 0;
  if (groups.length === 0 && !hasLayers) return <p class="shapes-none">{said.none}</p>;
  return (
    <div class="shapes">
      <LayersCard layers={desk.layers} drawing={drawing} />
      {drawing.mpp() === null && <p class="shapes-note">{said.noScale}</p>}
      {groups.map((group) => (
        <GroupRows key={group.question.name} desk={desk} group={group} />
      ))}
      {groups.length > 0 && <Exchange desk={desk} />}
    </div>
  );
}

function GroupRows({ desk, group }: { desk: Desk; group: Group }) {
  const { drawing } = desk;
  const said = drawingWords;
  const { name, kind, colour } = group.question;
  const isHidden = drawing.hidden.value.has(name);
  const count = group.shapes.length;
  const isClass = drawing.group.value === group;
  const fixed = count > 0 || group.isUnreadable ? drawing.fixed(group) : "";
  return (
    <section class="shape-class" data-active={isClass}>
      <h2>
        <button type="button" class="class-name" onClick={() => drawing.activate(name)}>
          <i class="swatch" style={{ background: colour }} />
          <span class="clip">{name}</span>
          <span class="amount">{kind === "points" ? said.points(count) : said.shapes(count)}</span>
        </button>
        <span class="total">{totalText(group.question, group.shapes, drawing.mpp())}</span>
        <button
          type="button"
          class="row-act"
          aria-pressed={isHidden}
          aria-label={isHidden ? said.show(name) : said.hide(name)}
          title={isHidden ? said.show(name) : said.hide(name)}
          onClick={() => drawing.toggleHidden(name)}
        >
          <ToolIcon name={isHidden ? "hidden" : "shown"} small />
        </button>
      </h2>
      {fixed && <p class="shapes-note">{fixed}</p>}
      {kind !== "points" && (
        <ul>
          {group.shapes.slice(0, MOST_ROWS).map((shape, index) => (
            <ShapeRow key={index} {...{ desk, group, shape, index }} />
          ))}
        </ul>
      )}
      {kind !== "points" && count > MOST_ROWS && (
        <p class="shapes-note">{said.more(count - MOST_ROWS)}</p>
      )}
    </section>
  );
}

interface RowProps {
  desk: Desk;
  group: Group;
  shape: Shape;
  index: number;
}

function ShapeRow({ desk, group, shape, index }: RowProps) {
  const { drawing } = desk;
  const said = drawingWords;
  const { selected } = drawing;
  const { name } = group.question;
  const isSelected = selected.value?.question === name && selected.value.index === index;
  const isDrawn = boundsOf(shape.geometry) !== null;
  const size = isDrawn ? sizeText(shape.geometry, drawing.mpp()) : said.notDrawn;
  return (
    <li data-selected={isSelected}>
      <button
        type="button"
        class="shape-row"
        aria-pressed={isSelected}
        onClick={() => showShape(desk, group, index)}
      >
        <ToolIcon name={ICONS[shape.geometry.kind]} small />
        <span class="clip">{shape.labels[0]?.text ?? said.row(shape)}</span>
        <span class="total">{size}</span>
      </button>
      {isSelected && drawing.free() && <SelectedRow drawing={drawing} shape={shape} />}
    </li>
  );
}

function SelectedRow({ drawing, shape }: { drawing: Drawing; shape: Shape }) {
  const said = drawingWords;
  return (
    <div class="shape-edit">
      <input
        class="field"
        aria-label={said.label}
        placeholder={said.label}
        title={said.labelHint}
        maxLength={200}
        value={shape.labels[0]?.text ?? ""}
        onChange={(event) => drawing.label(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" || event.key === "Escape") event.currentTarget.blur();
        }}
      />
      <button
        type="button"
        class="row-act"
        aria-label={said.remove}
        title={`${said.remove} (Delete)`}
        onClick={() => drawing.remove()}
      >
        <ToolIcon name="trash" small />
      </button>
    </div>
  );
}

/** Select a shape, and look at it where it is not in view, or too small to be seen. */
function showShape({ drawing, view }: Desk, group: Group, index: number): void {
  const shape = group.shapes[index];
  const box = shape && boundsOf(shape.geometry);
  if (drawing.tool.value !== "select") drawing.take("select");
  drawing.selected.value = { question: group.question.name, index };
  const look = view.look.value;
  if (!box || !look) return;
  const [width, height] = [box.right - box.left, box.bottom - box.top];
  const least = Math.max(width, (height * look.window.width) / look.window.height, 50);
  const x = (box.left + box.right) / 2;
  const y = (box.top + box.bottom) / 2;
  const isNear = Math.hypot(x - look.view.x, y - look.view.y) < look.view.width / 4;
  const isFit = least < look.view.width * 0.9 && least > look.view.width / 30;
  const span = isFit ? look.view.width : least * 1.6;
  if (!isNear || !isFit) view.go({ x, y, width: span, rotation: look.view.rotation });
}
