/** The one place that says whether all answers are safe at the server. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Icon } from "../ui/Icon";
import { words } from "../ui/words";
import type { AnswerQueue } from "./queue";
import { sheetWords } from "./words";

const SAVING_SHOWS_AFTER_MS = 300;
const SAVED = { state: "saved", sentence: words.scoring.allSaved };

export function SaveState({ queue }: { queue: AnswerQueue }) {
  const isSlow = useSignal(false);
  const now = summary(queue);
  useEffect(() => {
    isSlow.value = false;
    if (now.state !== "saving") return;
    const timer = setTimeout(() => {
      isSlow.value = true;
    }, SAVING_SHOWS_AFTER_MS);
    return () => clearTimeout(timer);
  }, [now.state, isSlow]);
  // What is saved at once is not worth a flicker at every key.
  const isQuick = now.state === "saving" && !isSlow.value;
  const { state, sentence, more } = isQuick ? { ...SAVED, more: undefined } : now;
  const icon = state === "saved" ? "check" : state === "saving" ? "saving" : "warning";
  return (
    <span class="save-state" role="status" data-state={state} title={more}>
      <Icon name={icon} small />
      <span>{sentence}</span>
    </span>
  );
}

/** Say in one sentence what became of the answers. */
export function summary(queue: AnswerQueue) {
  const said = words.scoring;
  const waiting = queue.waitingCount.value;
  const refused = queue.refusedCount.value;
  const since = queue.offlineSince.value;
  if (refused > 0) return { state: "refused", sentence: said.refusedCount(refused) };
  if (since && queue.needsSignIn.value) {
    return { state: "offline", sentence: sheetWords.signIn(waiting) };
  }
  if (since) {
    const time = since.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    const more = said.offlineLong(time, waiting);
    return { state: "offline", sentence: said.offline(waiting), more };
  }
  if (waiting > 0) return { state: "saving", sentence: said.savingCount(waiting) };
  return { ...SAVED, more: undefined };
}
