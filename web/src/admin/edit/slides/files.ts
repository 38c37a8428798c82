/** What people drop: slides with the files beside them, configuration files, and strangers. */

/** A file and the folder within the dropped one, without slashes at its ends. */
export interface Dropped {
  file: File;
  folder: string;
}

export type Sort = "slide" | "companion" | "config" | "strange";

const SLIDE =
  /\.(svs|tiff?|ndpi|mrxs|scn|bif|vms|vmu|dcm|svslide|zip|png|jpe?g|jp2|j2k|czi|qptiff)$/i;
const COMPANION = /\.(dat|ini|opt)$/i;
const CONFIG = /^(?:study\..+)?\.(?:emails|scores|images|config|map[^.]*)$/i;

export function sortOf(name: string): Sort {
  if (CONFIG.test(name)) return "config";
  if (COMPANION.test(name)) return "companion";
  return SLIDE.test(name) ? "slide" : "strange";
}

/** Return the name that a dropped configuration file has in a study; null: it is another's. */
export function configName(name: string, study: string): string | null {
  if (name.startsWith(".")) return `study.${study}${name}`;
  const prefix = `study.${study}.`;
  const isOwn = name.toLowerCase().startsWith(prefix.toLowerCase());
  return isOwn && !name.slice(prefix.length).includes(".")
    ? prefix + name.slice(prefix.length)
    : null;
}

/** Return all files of a drop, also those in folders; what is hidden is left out. */
export async function filesOf(transfer: DataTransfer): Promise<Dropped[]> {
  // All must be asked for before anything is awaited: the browser forgets them then.
  const items = [...transfer.items].filter(({ kind }) => kind === "file");
  const entries = items.map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const found = await Promise.all(
    entries.map(({ entry, file }) => {
      if (entry) return walk(entry, "");
      // What was not dragged from a disk, such as a picture of a page, is no entry of a folder.
      return file ? [{ file, folder: "" }] : [];
    }),
  );
  return found.flat().filter(({ file, folder }) => !isHidden(file.name) && !isHidden(folder));
}

function isHidden(path: string): boolean {
  const name = path.split("/").pop() ?? "";
  return name.startsWith(".") && !CONFIG.test(name);
}

async function walk(entry: FileSystemEntry, folder: string): Promise<Dropped[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((done, fail) =>
      (entry as FileSystemFileEntry).file(done, fail),
    );
    return [{ file, folder }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const inside: FileSystemEntry[] = [];
  for (;;) {
    // Chromium gives at most a hundred at a time.
    const some = await new Promise<FileSystemEntry[]>((done, fail) =>
      reader.readEntries(done, fail),
    );
    if (some.length === 0) break;
    inside.push(...some);
  }
  const path = folder ? `${folder}/${entry.name}` : entry.name;
  return (await Promise.all(inside.map((child) => walk(child, path)))).flat();
}

/**
 * Put what a slide needs before the slide, and leave out folders that only hold slides: a MIRAX
 * slide finds its parts in the folder of its own name, every other slide lies in the study's folder.
 */
export function inOrder(dropped: readonly Dropped[]): Dropped[] {
  const needed = new Set(
    dropped.filter(({ file }) => sortOf(file.name) === "companion").map(({ folder }) => folder),
  );
  const placed = dropped.map((entry) => ({
    ...entry,
    folder: needed.has(entry.folder) ? (entry.folder.split("/").pop() ?? "") : "",
  }));
  return placed.sort((a, b) => rank(a) - rank(b) || compare(a.file.name, b.file.name));
}

function rank({ file }: Dropped): number {
  return sortOf(file.name) === "companion" ? 0 : 1;
}

function compare(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

/** Tell whether a slide has to wait for files beside it. */
export function needsCompanions(name: string): boolean {
  return /\.(mrxs|vms|vmu)$/i.test(name);
}
