/** What the drawing tools and the list of shapes say. */

import { counted } from "../ui/format";
import type { Shape, ShapeKind } from "./shapes";
import type { ToolName } from "./tool";

const KINDS: Record<ShapeKind, string> = {
  point: "Point",
  polygon: "Polygon",
  polyline: "Line",
  ellipse: "Ellipse",
  rect: "Rectangle",
  brush: "Brush",
  file: "Annotation file",
  unknown: "Unknown shape",
};

export const drawingWords = {
  tools: {
    select: "Select",
    measure: "Measure",
    point: "Point",
    brush: "Brush",
    erase: "Erase",
    polygon: "Polygon",
    freehand: "Freehand",
    polyline: "Polyline",
    rect: "Rectangle",
    ellipse: "Ellipse",
  } satisfies Record<ToolName, string>,
  hints: {
    select: "Drag a shape or a corner · Alt click takes a corner away · Delete",
    measure: "Click twice, or drag · Shift: steps of 45°",
    point: "Click to count · drag a point to move it",
    brush: "",
    erase: "",
    polygon: "Click corners or draw · Enter closes · Backspace takes one back",
    freehand: "Hold and draw; it closes when let go",
    polyline: "Click corners or draw · Enter or double click ends",
    rect: "Drag · Shift: square · Alt: from the centre",
    ellipse: "Drag · Shift: circle · Alt: from the centre",
  } satisfies Record<ToolName, string>,
  options: "Options of the drawing tool",
  drawingTools: "Drawing tools",
  none: "This study asks for nothing that is drawn.",
  notAsked: "No question of this study asks for this.",
  notHere: "Nothing may be drawn here: you may look at this study, but not score it.",
  final: "Answers of this study are final once they are given.",
  unreadable: "What is stored here is not understood. It is kept as it is.",
  inFile: "These shapes lie in an annotation file, which is read only here.",
  tab: "Shapes",
  size: "Size",
  brushSize: (px: number, length: string) => `${px} px · ${length}`,
  smaller: "Smaller brush ([)",
  larger: "Larger brush (])",
  keepHoles: "Keep holes",
  undo: (act: string) => (act === "" ? "Undo" : `Undo: ${act}`),
  redo: "Redo",
  end: "Put the tool away",
  count: (count: number) => counted(count, "point", "points"),
  shapes: (count: number) => (count === 0 ? "none" : counted(count, "shape", "shapes")),
  points: (count: number) => (count === 0 ? "none" : counted(count, "point", "points")),
  hide: (name: string) => `Hide ${name}`,
  show: (name: string) => `Show ${name}`,
  hideAll: "Hide all shapes",
  showAll: "Show all shapes",
  remove: "Delete",
  label: "Label",
  labelHint: "Shown at the shape",
  more: (count: number) => `and ${counted(count, "more", "more")}, drawn on the slide`,
  noScale: "This slide does not tell its µm per pixel: sizes are in pixels.",
  notDrawn: "kept, not drawn",
  importing: "Import",
  exporting: "Export",
  format: "Format",
  imported: (log: string) => `Imported. ${log}`,
  exported: (losses: string) => (losses === "" ? "Exported." : `Exported. Lost: ${losses}`),
  tooLarge: "The file is larger than 20 MB. Large annotations come in through the Api.",
  fromAddress: "From the link, not saved",
  keys: {
    title: "Shapes",
    brushes: "brush, erase",
    brushSize: "smaller, larger brush",
    lines: "polygon, polyline, freehand",
    boxes: "rectangle, ellipse",
    hide: "hide, show all shapes",
    draft: "close, last corner back, give up",
    remove: "delete what is selected",
    space: "held: drag pans",
    pen: "with a tool: move a cross (⇧ finely)",
    touch: "at the cross: set a corner; hold and lift a brush",
    corner: "selected: next corner, for the arrows",
  },
  acts: {
    added: (shape: Shape) => `new ${KINDS[shape.geometry.kind].toLowerCase()}`,
    stroke: (number: number) => `brush stroke ${number}`,
    erased: "erasing",
    moved: "moving",
    edited: "moving a corner",
    removed: "deleting",
    labelled: "label",
  },
  row: ({ geometry }: Shape) => {
    const name = KINDS[geometry.kind];
    switch (geometry.kind) {
      case "polygon":
      case "polyline":
        return `${name}, ${counted(geometry.points.length, "point", "points")}`;
      case "brush": {
        const holes = geometry.negative.length;
        return holes === 0 ? name : `${name}, ${counted(holes, "hole", "holes")}`;
      }
      case "unknown":
        return geometry.type === "" ? name : `${name} (${geometry.type.slice(0, 20)})`;
      default:
        return name;
    }
  },
} as const;
