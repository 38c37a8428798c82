/** Why something did not work, where it was tried. */

import { type Problem, signInAddress } from "../../ui/failure";
import { Icon } from "../../ui/Icon";
import { words } from "../../ui/words";

export function Trouble({ problem }: { problem: Problem | null }) {
  if (!problem) return null;
  return (
    <p class="trouble" role="alert">
      <Icon name="warning" />
      {problem.sentence}
      {problem.remedy === "signIn" && <a href={signInAddress()}>{words.failure.signIn}</a>}
    </p>
  );
}
