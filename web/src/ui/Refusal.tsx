/** Why a page has nothing to show, in the place of what it would show. */

import type { ComponentChildren } from "preact";
import { type Problem, signInAddress } from "./failure";
import { Icon } from "./Icon";
import { words } from "./words";

interface Props {
  problem: Problem;
  /** What did not come, where neither a right nor a session is missing. */
  heading: string;
  onRetry: () => void;
  /** Other ways on. */
  children?: ComponentChildren;
}

export function Refusal({ problem, heading, onRetry, children }: Props) {
  const said = words.failure;
  return (
    <section class="empty" role="alert">
      <Icon name="warning" />
      <h1>{said.headings[problem.kind] ?? heading}</h1>
      <p>{problem.sentence}</p>
      {problem.remedy === "again" && (
        <button type="button" class="button" onClick={onRetry}>
          {said.tryAgain}
        </button>
      )}
      {problem.remedy === "signIn" && (
        <a class="button primary" href={signInAddress()}>
          {said.signIn}
        </a>
      )}
      {children}
    </section>
  );
}
