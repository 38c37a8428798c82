/** The keys of drawing, for the sheet of keys. */

import type { SheetGroup } from "../viewer/keys";
import { drawingWords } from "./words";

export function drawingKeys(): SheetGroup {
  const { tools, keys } = drawingWords;
  return {
    title: keys.title,
    lines: [
      { caps: ["V"], does: tools.select },
      { caps: ["M"], does: tools.measure },
      { caps: ["K"], does: tools.point },
      { caps: ["B", "E"], does: keys.brushes },
      { caps: ["[", "]"], does: keys.brushSize },
      { caps: ["P", "L", "F"], does: keys.lines },
      { caps: ["R", "O"], does: keys.boxes },
      { caps: ["H"], does: keys.hide },
      { caps: ["Enter", "Backspace", "Esc"], does: keys.draft },
      { caps: ["Delete"], does: keys.remove },
      { caps: ["Space"], does: keys.space },
      { caps: ["↑", "↓", "←", "→"], does: keys.pen },
      { caps: ["Space"], does: keys.touch },
      { caps: ["Tab"], does: keys.corner },
    ],
  };
}
