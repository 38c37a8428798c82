/** The drawing tools among the tools at the left. */

import { Fragment } from "preact";
import type { Drawing } from "./drawing";
import { ToolIcon } from "./icons";
import type { ToolName } from "./tool";
import { drawingWords } from "./words";

const CAPS: Record<ToolName, string> = {
  select: "V",
  measure: "M",
  point: "K",
  brush: "B",
  erase: "E",
  polygon: "P",
  freehand: "F",
  polyline: "L",
  rect: "R",
  ellipse: "O",
};
const GROUPS: readonly (readonly ToolName[])[] = [
  ["select", "measure"],
  ["point", "brush", "erase", "polygon", "freehand", "polyline", "rect", "ellipse"],
];

export function DrawTools({ drawing, isOff }: { drawing: Drawing; isOff: boolean }) {
  const said = drawingWords;
  const { isHidden } = drawing;
  return (
    <>
      {GROUPS.map((tools) => (
        <Fragment key={tools[0]}>
          {tools.map((name) => (
            <DrawTool key={name} {...{ drawing, name, isOff }} />
          ))}
          <hr />
        </Fragment>
      ))}
      <button
        type="button"
        class="tool"
        aria-label={isHidden.value ? said.showAll : said.hideAll}
        title={`${isHidden.value ? said.showAll : said.hideAll} (H)`}
        aria-pressed={isHidden.value}
        data-cap="H"
        disabled={isOff}
        onClick={() => {
          isHidden.value = !isHidden.value;
        }}
      >
        <ToolIcon name={isHidden.value ? "hidden" : "shown"} />
      </button>
      <hr />
    </>
  );
}

interface ToolProps {
  drawing: Drawing;
  name: ToolName;
  isOff: boolean;
}

function DrawTool({ drawing, name, isOff }: ToolProps) {
  const said = drawingWords.tools[name];
  const isOffered = drawing.offers(name);
  const reason = isOffered ? "" : drawing.reason.value || drawingWords.notAsked;
  return (
    <button
      type="button"
      class="tool draw"
      // A button that is off altogether could not tell why.
      aria-disabled={!isOffered}
      aria-label={said}
      aria-description={reason || undefined}
      title={reason === "" ? `${said} (${CAPS[name]})` : `${said}: ${reason}`}
      aria-pressed={drawing.tool.value === name}
      aria-keyshortcuts={CAPS[name]}
      data-cap={CAPS[name]}
      data-tool={name}
      disabled={isOff}
      onClick={() => drawing.take(name)}
    >
      <ToolIcon name={name} />
    </button>
  );
}
