/** Answers that wait to be sent, kept in the browser so that a reload loses none. */

/** One answer on its way: about a slide, a core of it, or a case. */
export interface Waiting {
  /** Person, study, subject and question: the newest answer to one of them replaces an older. */
  key: string;
  email: string;
  studyId: number;
  slideId: number | null;
  caseId: number | null;
  tmaRow: number | null;
  tmaCol: number | null;
  question: string;
  answer: string;
  /** Id of the answer that it replaces; null: none stood there. */
  version: number | null;
  /** Rises with each answer, so that a later one is not taken for the one just sent. */
  serial: number;
}

export interface AnswerStore {
  all(): Promise<Waiting[]>;
  put(waiting: Waiting): Promise<void>;
  remove(key: string): Promise<void>;
}

const DATABASE = "coverslip";
const STORE = "answers";

/** Answers in IndexedDB; where the browser forbids it, in memory alone. */
export function openStore(): AnswerStore {
  if (typeof indexedDB === "undefined") return new MemoryStore();
  return new IndexedStore();
}

export class MemoryStore implements AnswerStore {
  readonly #kept = new Map<string, Waiting>();

  async all(): Promise<Waiting[]> {
    return [...this.#kept.values()].sort((a, b) => a.serial - b.serial);
  }

  async put(waiting: Waiting): Promise<void> {
    this.#kept.set(waiting.key, waiting);
  }

  async remove(key: string): Promise<void> {
    this.#kept.delete(key);
  }
}

class IndexedStore implements AnswerStore {
  readonly #memory = new MemoryStore();
  #database: Promise<IDBDatabase | null> | null = null;

  async all(): Promise<Waiting[]> {
    const kept = await this.#run<Waiting[]>("readonly", (store) => store.getAll());
    return (kept ?? (await this.#memory.all())).sort((a, b) => a.serial - b.serial);
  }

  async put(waiting: Waiting): Promise<void> {
    await this.#memory.put(waiting);
    await this.#run("readwrite", (store) => store.put(waiting));
  }

  async remove(key: string): Promise<void> {
    await this.#memory.remove(key);
    await this.#run("readwrite", (store) => store.delete(key));
  }

  async #run<T>(
    mode: IDBTransactionMode,
    deed: (store: IDBObjectStore) => IDBRequest,
  ): Promise<T | null> {
    this.#database ??= open();
    const database = await this.#database;
    if (!database) return null;
    return new Promise((resolve) => {
      const transaction = database.transaction(STORE, mode, { durability: "strict" });
      const request = deed(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result as T);
      // A full or forbidden disk: the answer is still in memory and on its way.
      transaction.onabort = () => resolve(null);
    });
  }
}

function open(): Promise<IDBDatabase | null> {
  return new Promise((resolve) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(STORE, { keyPath: "key" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => resolve(null);
    request.onblocked = () => resolve(null);
  });
}
