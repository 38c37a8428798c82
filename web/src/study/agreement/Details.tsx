/** What lies behind a question's number: pairs of readers, the chosen pair, answers and slides. */

import type { Signal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { Agreement, Given } from "./api";
import { BlandAltman } from "./BlandAltman";
import { ConfusionTable } from "./ConfusionTable";
import { Distribution } from "./Distribution";
import { confusionOf, headline, isOf, paired } from "./figures";
import { PairMap } from "./PairMap";
import { Spread } from "./Spread";
import { bySpread, type Subject } from "./spread";
import { words } from "./words";

interface Props {
  studyId: number;
  agreement: Agreement;
  given: readonly Given[];
  names: ReadonlyMap<string, string>;
  pair: Signal<readonly [string, string] | null>;
}

export function Details({ studyId, agreement, given, names, pair }: Props) {
  const pairs = paired(agreement);
  const scale = agreement.scale ?? "nominal";
  const subjects = useMemo(() => bySpread(given, scale, agreement.categories), [given, agreement]);
  const shown = pair.value ?? pairs[0]?.readers ?? null;
  return (
    <>
      <div class="agreement-side">
        <section class="panel-card" aria-labelledby="pairs-title">
          <header class="card-head">
            <h2 id="pairs-title">{words.pairs}</h2>
            <span class="aside right">{pairedBy(agreement)}</span>
          </header>
          {pairs.length > 0 ? (
            <PairMap pairs={pairs} scale={scale} names={names} pair={pair} shown={shown} />
          ) : (
            <p class="empty-line">{words.noPairs}</p>
          )}
        </section>
        {shown && scale !== "drawn" && (
          <PairCard agreement={agreement} pair={shown} names={names} subjects={subjects} />
        )}
      </div>
      <div class="agreement-main">
        {scale !== "drawn" && given.length > 0 && (
          <Distribution agreement={agreement} given={given} />
        )}
        {scale !== "drawn" && (
          <Spread studyId={studyId} agreement={agreement} subjects={subjects} names={names} />
        )}
        <How agreement={agreement} />
      </div>
    </>
  );
}

function pairedBy(agreement: Agreement): string {
  const [first] = paired(agreement);
  const said = first ? words.statistic(first.name, first.variant, first.label) : "";
  return said ? `${agreement.question}, ${said}` : agreement.question;
}

interface PairProps {
  agreement: Agreement;
  pair: readonly [string, string];
  names: ReadonlyMap<string, string>;
  subjects: readonly Subject[];
}

function PairCard({ agreement, pair, names, subjects }: PairProps) {
  const statistic = paired(agreement).find(({ readers }) => isOf(pair, readers));
  const [first, second] = pair.map((email) => names.get(email) ?? email);
  const table = confusionOf(agreement, pair);
  return (
    <section class="panel-card" aria-labelledby="pair-title">
      <header class="card-head">
        <h2 id="pair-title">{words.against(first ?? "", second ?? "")}</h2>
        <span class="aside right">{words.shared(statistic?.subjects ?? 0)}</span>
      </header>
      {agreement.scale === "interval" && (
        <BlandAltman agreement={agreement} pair={pair} names={names} subjects={subjects} />
      )}
      {table && (
        <ConfusionTable
          counts={table.counts}
          categories={agreement.categories}
          rows={first ?? ""}
          columns={second ?? ""}
        />
      )}
    </section>
  );
}

function How({ agreement }: { agreement: Agreement }) {
  if (!agreement.scale || !headline(agreement)) return null;
  return (
    <p class="how">
      <b>{words.how}.</b> {words.howText(agreement.missing, words.rules[agreement.scale])}
    </p>
  );
}
