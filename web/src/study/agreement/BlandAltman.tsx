/** Differences of two readers against their means, with bias and limits of agreement. */

import type { Agreement, Statistic } from "./api";
import { isOf, ticks } from "./figures";
import { type Difference, differences, type Subject } from "./spread";
import { words } from "./words";

interface Props {
  agreement: Agreement;
  pair: readonly [string, string];
  names: ReadonlyMap<string, string>;
  subjects: readonly Subject[];
}

const WIDTH = 360;
const HEIGHT = 240;
const LEFT = 44;
const RIGHT = 62;
const TOP = 12;
const FOOT = 40;

interface Axis {
  low: number;
  high: number;
  place: (value: number) => number;
}

export function BlandAltman({ agreement, pair, names, subjects }: Props) {
  const points = differences(subjects, pair);
  const lines = linesOf(agreement, pair);
  if (points.length === 0 || !lines) return null;
  const [first, second] = pair.map((email) => names.get(email) ?? email);
  const { bias, lower, upper } = lines;
  const x = axis(
    points.map(({ mean }) => mean),
    LEFT,
    WIDTH - RIGHT,
  );
  const edges = [bias, lower, upper].flatMap(({ value, low, high }) => [value, low, high]);
  const known = edges.filter((value) => value !== null);
  const y = axis([...points.map(({ difference }) => difference), ...known], HEIGHT - FOOT, TOP);
  const name = words.plot(points.length, tell(bias), tell(lower), tell(upper));
  return (
    <svg class="plot" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={name}>
      <Grid x={x} y={y} />
      <Line of={upper} y={y} name={words.upper} />
      <Line of={bias} y={y} name={words.bias} isBias />
      <Line of={lower} y={y} name={words.lower} />
      {points.map((point) => (
        <Point key={point.subject.key} point={point} x={x} y={y} />
      ))}
      <text class="axis-name" x={(LEFT + WIDTH - RIGHT) / 2} y={HEIGHT - 6}>
        {words.meanAxis}
      </text>
      <text class="axis-name" transform={`translate(11 ${(TOP + HEIGHT - FOOT) / 2}) rotate(-90)`}>
        {words.differenceAxis(first ?? "", second ?? "")}
      </text>
    </svg>
  );
}

/** A scale that holds all values with a little room at both ends. */
function axis(values: readonly number[], from: number, to: number): Axis {
  const least = Math.min(...values);
  const most = Math.max(...values);
  const room = (most - least || 1) * 0.06;
  const [low, high] = [least - room, most + room];
  return { low, high, place: (value) => from + ((value - low) / (high - low)) * (to - from) };
}

function Grid({ x, y }: { x: Axis; y: Axis }) {
  return (
    <g>
      {ticks(y.low, y.high, 6).map((at) => (
        <g key={at}>
          <path class="ground" d={`M${LEFT} ${y.place(at)}H${WIDTH - RIGHT}`} />
          <text class="tick-y" x={LEFT - 5} y={y.place(at) + 3}>
            {signed(at)}
          </text>
        </g>
      ))}
      {ticks(x.low, x.high, 6).map((at) => (
        <text key={at} class="tick-x" x={x.place(at)} y={HEIGHT - FOOT + 14}>
          {signed(at)}
        </text>
      ))}
    </g>
  );
}

function Line({
  of,
  y,
  name,
  isBias = false,
}: {
  of: Statistic;
  y: Axis;
  name: string;
  isBias?: boolean;
}) {
  if (of.value === null) return null;
  const at = y.place(of.value);
  return (
    <g class={isBias ? "level bias" : "level"}>
      {of.low !== null && of.high !== null && (
        <rect
          class="band"
          x={LEFT}
          width={WIDTH - RIGHT - LEFT}
          y={y.place(of.high)}
          height={Math.max(0, y.place(of.low) - y.place(of.high))}
        />
      )}
      <path class="mean" d={`M${LEFT} ${at}H${WIDTH - RIGHT}`} />
      <text x={WIDTH - RIGHT + 5} y={at - 1}>
        {signed(Number(of.value.toPrecision(3)))}
      </text>
      <text class="line-name" x={WIDTH - RIGHT + 5} y={at + 9}>
        {name}
      </text>
    </g>
  );
}

function Point({ point, x, y }: { point: Difference; x: Axis; y: Axis }) {
  const { subject, mean, difference } = point;
  return (
    <circle class="point" cx={x.place(mean)} cy={y.place(difference)} r="3">
      <title>{words.point(subject.label, signed(mean), signed(difference))}</title>
    </circle>
  );
}

function linesOf({ statistics }: Agreement, pair: readonly [string, string]) {
  const find = (wanted: string) =>
    statistics.find(({ name, readers }) => name === wanted && isOf(pair, readers));
  const [bias, lower, upper] = [find("bias"), find("lowerLimit"), find("upperLimit")];
  return bias && lower && upper ? { bias, lower, upper } : null;
}

function tell({ value }: Statistic): string {
  return value === null ? "–" : signed(Number(value.toPrecision(3)));
}

function signed(value: number): string {
  return String(value).replace("-", "−");
}
