/** Files on their way into a study: two at a time, paused and retried, checked and added. */

import { signal } from "@preact/signals";
import { ask, Failure, isObject, type JsonObject, objects, post, text } from "../../../api/http";
import { problemOf } from "../../../ui/failure";
import { words } from "../words";
import { type Dropped, inOrder, needsCompanions, sortOf } from "./files";
import { Memory } from "./memory";
import { Speed } from "./speed";
import { type Transfer, transfer } from "./transfer";

export type Stage =
  | "waiting"
  | "uploading"
  | "paused"
  | "lost"
  | "finishing"
  | "checking"
  | "adding"
  | "stored"
  | "done"
  | "failed";

export interface Entry {
  id: number;
  name: string;
  folder: string;
  size: number;
  sent: number;
  /** Bytes per second. */
  rate: number;
  stage: Stage;
  /** Why it failed. */
  problem: string;
  /** What the server found in it. */
  facts: string;
  slideId: number | null;
}

interface Running {
  file: File;
  speed: Speed;
  transfer: Transfer | null;
  /** Set by who paused or dropped it, so that nothing goes on behind their back. */
  isHeld: boolean;
}

const AT_ONCE = 2;
const LOOK_MS = 700;
const BUSY: readonly Stage[] = ["uploading", "lost", "finishing"];
const ENDED: readonly Stage[] = ["done", "stored", "failed"];

export class Uploads {
  readonly entries = signal<readonly Entry[]>([]);
  /** How many uploads of an earlier visit wait for their files. */
  readonly begun = signal(0);
  readonly #running = new Map<number, Running>();
  readonly #memory: Memory;
  #lastId = 0;

  constructor(
    readonly studyId: number,
    readonly onAdded: () => void,
  ) {
    this.#memory = new Memory(studyId);
    this.begun.value = this.#memory.all().length;
    addEventListener("beforeunload", (event) => {
      if (this.isBusy) event.preventDefault();
    });
  }

  get isBusy(): boolean {
    return this.entries.value.some(({ stage }) => BUSY.includes(stage) || stage === "waiting");
  }

  /** Take in slides and what lies beside them; others were sorted out before. */
  add(dropped: readonly Dropped[]): void {
    this.#enter(inOrder(dropped));
  }

