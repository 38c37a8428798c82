/** Words of the tab "Config files". */

import { counted } from "../../../ui/format";

const KINDS: Record<string, [string, string]> = {
  scores: ["question", "questions"],
  emails: ["person", "people"],
  images: ["slide", "slides"],
  config: ["setting", "settings"],
};

export const words = {
  files: "Files",
  loading: "Waiting for the files",
  inFolder: "This list lies in the study’s folder; it is edited there.",
  errors: (count: number) => (count === 0 ? "no error" : counted(count, "error", "errors")),
  warnings: (count: number) => counted(count, "warning", "warnings"),
  counts: (kind: string, count: number, lines: number) =>
    [
      counted(lines, "line", "lines"),
      ...(KINDS[kind] ? [counted(count, ...KINDS[kind])] : []),
    ].join(", "),
  checking: "checking",
  separators: "TAB between fields",
  tabKey: "Ctrl M: Tab leaves the editor",
  editor: (name: string) => `Text of ${name}`,
  back: "Back to the study’s version",
  save: "Save file",
  saved: (name: string) => `${name} is saved. The plan shows what Reimport would do.`,
  unsaved: "not saved yet, kept in this browser",
  onDisk: "saved",
  none: "not on disk; as written from the study",
  replace: (by: string) => `Replace by ${by}`,
  line: (line: number) => `Line ${line}`,

  plan: "What Reimport will do",
  planLoading: "Comparing the files with the study",
  stopped: "The files cannot be imported yet",
  unreadable:
    "Mend or take away what cannot be opened, or let the import go on without it: tick the box below.",
  noFiles:
    "No file of this study is on the server’s disk, and it needs none: it is as you set it up in these pages. Save a file here to work with files, too.",
  nothing: "The files say what the study has already.",
  unsavedFiles: (names: string) => `${names}: not saved, so not in this plan.`,
  added: (count: number) => `${count} added`,
  changed: (count: number) => `${count} changed`,
  decide: (count: number) => `${count} by hand`,
  never: "Reimport never removes anything.",
  byHand: (count: number) => `${counted(count, "thing was", "things were")} changed by hand.`,
  keepAll: "Keep all",
  overwriteAll: "Use the files for all",
  keep: "Keep mine",
  overwrite: "Use the file",
  kept: "stays as you made it; the file says otherwise",
  overwritten: "you changed this by hand; the file puts it back",
  untouched: "changed by hand; no file speaks of it",
  ignore: "Go on when a slide cannot be opened",
  reimport: (count: number) =>
    count === 0 ? "Reimport" : `Reimport ${counted(count, "change", "changes")}`,
  running: "Reimporting",
  done: "Imported",
  log: "Log of the import",
  again: "Compare again",
  changes: "Changes",
  kinds: {
    questions: "Questions",
    slides: "Slides",
    people: "People",
    settings: "Settings",
    "TMA maps": "TMA maps",
  } as Record<string, string>,
  all: "All of them",
  nothingValue: "nothing",
} as const;
