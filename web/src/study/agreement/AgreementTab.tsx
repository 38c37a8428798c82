/** The tab "Agreement": a number for each question, then the pairs, answers and slides behind it. */

import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { problemOf } from "../../ui/failure";
import { shortNames } from "../readers";
import { type Agreement, type Given, readAgreement, readGiven } from "./api";
import { Details } from "./Details";
import { paired } from "./figures";
import { QuestionTable } from "./QuestionTable";
import { ReaderChoice } from "./ReaderChoice";
import { saveTable } from "./table";
import { words } from "./words";

interface Props {
  studyId: number;
  /** Names of the questions that readers answer. */
  questions: readonly string[];
  onTrouble: (sentence: string) => void;
}

export function AgreementTab({ studyId, questions, onTrouble }: Props) {
  const found = useSignal<ReadonlyMap<string, Agreement>>(new Map());
  const measuring = useSignal<string | null>(null);
  const only = useSignal<readonly string[]>([]);
  const chosen = useSignal<string | null>(null);
  const pair = useSignal<readonly [string, string] | null>(null);
  const given = useSignal<readonly Given[]>([]);
  /** E-mail addresses of all who answered anything. */
  const readers = useSignal<readonly string[]>([]);
  const names = useMemo(() => shortNames(readers.value), [readers.value]);
  const asked = questions.join("\n");

  useEffect(() => {
    let isWanted = true;
    const measure = async () => {
      for (const question of questions) {
        measuring.value = question;
        const agreement = await readAgreement(studyId, question, only.value);
        if (!isWanted) return;
        found.value = new Map(found.value).set(question, agreement);
        readers.value = united(readers.value, agreement);
        if (chosen.value === null && paired(agreement).length > 0) chosen.value = question;
      }
      measuring.value = null;
    };
    found.value = new Map();
    measure().catch((error: unknown) => {
      if (!isWanted) return;
      measuring.value = null;
      onTrouble(problemOf(error, new Date()).sentence);
    });
    return () => {
      isWanted = false;
    };
  }, [studyId, asked, only.value]);

  useEffect(() => {
    const question = chosen.value;
    given.value = [];
    pair.value = null;
    if (question === null) return;
    readGiven(studyId, question).then(
      (answers) => {
        if (chosen.value === question) given.value = answers;
      },
      (error: unknown) => onTrouble(problemOf(error, new Date()).sentence),
    );
  }, [studyId, chosen.value]);

  const shown = chosen.value === null ? undefined : found.value.get(chosen.value);
  const answers = useMemo(
    () => given.value.filter(({ email }) => only.value.length === 0 || only.value.includes(email)),
    [given.value, only.value],
  );
  if (questions.length === 0) return <Nothing />;
  return (
    <div class="agreement-page">
      <section class="panel-card questions-card" aria-labelledby="agreement-title">
        <header class="card-head">
          <h2 id="agreement-title">{words.title}</h2>
          <span class="aside" role="status">
            {measuring.value === null ? words.draws : words.measuring(measuring.value)}
          </span>
          <button
            type="button"
            class="button small right"
            disabled={measuring.value !== null}
            onClick={() => saveTable([...found.value.values()])}
          >
            {words.table}
          </button>
        </header>
        <ReaderChoice readers={readers.value} names={names} only={only} />
        <QuestionTable questions={questions} found={found.value} chosen={chosen} />
      </section>
      {shown && (
        <Details studyId={studyId} agreement={shown} given={answers} names={names} pair={pair} />
      )}
    </div>
  );
}

function united(readers: readonly string[], agreement: Agreement): readonly string[] {
  const more = agreement.readers.map(({ email }) => email).filter((one) => !readers.includes(one));
  return more.length > 0 ? [...readers, ...more].sort() : readers;
}

function Nothing() {
  return (
    <section class="empty panel-card agreement-empty">
      <h2>{words.noQuestions}</h2>
      <p>{words.noQuestionsMore}</p>
    </section>
  );
}
