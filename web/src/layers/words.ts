/** What is said about layers of annotations. */

import type { Geometry } from "../drawing/shapes";
import { counted } from "../ui/format";

const KINDS: Record<Geometry["kind"], string> = {
  point: "Point",
  polygon: "Polygon",
  polyline: "Line",
  ellipse: "Ellipse",
  rect: "Rectangle",
  brush: "Area",
  file: "File",
  unknown: "Shape",
};

export const layerWords = {
  title: "Layers",
  mine: "from a file of yours",
  shapes: (count: number | null) => (count === null ? "" : counted(count, "shape", "shapes")),
  show: (name: string) => `Show layer ${name}`,
  hide: (name: string) => `Hide layer ${name}`,
  look: (name: string) => `How ${name} is shown`,
  colour: "Colour",
  opacity: "Opacity",
  fill: "Fill",
  from: "Show from",
  always: "every zoom",
  power: (power: number) => `${power}×`,
  notYet: (power: number) => `from ${power}×`,
  hint: "Click a shape on the slide to see what it is.",
  picked: (kind: Geometry["kind"], index: number) => `${KINDS[kind]} ${index + 1}`,
  pickedOf: (question: string, email: string) => (email ? `${question} · ${email}` : question),
  outline: "Outline",
  area: "Area",
  length: "Length",
  copy: (question: string) => `Copy to ${question}`,
  close: "Close",
} as const;
