/** Why there is no slide to see, in the place where it would be. */

import { root } from "../api/http";
import { signInAddress } from "../ui/failure";
import { Icon } from "../ui/Icon";
import { words } from "../ui/words";
import type { Desk } from "./desk";

export function FailureCard({ desk }: { desk: Desk }) {
  const said = words.failure;
  const { reading } = desk;
  const problem = reading.problem.value;
  if (reading.phase.value === "empty") {
    const isNamed = reading.studyId.value !== null;
    return (
      <section class="failure">
        <Icon name="slides" />
        <h2>{isNamed ? said.noSlides : said.noAddress}</h2>
        <p>{isNamed ? said.noSlidesMore : said.noAddressMore}</p>
        <a class="button" href={`${root}/`}>
          {said.studies}
        </a>
      </section>
    );
  }
  if (!problem) return null;
  const name = reading.name.value;
  return (
    <section class="failure" role="alert">
      <Icon name="warning" />
      <h2>{name ? said.opening(name) : said.openingUnknown}</h2>
      <p>{problem.sentence}</p>
      {problem.remedy === "again" && (
        <button type="button" class="button" onClick={() => void desk.retry()}>
          {said.tryAgain}
        </button>
      )}
      {problem.remedy === null && (
        <a class="button" href={`${root}/`}>
          {said.studies}
        </a>
      )}
      {problem.remedy === "signIn" && (
        <a class="button primary" href={signInAddress()}>
          {said.signIn}
        </a>
      )}
    </section>
  );
}
