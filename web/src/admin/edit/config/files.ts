/** The configuration files of a study: as they lie on disk, as the study has them, as edited. */

import { computed, signal } from "@preact/signals";
import { ask, isObject, number, objects, text } from "../../../api/http";
import { problemOf } from "../../../ui/failure";
import { change } from "../api";
import { draftNames, dropDraft, readDraft, saveDraft } from "./drafts";
import { words } from "./words";

export interface Mistake {
  line: number;
  column: number;
  message: string;
}

export interface Checked {
  count: number;
  mistakes: readonly Mistake[];
  warnings: readonly string[];
}

export interface ConfigFile {
  name: string;
  /** On disk; null: there is none yet. */
  stored: string | null;
  sha256: string;
  /** Why it cannot be edited here; empty: it can. */
  problem: string;
  /** As the study has it, from which the file can be written anew. */
  written: string;
  text: string;
  checked: Checked | null;
}

const KINDS = ["config", "scores", "emails", "images"];
const CHECK_MS = 250;

export class ConfigFiles {
  readonly all = signal<readonly ConfigFile[] | null>(null);
  readonly shown = signal("");
  readonly trouble = signal("");
  readonly current = computed(
    () => this.all.value?.find(({ name }) => name === this.shown.value) ?? null,
  );
  /** Rises when files on disk change, so that the plan is made anew. */
  readonly edition = signal(0);
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(
    readonly studyId: number,
    readonly studyName: string,
  ) {}

  async load(wanted = ""): Promise<void> {
    try {
      const [stored, written] = await Promise.all([
        ask("StoredConfigFiles", { studyId: this.studyId }),
        ask("GetConfigFiles", { studyId: this.studyId }),
      ]);
      const onDisk = isObject(stored) ? objects(stored.files) : [];
      const told = isObject(written) ? written : {};
      const prefix = `study.${this.studyName}.`;
      const names = new Set([
        ...KINDS.map((kind) => prefix + kind),
        ...onDisk.map((entry) => canonical(text(entry.path), prefix)),
        ...Object.keys(told).filter((name) => name.startsWith(prefix)),
        ...draftNames(this.studyId),
      ]);
      this.all.value = [...names].map((name): ConfigFile => {
        const entry = onDisk.find(({ path }) => canonical(text(path), prefix) === name);
        const content = entry && typeof entry.text === "string" ? entry.text : null;
        const made = text(told[name]);
        const isInFolder = name.includes("/");
        return {
          name,
          stored: content,
          sha256: entry ? text(entry.sha256) : "none",
          problem: (entry && text(entry.problem)) || (isInFolder ? words.inFolder : ""),
          written: made,
          text: readDraft(this.studyId, name) ?? content ?? made,
          checked: null,
        };
      });
      this.trouble.value = "";
      this.shown.value =
        [wanted, this.shown.value].find((name) => names.has(name)) ?? `${prefix}scores`;
      for (const { name } of this.all.value) void this.check(name);
      this.edition.value += 1;
    } catch (error) {
      this.trouble.value = problemOf(error, new Date()).sentence;
    }
  }

  edit(name: string, content: string): void {
    this.#set(name, { text: content });
    const file = this.#find(name);
    if (file && content === (file.stored ?? file.written)) dropDraft(this.studyId, name);
    else saveDraft(this.studyId, name, content);
    clearTimeout(this.#timers.get(name));
    this.#timers.set(
      name,
      setTimeout(() => void this.check(name), CHECK_MS),
    );
  }

  async check(name: string): Promise<void> {
    const file = this.#find(name);
    if (!file || file.problem) return;
    const asked = file.text;
    try {
      const reply = await change("CheckConfigFile", this.studyId, { fileName: name, text: asked });
      if (this.#find(name)?.text !== asked) return;
      this.#set(name, {
        checked: {
          count: number(reply.count) ?? 0,
          mistakes: objects(reply.mistakes).map((entry) => ({
            line: number(entry.line) ?? 1,
            column: number(entry.column) ?? 1,
            message: text(entry.message),
          })),
          warnings: Array.isArray(reply.warnings) ? reply.warnings.map(text) : [],
        },
      });
    } catch (error) {
      this.trouble.value = problemOf(error, new Date()).sentence;
    }
  }

  /** Write a file to the images root; throws what refuses it. */
  async save(name: string): Promise<void> {
    const file = this.#find(name);
    if (!file) return;
    const reply = await change("SaveConfigFile", this.studyId, {
      fileName: name,
      text: file.text,
      sha256: file.sha256,
    });
    dropDraft(this.studyId, name);
    this.#set(name, { stored: file.text, sha256: text(reply.sha256) });
    this.edition.value += 1;
  }

  #find(name: string): ConfigFile | undefined {
    return this.all.value?.find((file) => file.name === name);
  }

  #set(name: string, changed: Partial<ConfigFile>): void {
    this.all.value = (this.all.value ?? []).map((file) =>
      file.name === name ? { ...file, ...changed } : file,
    );
  }
}

/** Whether a file has something that is not on disk. */
export function isUnsaved(file: ConfigFile): boolean {
  return file.text !== (file.stored ?? file.written);
}

function canonical(path: string, prefix: string): string {
  return path.toLowerCase().startsWith(prefix.toLowerCase())
    ? prefix + path.slice(prefix.length)
    : path;
}
