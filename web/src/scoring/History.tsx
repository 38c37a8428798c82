/** The tab "History": what was answered about this slide, by whom, and what it replaced. */

import { day } from "../ui/format";
import { words } from "../ui/words";
import type { Sheet } from "./sheet";

const LONGEST = 80;

export function History({ sheet }: { sheet: Sheet }) {
  const said = words.scoring.history;
  const versions = [...sheet.history.value].reverse();
  if (versions.length === 0) return <p class="sheet-note">{said.none}</p>;
  return (
    <ol class="versions">
      {versions.map((version) => (
        <li key={version.id} data-current={version.isCurrent}>
          <h2>{version.question}</h2>
          <p>
            {version.previous === null
              ? said.first(short(version.answer))
              : said.change(short(version.previous), short(version.answer))}
          </p>
          <p class="by">
            {said.by(
              version.email || version.changedBy,
              version.changedOn ? day(version.changedOn, new Date()) : "",
            )}
          </p>
        </li>
      ))}
    </ol>
  );
}

function short(answer: string): string {
  return answer.length > LONGEST ? `${answer.slice(0, LONGEST)}…` : answer;
}
