/** The line above the slide while a drawing tool is in hand: what it draws, and how. */

import { Icon } from "../ui/Icon";
import { IconButton } from "../ui/IconButton";
import type { SlideView } from "../viewer/slideview";
import { lengthText } from "./amounts";
import type { Drawing } from "./drawing";
import { ToolIcon } from "./icons";
import type { ToolName } from "./tool";
import { drawingWords } from "./words";

export function OptionsLine({ drawing, view }: { drawing: Drawing; view: SlideView }) {
  const tool = drawing.tool.value;
  if (tool === null) return null;
  const said = drawingWords;
  const group = drawing.group.value;
  const isDrawing = tool !== "select" && group !== null;
  const fixed = isDrawing && group ? drawing.fixed(group) : "";
  const isBrush = tool === "brush" || tool === "erase";
  return (
    <div class="draw-options" role="toolbar" aria-label={said.options}>
      <strong>
        <ToolIcon name={tool} /> {said.tools[tool]}
      </strong>
      {isDrawing && group && (
        <span class="draw-class">
          <i class="swatch" style={{ background: group.question.colour }} />
          <span class="clip">{group.question.name}</span>
        </span>
      )}
      {tool === "point" && group && (
        <output class="draw-count">{said.count(group.shapes.length)}</output>
      )}
      {isBrush && <BrushOptions {...{ drawing, view, tool }} />}
      <span class="draw-hint clip">{fixed || said.hints[tool]}</span>
      {drawing.undoable.value !== "" && (
        <button type="button" class="button small quiet" onClick={() => drawing.sheet.undo()}>
          <Icon name="undo" small /> {said.undo(drawing.undoable.value)} <kbd>Ctrl Z</kbd>
        </button>
      )}
      <IconButton icon="close" name={said.end} cap="Esc" onClick={() => drawing.take(null)} />
    </div>
  );
}

interface BrushProps {
  drawing: Drawing;
  view: SlideView;
  tool: ToolName;
}

function BrushOptions({ drawing, view, tool }: BrushProps) {
  const said = drawingWords;
  const px = drawing.brushPx.value;
  const zoom = view.look.value?.zoom ?? 1;
  const length = lengthText(px / zoom, drawing.mpp());
  return (
    <>
      <label class="brush-size">
        {said.size}
        <input
          type="range"
          min={6}
          max={300}
          value={px}
          aria-valuetext={said.brushSize(px, length)}
          onInput={(event) => {
            drawing.brushPx.value = Number(event.currentTarget.value);
          }}
        />
        <span>{said.brushSize(px, length)}</span>
      </label>
      {tool === "brush" && (
        <label class="check">
          <input
            type="checkbox"
            checked={drawing.keepsHoles.value}
            onChange={(event) => {
              drawing.keepsHoles.value = event.currentTarget.checked;
            }}
          />
          {said.keepHoles}
        </label>
      )}
    </>
  );
}
