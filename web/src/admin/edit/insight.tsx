/** The tabs about what readers do: how far they are, how well they agree, where they look. */

import { AgreementTab } from "../../study/agreement/AgreementTab";
import { ProgressTab } from "../../study/progress/ProgressTab";
import { SessionsTab } from "../../study/sessions/SessionsTab";
import type { TabProps } from "./Edit";

export function Progress({ studio, setup }: TabProps) {
  const lastSeen = new Map(setup.members.map(({ email, signedInOn }) => [email, signedInOn]));
  return (
    <ProgressTab
      studyId={setup.id}
      label={setup.label}
      lastSeen={lastSeen}
      onSaid={(sentence, isBad) => studio.say(sentence, isBad)}
    />
  );
}

export function Agreement({ studio, setup }: TabProps) {
  return (
    <AgreementTab
      studyId={setup.id}
      questions={setup.questions
        .filter(({ kind }) => kind !== "none" && kind !== "text")
        .map(({ name }) => name)}
      onTrouble={(sentence) => studio.say(sentence, true)}
    />
  );
}

export function Sessions({ studio, setup }: TabProps) {
  return (
    <SessionsTab
      studyId={setup.id}
      slides={new Map(setup.slides.map(({ id, name }) => [id, name]))}
      onTrouble={(sentence) => studio.say(sentence, true)}
    />
  );
}