  /** Go on with one of which the server has a part already, at `url`; return its entry's id. */
  goOn({ file, folder }: Dropped, { token, url }: { token: string; url: string }): number {
    this.#memory.keep({
      name: file.name,
      folder,
      size: file.size,
      modified: file.lastModified,
      token,
      url,
      begunAt: Date.now(),
    });
    this.#enter([{ file, folder }]);
    return this.#lastId;
  }

  #enter(placed: readonly Dropped[]): void {
    const fresh = placed.map(({ file, folder }): Entry => {
      this.#lastId += 1;
      const id = this.#lastId;
      this.#running.set(id, { file, speed: new Speed(), transfer: null, isHeld: false });
      const isEmpty = file.size === 0;
      return {
        id,
        name: file.name,
        folder,
        size: file.size,
        sent: 0,
        rate: 0,
        stage: isEmpty ? "failed" : "waiting",
        problem: isEmpty ? `${words.uploads.empty(file.name)}.` : "",
        facts: "",
        slideId: null,
      };
    });
    this.entries.value = [...this.entries.value, ...fresh];
    this.#next();
  }

  pause(id: number): void {
    const running = this.#running.get(id);
    if (!running) return;
    running.isHeld = true;
    running.speed.reset();
    running.transfer?.stop();
    this.#set(id, { stage: "paused", rate: 0 });
    this.#next();
  }

  /** Go on with one that was paused, lost or failed. */
  resume(id: number): void {
    const running = this.#running.get(id);
    if (!running) return;
    running.isHeld = false;
    this.#set(id, { stage: "waiting", problem: "" });
    this.#next();
  }

  drop(id: number): void {
    const running = this.#running.get(id);
    if (running) {
      running.isHeld = true;
      running.transfer?.stop();
      const entry = this.#entry(id);
      const begun = entry ? this.#memory.find(running.file, entry.folder) : null;
      if (begun) this.#memory.forget(begun.token);
    }
    this.#running.delete(id);
    this.entries.value = this.entries.value.filter((entry) => entry.id !== id);
    this.#next();
  }

  pauseAll(): void {
    for (const { id, stage } of this.entries.value) {
      if (["waiting", "uploading", "lost"].includes(stage)) this.pause(id);
    }
  }

  resumeAll(): void {
    for (const { id, stage } of this.entries.value) if (stage === "paused") this.resume(id);
  }

  clearEnded(): void {
    this.entries.value = this.entries.value.filter(({ stage }) => !ENDED.includes(stage));
  }

  forgetBegun(): void {
    this.#memory.clear();
    this.begun.value = 0;
  }

  #next(): void {
    const all = this.entries.value;
    const free = AT_ONCE - all.filter(({ stage }) => BUSY.includes(stage)).length;
    const isAllBeside = !all.some(
      ({ name, stage }) => sortOf(name) === "companion" && !ENDED.includes(stage),
    );
    const ready = all.filter(
      ({ name, stage }) => stage === "waiting" && (isAllBeside || !needsCompanions(name)),
    );
    for (const { id } of ready.slice(0, Math.max(0, free))) void this.#run(id);
  }

  async #run(id: number): Promise<void> {
    const entry = this.#entry(id);
    const running = this.#running.get(id);
    if (!entry || !running) return;
    this.#set(id, { stage: "uploading" });
    try {
      const { token, url } = await this.#ticket(entry, running.file);
      if (running.isHeld) return;
      const end = await this.#send(id, running, token, url);
      if (running.isHeld) return;
      this.#set(id, { stage: "finishing", sent: entry.size, rate: 0 });
      const said = await post("FinishUpload", { id: end.split("/").pop() ?? "", token });
      if (said !== "OK") throw new Failure("refused", text(said));
      this.#memory.forget(token);
      this.begun.value = Math.max(0, this.begun.value - (url ? 1 : 0));
      this.#set(id, { stage: "checking" });
      this.#next();
      await this.#settle(id, token);
    } catch (error) {
      if (!running.isHeld) {
        this.#set(id, { stage: "failed", rate: 0, problem: problemOf(error, new Date()).sentence });
      }
    }
    this.#next();
  }

  async #ticket(entry: Entry, file: File): Promise<{ token: string; url: string }> {
    const begun = this.#memory.find(file, entry.folder);
    if (begun && (await isOpen(begun.token))) return begun;
    if (begun) this.#memory.forget(begun.token);
    const folder = entry.folder ? `${this.folder}/${entry.folder}` : "";
    const reply = await post("RequestUpload", {
      studyId: String(this.studyId),
      filename: file.name,
      folder,
    });
    const token = isObject(reply) ? text(reply.token) : "";
    if (!token) throw new Failure("refused", text(reply));
    return { token, url: "" };
  }

  /** The study's folder under the images root, for files in folders within it. */
  folder = "";

  #send(id: number, running: Running, token: string, url: string): Promise<string> {
    const { file } = running;
    const folder = this.#entry(id)?.folder ?? "";
    return new Promise((done, fail) => {
      running.transfer = transfer({
        file,
        token,
        url,
        onBegun: (begunAt) =>
          this.#memory.keep({
            name: file.name,
            folder,
            size: file.size,
            modified: file.lastModified,
            token,
            url: begunAt,
            begunAt: Date.now(),
          }),
        onProgress: (sent) =>
          this.#set(id, {
            sent,
            rate: running.speed.note(sent, performance.now()),
            stage: "uploading",
          }),
        onLost: () => this.#set(id, { stage: "lost", rate: 0 }),
        onDone: done,
        onFailed: fail,
        onStopped: () => done(""),
      });
    });
  }

  /** Wait until the server has looked at the file, and add the slides that it found. */
  async #settle(id: number, token: string): Promise<void> {
    let found = await statusOf(token);
    while (text(found.state) === "checking") {
      await new Promise((done) => setTimeout(done, LOOK_MS));
      found = await statusOf(token);
    }
    const state = text(found.state);
    const slides = objects(found.slides);
    const broken = slides.find((slide) => text(slide.problem) !== "");
    if (state === "stored") {
      this.#set(id, { stage: "stored" });
      return;
    }
    if (state !== "ready") {
      const why = text(found.problem) || text(broken?.problem) || words.uploads.unreadable;
      throw new Failure("refused", why);
    }
    this.#set(id, { stage: "adding" });
    const paths = slides.length > 0 ? slides.map((slide) => text(slide.path)) : [text(found.path)];
    let last: JsonObject = {};
    for (const path of paths) {
      const reply = await post("AddSlide", { studyId: String(this.studyId), path });
      if (isObject(reply)) last = reply;
    }
    this.#set(id, {
      stage: "done",
      facts: last.isOOF === true ? words.uploads.out : "",
      slideId: typeof last.id === "number" ? last.id : null,
    });
    this.onAdded();
  }

  #entry(id: number): Entry | undefined {
    return this.entries.value.find((entry) => entry.id === id);
  }

  #set(id: number, changed: Partial<Entry>): void {
    this.entries.value = this.entries.value.map((entry) =>
      entry.id === id ? { ...entry, ...changed } : entry,
    );
  }
}

async function statusOf(token: string): Promise<JsonObject> {
  const reply = await ask("UploadStatus", { token });
  return (isObject(reply) && objects(reply.uploads)[0]) || {};
}

/** Tell whether bytes of a ticket can still be sent. */
async function isOpen(token: string): Promise<boolean> {
  try {
    return ["waiting", "arriving"].includes(text((await statusOf(token)).state));
  } catch {
    return false;
  }
}
