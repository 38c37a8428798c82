/** The slides, cores and cases of a question, widest spread first; each dot is one reader. */

import { useSignal } from "@preact/signals";
import { slidePicture } from "../../home/pictures";
import { slideAddress } from "../../scoring/api";
import { Thumbnail } from "../../ui/Thumbnail";
import type { Agreement } from "./api";
import { counted, numberOf, type Subject } from "./spread";
import { words } from "./words";

interface Props {
  studyId: number;
  agreement: Agreement;
  subjects: readonly Subject[];
  names: ReadonlyMap<string, string>;
}

const FIRST = 8;
const MORE = 50;

export function Spread({ studyId, agreement, subjects, names }: Props) {
  const shown = useSignal(FIRST);
  const isApart = useSignal(true);
  const wanted = isApart.value ? subjects.filter(({ spread }) => spread > 0) : subjects;
  const rest = wanted.length - shown.value;
  return (
    <section class="panel-card" aria-labelledby="spread-title">
      <header class="card-head">
        <h2 id="spread-title">{words.spread}</h2>
        <span class="aside">{words.spreadHint}</span>
        <label class="right tick-line">
          <input
            type="checkbox"
            checked={isApart.value}
            onChange={(event) => {
              isApart.value = event.currentTarget.checked;
            }}
          />
          {words.onlyApart}
        </label>
      </header>
      {wanted.length === 0 && (
        <p class="empty-line">{subjects.length > 0 ? words.allSame : words.none}</p>
      )}
      <ul class="spread">
        {wanted.slice(0, shown.value).map((subject) => (
          <Row
            key={subject.key}
            studyId={studyId}
            agreement={agreement}
            subject={subject}
            names={names}
          />
        ))}
      </ul>
      {rest > 0 && (
        <button
          type="button"
          class="button quiet more"
          onClick={() => {
            shown.value += MORE;
          }}
        >
          {words.more(Math.min(rest, MORE))}
        </button>
      )}
    </section>
  );
}

interface RowProps extends Omit<Props, "subjects"> {
  subject: Subject;
}

function Row({ studyId, agreement, subject, names }: RowProps) {
  const { slideId, core, consensus } = subject;
  const label = core ? words.core(subject.label, core.row, core.column) : subject.label;
  const isNumber = agreement.scale === "interval";
  return (
    <li>
      {slideId !== null && <Thumbnail of={slideId} address={slidePicture} />}
      <b class="clip">{label}</b>
      {isNumber ? (
        <Numbers subject={subject} agreement={agreement} names={names} />
      ) : (
        <Votes subject={subject} agreement={agreement} />
      )}
      <span class="aside consensus">
        {isNumber ? words.median(consensus) : words.consensus(consensus)}
      </span>
      {slideId !== null && (
        <a href={placeOf(studyId, slideId, core)} aria-label={words.openName(label)}>
          {words.open}
        </a>
      )}
    </li>
  );
}

function placeOf(studyId: number, slideId: number, core: Subject["core"]): string {
  const address = slideAddress(studyId, slideId);
  return core ? `${address}&tmaRow=${core.row}&tmaCol=${core.column}` : address;
}

function Votes({ subject, agreement }: { subject: Subject; agreement: Agreement }) {
  const votes = [...counted([...subject.answers.values()], agreement.categories)];
  const few = votes.length <= 5 ? votes : votes.filter(([, count]) => count > 0);
  return (
    <span class="votes">
      {few.map(([answer, count]) => (
        <span key={answer} class="vote" data-none={count === 0}>
          <span class="clip" title={answer}>
            {answer}
          </span>
          <span class="dots" role="img" aria-label={String(count)}>
            {Array.from({ length: Math.min(count, 12) }, (_, at) => (
              <i key={`${answer}-${String(at)}`} />
            ))}
          </span>
        </span>
      ))}
    </span>
  );
}

function Numbers({ subject, agreement, names }: Omit<RowProps, "studyId">) {
  const given = [...subject.answers].flatMap(([email, answer]) => {
    const value = numberOf(answer);
    return value === null ? [] : [{ email, value }];
  });
  const [low, high] = rangeOf(agreement, given);
  const place = (value: number) => 8 + (284 * (value - low)) / (high - low || 1);
  const said = given.map(({ email, value }) => `${names.get(email) ?? email} ${value}`);
  return (
    <svg class="strip-plot" viewBox="0 0 300 20" role="img" aria-label={said.join(", ")}>
      <path class="ground" d="M8 10.5h284" />
      {given.map(({ email, value }) => (
        <circle key={email} class="point" cx={place(value)} cy="10.5" r="4">
          <title>{`${names.get(email) ?? email}: ${value}`}</title>
        </circle>
      ))}
    </svg>
  );
}

/** Per cents on their whole scale, other numbers between the subject's own ends. */
function rangeOf(
  { typeName }: Agreement,
  given: readonly { value: number }[],
): readonly [number, number] {
  const most = Math.max(...given.map(({ value }) => value));
  if (typeName.startsWith("Percentage")) return [0, 100];
  if (typeName.startsWith("HScore")) return [0, 300];
  return [Math.min(0, ...given.map(({ value }) => value)), Math.max(1, most)];
}
