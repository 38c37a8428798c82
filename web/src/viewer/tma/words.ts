/** Words of the grid of cores. */

import type { CoreMark } from "./cores";

const marks: Record<CoreMark | "control" | "none", string> = {
  done: "done",
  partly: "partly",
  open: "open",
  missing: "missing",
  control: "control",
  none: "no core",
};

export const coreWords = {
  grid: "Grid",
  waiting: "The cores of this slide are being looked for.",
  size: (rows: number, columns: number) => `${rows} × ${columns}`,
  show: "Shown in the grid",
  cores: "Cores",
  marks,
  cell: (name: string, mark: string, answer: string) =>
    answer ? `Core ${name}, ${mark}, ${answer}` : `Core ${name}, ${mark}`,
  last: "Last answers",
  lastNote: "Ctrl Z goes back one",
  noneYet: "None on this slide yet.",
  core: "Core",
  title: (name: string) => `Core ${name}`,
  inTitle: (name: string) => `core ${name}`,
  place: (row: number, column: number) => `row ${row}, column ${column}`,
  left: "Core at the left",
  right: "Core at the right",
  outside: (name: string) => `Outside core ${name}`,
  sample: (sample: string) => `Cores of sample ${sample}`,
  choose: "Choose a core in the grid to see its answers.",
  step: "neighbouring core",
  toggle: "Grid of cores",
  atOnce: "Cores at once",
};
