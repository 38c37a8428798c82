/** Who did what to the study last. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ask, isObject, objects } from "../../api/http";
import { problemOf } from "../../ui/failure";
import { day } from "../../ui/format";
import { deedOf, type Sentence, sentenceOf, whoOf } from "../deeds";
import { instant, type Setup } from "./api";
import { trail as said } from "./trailwords";

interface Done {
  who: string;
  sentence: Sentence;
  at: Date | null;
}

const FIRST = 8;

export function Trail({ setup }: { setup: Setup }) {
  const deeds = useSignal<readonly Done[] | null>(null);
  const problem = useSignal("");
  const showsAll = useSignal(false);
  useEffect(() => {
    const load = async () => {
      try {
        const reply = await ask("StudyTrail", { studyId: setup.id });
        const events = objects(isObject(reply) ? reply.events : []);
        deeds.value = events.map((event) => ({
          who: whoOf(deedOf(event)),
          sentence: sentenceOf(deedOf(event)),
          at: instant(event.at),
        }));
        problem.value = "";
      } catch (error) {
        problem.value = problemOf(error, new Date()).sentence;
      }
    };
    void load();
  }, [setup]);
  const all = deeds.value ?? [];
  const shown = showsAll.value ? all : all.slice(0, FIRST);
  return (
    <section class="panel-card padded">
      <h2>{said.title}</h2>
      {problem.value && <p class="wrong">{problem.value}</p>}
      {!deeds.value && !problem.value && <p class="aside">{said.loading}</p>}
      {deeds.value && all.length === 0 && <p class="aside">{said.none}</p>}
      <ol class="trail-list">
        {shown.map(({ who, sentence: { before, thing, after }, at }, index) => (
          <li key={index}>
            <span class="clip" title={who}>
              {who}
            </span>
            <span class="clip" title={`${before}${thing}${after}`}>
              {before}
              <b>{thing}</b>
              {after}
            </span>
            <time class="aside" dateTime={at?.toISOString()}>
              {at ? day(at, new Date()) : ""}
            </time>
          </li>
        ))}
      </ol>
      {all.length > shown.length && (
        <button
          type="button"
          class="button small"
          onClick={() => {
            showsAll.value = true;
          }}
        >
          {said.more(all.length - shown.length)}
        </button>
      )}
    </section>
  );
}
