/** The one place that says whether all answers are safe at the server. */

import { Icon } from "../ui/Icon";
import { words } from "../ui/words";
import type { AnswerQueue } from "./queue";

export function SaveState({ queue }: { queue: AnswerQueue }) {
  const { state, sentence, more } = summary(queue);
  const icon = state === "saved" ? "check" : state === "saving" ? "saving" : "warning";
  return (
    <span class="save-state" role="status" data-state={state} title={more}>
      <Icon name={icon} small />
      <span>{sentence}</span>
    </span>
  );
}

function summary(queue: AnswerQueue) {
  const said = words.scoring;
  const waiting = queue.waitingCount.value;
  const refused = queue.refusedCount.value;
  const since = queue.offlineSince.value;
  if (refused > 0) return { state: "refused", sentence: said.refusedCount(refused) };
  if (since) {
    const time = since.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    const more = said.offlineLong(time, waiting);
    return { state: "offline", sentence: said.offline(waiting), more };
  }
  if (waiting > 0) return { state: "saving", sentence: said.savingCount(waiting) };
  return { state: "saved", sentence: said.allSaved };
}
