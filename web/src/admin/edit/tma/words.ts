/** Words of the tab "TMA maps". */

import { counted } from "../../../ui/format";

export const words = {
  loading: "Waiting for the maps",
  maps: "Maps",
  noMap: "No TMA map",
  noMapMore:
    "A map says which sample each core of a microarray is. Only microarrays need one: make it with New map, or drop a .map file in Slides.",
  add: "New map",
  size: (rows: number, columns: number) => `${rows} × ${columns}`,
  slidesOf: (count: number) => counted(count, "slide", "slides"),
  pending: "has changes that are not saved",
  addTitle: "New map",
  addName: "Name",
  addHint: "Letters and digits; its file is named after it.",
  nameWrong: "Letters, digits, hyphens and underscores are expected.",
  nameTaken: "The study has a map of that name.",
  addRow: "Row",
  addColumn: "Column",
  grid: "Samples, as they lie before the slide is turned",
  cell: (core: string) => `Sample of core ${core}`,
  help: "Paste from a spreadsheet: it fills from the chosen cell on. Arrows move, an empty cell is no core. Empty rows and columns at the end are left out, but what was saved once stays: answers may stand on it.",
  control: "Control",
  ignored: "Not scored",
  markHint: (sample: string) =>
    sample ? `All cores of ${sample}` : "Choose a cell with a sample.",
  cores: (cores: number, samples: number) =>
    `${counted(cores, "core", "cores")} of ${counted(samples, "sample", "samples")}`,
  marked: (controls: number, ignored: number) =>
    [controls > 0 ? `${controls} of controls` : "", ignored > 0 ? `${ignored} not scored` : ""]
      .filter(Boolean)
      .join(", "),
  changed: (count: number) => `${counted(count, "cell", "cells")} changed`,
  marksChanged: "marks changed",
  save: "Save map",
  putBack: "Put back",
  saved: (name: string) => `${name} is saved.`,
  slides: "Slides with this map",
  give: "Give this map to",
  choose: "Choose a slide",
  take: "Take the map away",
  rotation: "Turned",
  degrees: (rotation: number) => `${rotation}°`,
  noSlides: "No slide has this map yet.",
  looking: "Looking for cores",
  lost: "The cores could not be looked for",
  sure: "Found for certain, or accepted",
  unsure:
    "Not certain: the map lies evenly over the tissue. Move cores to where they are, then accept.",
  picture: (slide: string) => `Cores found on ${slide}`,
  core: (name: string, sample: string, state: string) => `${name}, ${sample}${state}`,
  missing: ", missing",
  keys: "Drag a core, or choose one and use the arrows (10 µm, ⇧ 100 µm); Delete marks it missing.",
  isMissing: (core: string) => (core ? `${core} is missing` : "Missing"),
  accept: "Accept",
  acceptMoved: (count: number) => `Accept with ${counted(count, "change", "changes")}`,
  accepted: "The cores are accepted as they lie.",
  coreSize: "Diameter of a core, µm",
  coreSizeWrong: "10 to 20 000 µm is expected, or nothing.",
};
