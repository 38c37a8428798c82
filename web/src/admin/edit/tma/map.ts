/** A TMA map while it is edited: its grid, what is marked, and the text of its file. */

import { isObject, type Json, type JsonObject, objects, text } from "../../../api/http";

export interface TmaMap {
  name: string;
  /** Sample ids; all rows of the same length, empty for no core. */
  rows: readonly (readonly string[])[];
  controls: readonly string[];
  ignored: readonly string[];
  /** Header properties that are not edited here. */
  header: readonly (readonly [string, string])[];
}

export interface Place {
  row: number;
  column: number;
}

export function readMaps(config: JsonObject): TmaMap[] {
  return objects(config.tmaMaps).map((entry) => ({
    name: text(entry.name),
    rows: padded(lines(entry.rows)),
    controls: texts(entry.controls),
    ignored: texts(entry.ignore),
    header: [
      ["tmas", texts(entry.tmas).join(", ")] as const,
      ["force", entry.force === true ? "true" : ""] as const,
      ...Object.entries(isObject(entry.other) ? entry.other : {}).map(
        ([name, value]) => [name, text(value)] as const,
      ),
    ].filter(([, value]) => value !== ""),
  }));
}

function lines(rows: Json | undefined): string[][] {
  return Array.isArray(rows) ? rows.map(texts) : [];
}

function texts(list: Json | undefined): string[] {
  return Array.isArray(list) ? list.map(text) : [];
}

export function emptyMap(name: string, rows = 8, columns = 12): TmaMap {
  const row = Array.from({ length: columns }, () => "");
  return {
    name,
    rows: Array.from({ length: rows }, () => row),
    controls: [],
    ignored: [],
    header: [],
  };
}

/** Write the text of a map's file. */
export function textOf(map: TmaMap): string {
  const header = [
    ...map.header,
    ["controls", map.controls.join(", ")] as const,
    ["ignore", map.ignored.join(", ")] as const,
  ].filter(([, value]) => value !== "");
  // A lone space keeps an empty row of a one-column map apart from the end of the file.
  const rows = map.rows.map((row) => row.join("\t") || " ");
  return `${[...header.map(([name, value]) => `${name}: ${value}`), "", ...rows].join("\n")}\n`;
}

/** Read what is copied from a spreadsheet. */
export function readCells(pasted: string): string[][] {
  const rows = pasted.replace(/\r\n?/g, "\n").replace(/\n+$/, "").split("\n");
  return rows.map((row) => row.split("\t").map((cell) => cell.replace(/\s+/g, " ").trim()));
}

/** Put cells into a map from a place on; it grows where they go beyond it. */
export function withCells(map: TmaMap, from: Place, cells: readonly (readonly string[])[]): TmaMap {
  const height = Math.max(map.rows.length, from.row + cells.length);
  const width = Math.max(columnsOf(map), ...cells.map((row) => from.column + row.length));
  const rows = Array.from({ length: height }, (_, row) =>
    Array.from(
      { length: width },
      (__, column) =>
        cells[row - from.row]?.[column - from.column] ?? map.rows[row]?.[column] ?? "",
    ),
  );
  return { ...map, rows };
}

/** Make a map larger by a row or a column. */
export function grown(map: TmaMap, by: "row" | "column"): TmaMap {
  const place =
    by === "row" ? { row: map.rows.length, column: 0 } : { row: 0, column: columnsOf(map) };
  return withCells(map, place, [[""]]);
}

/** Leave out empty rows and columns at the end, as far as another map does not have them. */
export function trimmed(map: TmaMap, least?: TmaMap): TmaMap {
  const lastRow = map.rows.findLastIndex((row) => row.some((sample) => sample !== ""));
  const height = Math.max(1, lastRow + 1, least?.rows.length ?? 0);
  const used = map.rows.map((row) => row.findLastIndex((sample) => sample !== "") + 1);
  const width = Math.max(1, ...used, least ? columnsOf(least) : 0);
  return { ...map, rows: map.rows.slice(0, height).map((row) => row.slice(0, width)) };
}

/** Mark all cores of a sample, or no longer. */
export function marked(map: TmaMap, mark: "controls" | "ignored", sample: string): TmaMap {
  const others = map[mark].filter((entry) => !isSame(entry, sample));
  return { ...map, [mark]: others.length < map[mark].length ? others : [...others, sample] };
}

export function isMarked(map: TmaMap, mark: "controls" | "ignored", sample: string): boolean {
  return sample !== "" && map[mark].some((entry) => isSame(entry, sample));
}

export function columnsOf(map: TmaMap): number {
  return map.rows[0]?.length ?? 0;
}

export function countsOf(map: TmaMap) {
  const cores = map.rows.flat().filter(Boolean);
  const count = (mark: "controls" | "ignored") =>
    cores.filter((sample) => isMarked(map, mark, sample)).length;
  return {
    cores: cores.length,
    samples: new Set(cores).size,
    controls: count("controls"),
    ignored: count("ignored"),
  };
}

/** How many cells are other than in another map. */
export function changedCells(map: TmaMap, before: TmaMap | undefined): number {
  return map.rows.flatMap((row, r) =>
    row.filter((sample, c) => sample !== (before?.rows[r]?.[c] ?? "")),
  ).length;
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function padded(rows: readonly (readonly string[])[]): string[][] {
  const width = Math.max(0, ...rows.map((row) => row.length));
  return rows.map((row) => Array.from({ length: width }, (_, index) => row[index] ?? ""));
}
