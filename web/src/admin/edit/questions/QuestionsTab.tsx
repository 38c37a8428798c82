/** The tab "Questions" of a study. */

import { useMemo } from "preact/hooks";
import type { TabProps } from "../Edit";
import { useLeaveGuard } from "../guard";
import type { Studio } from "../studio";
import { QuestionDesk } from "./desk";
import { StudyKeeper } from "./keepers";
import { QuestionEditor } from "./QuestionEditor";

/** What is not saved yet outlives a look at another tab. */
const kept = new WeakMap<Studio, QuestionDesk>();

function deskOf(studio: Studio): QuestionDesk {
  const say = (text: string, isBad = false) => studio.say(text, isBad);
  const known = kept.get(studio) ?? new QuestionDesk(new StudyKeeper(studio), say);
  kept.set(studio, known);
  return known;
}

export function QuestionsTab({ studio }: TabProps) {
  const desk = useMemo(() => deskOf(studio), [studio]);
  useLeaveGuard(() => desk.drafts.value.size > 0);
  return <QuestionEditor desk={desk} />;
}
