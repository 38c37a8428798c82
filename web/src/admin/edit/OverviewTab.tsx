/** The tab "Overview": how large the study is, what stands in the way, who may do what. */

import type { Question } from "../../scoring/questions";
import { day, fileSize, wholeNumber } from "../../ui/format";
import { Icon } from "../../ui/Icon";
import { person } from "../../ui/person";
import type { Setup } from "./api";
import { Deleting } from "./Deleting";
import type { TabProps } from "./Edit";
import type { Tab } from "./studio";
import { Trail } from "./Trail";
import { rights } from "./tabwords";
import { words } from "./words";

const said = words.overview;

export function OverviewTab({ studio, setup }: TabProps) {
  const bytes = setup.slides.reduce((sum, { fileSize: size }) => sum + size, 0);
  const answers = setup.slides.reduce((sum, { answerCount }) => sum + answerCount, 0);
  const scored = setup.slides.filter(({ answerCount }) => answerCount > 0).length;
  const readers = setup.members.filter(({ canScore }) => canScore).length;
  const loose = setup.slides.filter(({ caseName }) => caseName === "").length;
  const mandatory = setup.questions.filter(({ isMandatory }) => isMandatory).length;
  return (
    <div class="overview-grid">
      <ul class="figures">
        <Figure name={said.slides} value={setup.slides.length} more={said.disk(fileSize(bytes))} />
        <Figure name={said.cases} value={setup.cases.length} more={said.withoutCase(loose)} />
        <Figure
          name={said.questions}
          value={setup.questions.length}
          more={said.mandatory(mandatory)}
        />
        <Figure name={said.answers} value={answers} more={said.onSlides(scored)} />
        <Figure name={said.people} value={setup.members.length} more={said.readers(readers)} />
      </ul>
      <div class="overview-column">
        <Checks studio={studio} setup={setup} />
        <Trail setup={setup} />
        <Deleting studio={studio} setup={setup} />
      </div>
      <div class="overview-column">
        <WhoMay setup={setup} />
        <About setup={setup} />
      </div>
    </div>
  );
}

function Checks({ studio, setup }: TabProps) {
  const checks = checksOf(setup);
  return (
    <section class="panel-card padded">
      <h2>{said.checks}</h2>
      {checks.length === 0 ? (
        <p class="check-line" data-kind="ok">
          <Icon name="check" /> {said.ready}
        </p>
      ) : (
        <ul>
          {checks.map(({ text, tab }) => (
            <li key={text} class="check-line">
              <Icon name="warning" />
              <span>{text}</span>
              <button type="button" class="button small" onClick={() => studio.go(tab)}>
                {words.tabs[tab]}
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function WhoMay({ setup }: { setup: Setup }) {
  return (
    <section class="panel-card padded">
      <h2>{said.whoMay}</h2>
      <ul class="people-list">
        {setup.members.map((member) => (
          <li key={member.email}>
            <span class="clip">{member.email}</span>
            <span class="aside">{rights(member)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function About({ setup }: { setup: Setup }) {
  return (
    <section class="panel-card padded">
      <h2>{said.facts}</h2>
      <dl class="facts-list">
        <dt>{said.name}</dt>
        <dd class="mono">study.{setup.name}</dd>
        <dt>{said.created}</dt>
        <dd>{setup.createdOn ? day(setup.createdOn, new Date()) : "–"}</dd>
        <dt>{said.publishedOn}</dt>
        <dd>{setup.publishedOn ? day(setup.publishedOn, new Date()) : said.notPublished}</dd>
      </dl>
    </section>
  );
}

function Figure({ name, value, more }: { name: string; value: number; more: string }) {
  return (
    <li class="panel-card figure">
      <span class="aside">{name}</span>
      <b>{wholeNumber(value)}</b>
      <span class="aside">{more}</span>
    </li>
  );
}

/** What is worth a look before people see the study; nothing of it forbids to publish. */
function checksOf(setup: Setup): { text: string; tab: Tab }[] {
  const silent = setup.slides.filter(({ mpp }) => mpp === null).length;
  const blurred = setup.slides.filter(({ isOutOfFocus }) => isOutOfFocus).length;
  const others = setup.members.some(({ email, canScore }) => canScore && email !== person.email);
  const found: ([string, Tab] | null)[] = [
    setup.slides.length === 0 ? [said.noSlides, "slides"] : null,
    silent > 0 ? [said.noResolution(silent), "slides"] : null,
    blurred > 0 ? [said.blurred(blurred), "slides"] : null,
    setup.questions.length === 0 ? [said.noQuestions, "questions"] : null,
    ...setup.questions
      .filter(lacksOptions)
      .map(({ name }): [string, Tab] => [said.noOptions(name), "questions"]),
    others ? null : [said.noReaders, "users"],
  ];
  return found.flatMap((entry) => (entry ? [{ text: entry[0], tab: entry[1] }] : []));
}

function lacksOptions({ kind, options }: Question): boolean {
  return kind === "choice" && options.length === 0;
}
