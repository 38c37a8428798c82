/** The facts of the slide, as its file and the study state them. */

import type { SlideFacts } from "../api/pixels";
import type { Slide } from "../api/studies";
import { fileSize, micrometres, millimetres, wholeNumber } from "../ui/format";
import { words } from "../ui/words";
import type { Desk } from "./desk";
import { LabelPictures } from "./shot/LabelPictures";

export function Facts({ desk }: { desk: Desk }) {
  const { reading } = desk;
  const facts = reading.facts.value;
  const slide = reading.slide.value;
  // All rows come at once: what is read first must not move.
  if (!slide || (!facts && reading.phase.value === "opening")) return null;
  const description = reading.description.value;
  return (
    <section class="facts" aria-label={words.facts.title}>
      <h2>{slide.name}</h2>
      <dl>
        {rowsOf(facts, slide, reading.studyLabel.value).map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <LabelPictures desk={desk} />
      {description && (
        <>
          <h3>{words.facts.description}</h3>
          <p class="description">{description}</p>
        </>
      )}
    </section>
  );
}

type Row = readonly [label: string, value: string];

function rowsOf(facts: SlideFacts | null, slide: Slide, study: string): Row[] {
  const said = words.facts;
  const rows: Row[] = [
    [said.study, study],
    [said.case, slide.caseName],
    ...(facts ? measures(facts) : []),
    [said.file, slide.fileSize === null ? "" : fileSize(slide.fileSize)],
    [said.tmaMap, slide.tmaMap],
  ];
  return rows.filter(([, value]) => value !== "");
}

function measures(facts: SlideFacts): Row[] {
  const said = words.facts;
  const { width, height, mpp, objectivePower: power } = facts;
  const last = facts.levels.at(-1);
  return [
    [said.size, said.pixels(wholeNumber(width), wholeNumber(height))],
    [
      said.area,
      mpp === null ? "" : said.millimetres(millimetres(width * mpp), millimetres(height * mpp)),
    ],
    [said.resolution, resolution(facts)],
    [said.objective, power === null ? said.noObjective : words.viewer.objective(power)],
    [said.levels, last ? said.levelsValue(facts.levels.length, wholeNumber(last.downsample)) : ""],
  ];
}

function resolution(facts: SlideFacts): string {
  if (facts.mpp !== null) return words.viewer.perPixel(micrometres(facts.mpp));
  if (facts.doubtfulMpp === null) return words.facts.noResolution;
  return words.facts.doubtful(micrometres(facts.doubtfulMpp));
}
