/** The tab "Progress": readers by slides, and the results as files. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ask, isObject, type Json, number, objects, root, text } from "../../api/http";
import { problemOf } from "../../ui/failure";
import { wholeNumber } from "../../ui/format";
import { Icon } from "../../ui/Icon";
import type { TabProps } from "./Edit";
import { progress as said } from "./tabwords";

type State = "done" | "partly" | "open";

interface Reader {
  email: string;
  states: State[];
}

interface Matrix {
  slides: string[];
  readers: Reader[];
}

export function ProgressTab({ studio, setup }: TabProps) {
  const matrix = useSignal<Matrix | null>(null);
  useEffect(() => {
    ask("Progress", { studyId: setup.id }).then(
      (reply) => {
        matrix.value = matrixOf(reply);
      },
      (error) => studio.say(problemOf(error, new Date()).sentence, true),
    );
  }, [setup.id, studio]);
  const found = matrix.value;
  return (
    <div class="column">
      <div class="downloads">
        {(["long", "wide"] as const).map((shape) => (
          <p key={shape}>
            <span>
              {said.results}, {said.shapes[shape]}
            </span>
            {["tsv", "csv", "xlsx"].map((format) => (
              <a
                key={format}
                class="button small"
                href={`${root}/Api/DownloadResults?studyId=${setup.id}&format=${format}&shape=${shape}`}
                aria-label={`${said.results}, ${said.shapes[shape]}, ${format.toUpperCase()}`}
                download
              >
                <Icon name="download" small /> {format.toUpperCase()}
              </a>
            ))}
          </p>
        ))}
      </div>
      {!found && <p class="empty-line">{said.loading}</p>}
      {found && (found.readers.length === 0 || found.slides.length === 0) && (
        <p class="empty-line">{said.none}</p>
      )}
      {found && found.readers.length > 0 && found.slides.length > 0 && <Readers matrix={found} />}
    </div>
  );
}

function Readers({ matrix: { slides, readers } }: { matrix: Matrix }) {
  const done = (reader: Reader) => reader.states.filter((state) => state === "done").length;
  const scored = readers.reduce((sum, reader) => sum + done(reader), 0);
  const complete = slides.filter((_, at) =>
    readers.every(({ states }) => states[at] === "done"),
  ).length;
  const all = slides.length * readers.length;
  return (
    <>
      <ul class="figures two">
        <li class="panel-card figure">
          <span class="aside">{said.scored}</span>
          <b>{wholeNumber(scored)}</b>
          <span class="aside">{said.of(all)}</span>
        </li>
        <li class="panel-card figure">
          <span class="aside">{said.complete(readers.length)}</span>
          <b>{wholeNumber(complete)}</b>
          <span class="aside">{said.of(slides.length)}</span>
        </li>
      </ul>
      <section class="panel-card table-card">
        <header class="matrix-head">
          <h2>{said.matrix}</h2>
          {(["done", "partly", "open"] as const).map((state) => (
            <span key={state} class="aside legend">
              <i class="cell" data-state={state} /> {said.legend[state]}
            </span>
          ))}
        </header>
        <table class="matrix">
          <thead>
            <tr>
              <th>{said.reader}</th>
              <td />
              <th class="number">{said.done}</th>
            </tr>
          </thead>
          <tbody>
            {readers.map((reader) => (
              <tr key={reader.email}>
                <th scope="row" class="clip">
                  {reader.email}
                </th>
                <td>
                  <span
                    class="cells"
                    role="img"
                    aria-label={said.row(reader.email, done(reader), slides.length)}
                  >
                    {reader.states.map((state, at) => (
                      <i
                        key={slides[at]}
                        class="cell"
                        data-state={state}
                        title={said.cell(slides[at] ?? "", said.legend[state])}
                      />
                    ))}
                  </span>
                </td>
                <td class="number">
                  <b>{done(reader)}</b> {Math.floor((100 * done(reader)) / slides.length)} %
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}

function matrixOf(reply: Json): Matrix {
  if (!isObject(reply)) return { slides: [], readers: [] };
  const rows = objects(reply.rows).filter((row) => number(row.imageID) !== null);
  return {
    slides: rows.map((row) => text(row.imageName)),
    readers: objects(reply.readers).flatMap((reader, at) =>
      reader.canScore === true
        ? [{ email: text(reader.email), states: rows.map((row) => stateOf(row, at)) }]
        : [],
    ),
  };
}

function stateOf(row: { [name: string]: Json }, at: number): State {
  const needed = number(row.needed) ?? 0;
  const count = (cells: Json | undefined) => (Array.isArray(cells) ? (number(cells[at]) ?? 0) : 0);
  if (needed > 0 && count(row.done) >= needed) return "done";
  return count(row.answered) > 0 ? "partly" : "open";
}
