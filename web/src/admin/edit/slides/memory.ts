/** Uploads that were begun, kept in this browser so that they go on after a reload. */

export interface Begun {
  name: string;
  folder: string;
  size: number;
  modified: number;
  /** The upload token of RequestUpload. */
  token: string;
  /** Where its bytes go; empty before the first. */
  url: string;
  begunAt: number;
}

const DAY_MS = 86_400_000;

export class Memory {
  readonly #key: string;

  constructor(
    studyId: number,
    readonly storage: Storage = localStorage,
  ) {
    this.#key = `coverslip-uploads-${studyId}`;
  }

  /** Return what was begun; the server forgets parts after a while, and so does this. */
  all(now = Date.now()): Begun[] {
    try {
      const kept = JSON.parse(this.storage.getItem(this.#key) ?? "[]") as Begun[];
      return Array.isArray(kept) ? kept.filter(({ begunAt }) => now - begunAt < DAY_MS) : [];
    } catch {
      return [];
    }
  }

  /** Return what was begun of a file: the same name, length and time of change. */
  find(file: Pick<File, "name" | "size" | "lastModified">, folder: string): Begun | null {
    return this.all().find((begun) => isOf(begun, file, folder)) ?? null;
  }

  keep(begun: Begun): void {
    const others = this.all().filter(
      (one) =>
        one.token !== begun.token &&
        !isOf(one, { ...begun, lastModified: begun.modified }, begun.folder),
    );
    this.#write([...others, begun]);
  }

  forget(token: string): void {
    this.#write(this.all().filter((begun) => begun.token !== token));
  }

  clear(): void {
    this.#write([]);
  }

  #write(all: readonly Begun[]): void {
    try {
      if (all.length > 0) this.storage.setItem(this.#key, JSON.stringify(all));
      else this.storage.removeItem(this.#key);
    } catch {
      // Without room in the browser an upload begins anew after a reload; nothing else is lost.
    }
  }
}

function isOf(
  begun: Begun,
  file: Pick<File, "name" | "size" | "lastModified">,
  folder: string,
): boolean {
  return (
    begun.name === file.name &&
    begun.folder === folder &&
    begun.size === file.size &&
    begun.modified === file.lastModified
  );
}
