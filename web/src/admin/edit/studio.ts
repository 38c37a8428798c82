/** The study that is being set up, and what was last said about a change to it. */

import { signal } from "@preact/signals";
import { Failure } from "../../api/http";
import { type Problem, problemOf } from "../../ui/failure";
import { readSetup, type Setup } from "./api";
import type { Notice } from "./Said";

export const TABS = [
  "overview",
  "settings",
  "slides",
  "tma",
  "questions",
  "users",
  "progress",
  "agreement",
  "sessions",
  "config",
] as const;
export type Tab = (typeof TABS)[number];

export class Studio {
  readonly setup = signal<Setup | null>(null);
  readonly problem = signal<Problem | null>(null);
  /** It was deleted on this page, where it can be brought back at once. */
  readonly isDeleted = signal(false);
  readonly notice = signal<Notice | null>(null);
  /** Name of the configuration file that is to be shown next; empty: the first. */
  openFile = "";
  readonly tab = signal<Tab>(tabIn(location.search));

  constructor(readonly studyId: number) {
    addEventListener("popstate", () => {
      this.tab.value = tabIn(location.search);
    });
  }

  async load(): Promise<void> {
    try {
      this.setup.value = await readSetup(this.studyId);
      this.problem.value = null;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (this.setup.value) this.say(problemOf(error, new Date()).sentence, true);
      else this.problem.value = problemOf(error, new Date());
    }
  }

  /** Do something to the study, say what became of it and show the study as it is then. */
  async act(deed: () => Promise<unknown>, done = ""): Promise<boolean> {
    let isDone = true;
    try {
      await deed();
      if (done) this.say(done);
    } catch (error) {
      isDone = false;
      this.say(problemOf(error, new Date()).sentence, true);
    }
    await this.load();
    return isDone;
  }

  say(text: string, isBad = false): void {
    this.notice.value = { text, isBad };
  }

  go(tab: Tab): void {
    if (tab === this.tab.value) return;
    history.pushState(null, "", this.address(tab));
    this.tab.value = tab;
    this.notice.value = null;
  }

  address(tab: Tab): string {
    const address = new URL(location.href);
    address.searchParams.set("tab", tab);
    return address.href;
  }
}

export function tabIn(search: string): Tab {
  const wanted = new URLSearchParams(search).get("tab");
  return TABS.find((tab) => tab === wanted) ?? "overview";
}
