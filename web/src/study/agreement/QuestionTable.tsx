/** The questions, each with its statistic as a dot and its interval as whiskers. */

import type { Signal } from "@preact/signals";
import type { Agreement, Statistic } from "./api";
import { headline, sameAnswer } from "./figures";
import { words } from "./words";

interface Props {
  questions: readonly string[];
  found: ReadonlyMap<string, Agreement>;
  chosen: Signal<string | null>;
}

const LINES = [0.4, 0.6, 0.8];

export function QuestionTable({ questions, found, chosen }: Props) {
  const said = words.columns;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section class="wide-table" aria-label={words.questionTable} tabIndex={0}>
      <table class="progress-table agreement-table">
        <thead>
          <tr>
            <th>{said.question}</th>
            <th class="type">{said.type}</th>
            <th>{said.statistic}</th>
            <td class="forest">
              <Axis />
            </td>
            <th class="number">{said.value}</th>
            <th class="number">{said.interval}</th>
            <th class="number">{said.same}</th>
            <th class="number">{said.subjects}</th>
          </tr>
        </thead>
        <tbody>
          {questions.map((question) => (
            <Row key={question} question={question} found={found.get(question)} chosen={chosen} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface RowProps {
  question: string;
  found: Agreement | undefined;
  chosen: Signal<string | null>;
}

function Row({ question, found, chosen }: RowProps) {
  const statistic = found ? headline(found) : null;
  const same = found ? sameAnswer(found) : null;
  return (
    <tr aria-current={chosen.value === question ? "true" : undefined}>
      <th scope="row">
        <button
          type="button"
          class="row-button clip"
          onClick={() => {
            chosen.value = question;
          }}
        >
          {question}
        </button>
      </th>
      <td class="type aside">{found?.typeName}</td>
      <td class="statistic">{statistic && <Name statistic={statistic} />}</td>
      {statistic && statistic.value !== null ? (
        <>
          <td class="forest">
            <Whiskers statistic={statistic} />
          </td>
          <td class="number">
            <b>{decimals(statistic.value)}</b>
          </td>
          <td class="number" title={statistic.reason}>
            {intervalText(statistic)}
          </td>
        </>
      ) : (
        <td class="aside why" colSpan={3} title={why(found, statistic)}>
          <span class="clip">{found ? why(found, statistic) : ""}</span>
        </td>
      )}
      <td class="number">{same === null ? "–" : `${Math.round(100 * same)} %`}</td>
      <td class="number">{statistic?.subjects ?? ""}</td>
    </tr>
  );
}

function why(found: Agreement | undefined, statistic: Statistic | null): string {
  return statistic?.reason || found?.reason || words.none;
}

function Name({ statistic: { name, variant, label } }: { statistic: Statistic }) {
  const said = words.statistic(name, variant, label);
  const [short = said] = said.split(",");
  const why = words.explain[short as keyof typeof words.explain];
  return <span title={why ? `${said}: ${why}` : said}>{short}</span>;
}

function intervalText({ low, high }: Statistic): string {
  return low === null || high === null
    ? words.noInterval
    : words.interval(decimals(low), decimals(high));
}

function Axis() {
  return (
    <svg class="forest-axis" viewBox="0 0 220 14" aria-hidden="true">
      {[0, ...LINES, 1].map((at) => (
        <text key={at} x={10 + 200 * at} y="11">
          {at}
        </text>
      ))}
    </svg>
  );
}

/** A dot at the value and whiskers to the ends of its interval, between 0 and 1. */
function Whiskers({ statistic: { value, low, high } }: { statistic: Statistic }) {
  const place = (at: number) => 10 + 200 * Math.max(0, Math.min(1, at));
  const name =
    low === null || high === null
      ? decimals(value ?? 0)
      : words.drawn(decimals(value ?? 0), decimals(low), decimals(high));
  return (
    <svg class="whiskers" viewBox="0 0 220 24" role="img" aria-label={name}>
      <path class="ground" d="M10 20.5h200" />
      {LINES.map((at) => (
        <path key={at} class="ground" d={`M${10 + 200 * at} 3v17`} />
      ))}
      {low !== null && high !== null && (
        <path
          class="whisker"
          d={`M${place(low)} 7v9M${place(low)} 11.5H${place(high)}M${place(high)} 7v9`}
        />
      )}
      <rect class="dot" x={place(value ?? 0) - 4} y="7.5" width="8" height="8" />
    </svg>
  );
}

export function decimals(value: number): string {
  return value.toFixed(2).replace("-", "−");
}
