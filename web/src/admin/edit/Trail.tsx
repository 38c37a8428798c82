/** Who did what to the study last. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ask, isObject, type JsonObject, objects, text } from "../../api/http";
import { problemOf } from "../../ui/failure";
import { day } from "../../ui/format";
import { instant, type Setup } from "./api";
import { trail as said } from "./trailwords";

interface Deed {
  who: string;
  what: string;
  thing: string;
  at: Date | null;
}

const FIRST = 8;

export function Trail({ setup }: { setup: Setup }) {
  const deeds = useSignal<readonly Deed[] | null>(null);
  const problem = useSignal("");
  const showsAll = useSignal(false);
  useEffect(() => {
    const load = async () => {
      try {
        const reply = await ask("StudyTrail", { studyId: setup.id });
        const events = objects(isObject(reply) ? reply.events : []);
        deeds.value = events.map((event) => deedOf(event, setup));
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
        {shown.map(({ who, what, thing, at }, index) => (
          <li key={index}>
            <span class="clip" title={who}>
              {who}
            </span>
            <span class="clip" title={`${what} ${thing}`}>
              {what} {thing && <b>{thing}</b>}
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

function deedOf(event: JsonObject, setup: Setup): Deed {
  const deed = text(event.deed);
  return {
    who: text(event.actorName) || said.actors[text(event.actor)] || text(event.actor),
    what: said.deeds[deed] ?? deed,
    thing: thingOf(text(event.subject), isObject(event.detail) ? event.detail : {}, setup),
    at: instant(event.at),
  };
}

/** The name that a thing has now; else the one that it had. */
function thingOf(subject: string, detail: JsonObject, setup: Setup): string {
  const [kind, number] = subject.split(":");
  const id = Number(number);
  if (kind === "slide") return setup.slides.find((slide) => slide.id === id)?.name ?? "";
  if (kind === "case") return setup.cases.find((entry) => entry.id === id)?.name ?? "";
  if (kind === "question") {
    return setup.questions.find((question) => question.id === id)?.name ?? text(detail.name);
  }
  return text(detail.email);
}
