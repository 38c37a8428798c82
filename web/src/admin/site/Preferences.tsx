/** One's own choices: how pages look, how scoring goes on, the keyboard, password and sessions. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type Problem, problemOf } from "../../ui/failure";
import { day } from "../../ui/format";
import { person } from "../../ui/person";
import { chooseTheme, THEMES, theme } from "../../ui/theme";
import { words as common } from "../../ui/words";
import { KeyTable } from "../../viewer/KeyTable";
import { type Choice, readChoices, writeChoices } from "../../viewer/preferences";
import { changePassword, listSessions, type OwnSession, signOutElsewhere } from "./api";
import { Trouble } from "./Trouble";
import { words } from "./words";

const said = words.preferences;

export function Preferences() {
  return (
    <>
      <div class="heading">
        <h1>{said.title}</h1>
      </div>
      <p class="about">{person.email}</p>
      <div class="preferences">
        <Look />
        <Scoring />
        <Password />
        <Sessions />
      </div>
      <section class="panel-card padded keys-card" aria-labelledby="keys-title">
        <h2 id="keys-title">{said.keyboard}</h2>
        <p class="hint">{common.keys.note}</p>
        <KeyTable />
      </section>
    </>
  );
}

function Look() {
  const chosen = useSignal(theme());
  return (
    <section class="panel-card padded" aria-labelledby="look-title">
      <h2 id="look-title">{said.look}</h2>
      <p class="hint">{said.lookHint}</p>
      <fieldset class="segmented">
        <legend class="for-readers">{said.look}</legend>
        {THEMES.map((one) => (
          <label key={one}>
            <input
              type="radio"
              name="theme"
              checked={chosen.value === one}
              onChange={() => {
                chosen.value = one;
                chooseTheme(one);
              }}
            />
            <span>{said.themes[one]}</span>
          </label>
        ))}
      </fieldset>
    </section>
  );
}

const CHOICES: readonly Choice[] = ["goesOnCore", "goesOnSlide", "panel", "strip"];

function Scoring() {
  const chosen = useSignal(readChoices());
  return (
    <section class="panel-card padded" aria-labelledby="scoring-title">
      <h2 id="scoring-title">{said.scoring}</h2>
      <p class="hint">{said.scoringHint}</p>
      {CHOICES.map((choice) => (
        <label key={choice} class="tick">
          <input
            type="checkbox"
            checked={chosen.value[choice]}
            onChange={({ currentTarget }) => {
              chosen.value = { ...chosen.value, [choice]: currentTarget.checked };
              writeChoices(chosen.value);
            }}
          />
          {said.choices[choice]}
        </label>
      ))}
    </section>
  );
}

function Password() {
  const problem = useSignal<Problem | null>(null);
  const isDone = useSignal(false);
  const change = async (form: HTMLFormElement) => {
    const given = new FormData(form);
    problem.value = null;
    isDone.value = false;
    try {
      await changePassword(String(given.get("password")), String(given.get("newPassword")));
      isDone.value = true;
      form.reset();
    } catch (error) {
      problem.value = problemOf(error, new Date());
    }
  };
  return (
    <section class="panel-card padded" aria-labelledby="password-title">
      <h2 id="password-title">{said.password}</h2>
      <p class="hint">{said.passwordHint}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void change(event.currentTarget);
        }}
      >
        <input type="text" autocomplete="username" value={person.email} hidden />
        <label>
          {said.current}
          <input
            class="field"
            type="password"
            name="password"
            autocomplete="current-password"
            maxLength={256}
            required
          />
        </label>
        <label>
          {said.next}
          <input
            class="field"
            type="password"
            name="newPassword"
            autocomplete="new-password"
            minLength={8}
            maxLength={256}
            required
          />
        </label>
        <Trouble problem={problem.value} />
        <p class="said" role="status">
          {isDone.value ? said.changed : ""}
        </p>
        <button type="submit" class="button">
          {said.change}
        </button>
      </form>
    </section>
  );
}

/** The newest sessions, of which this one is nearly always one. */
const SHOWN = 4;

function Sessions() {
  const sessions = useSignal<readonly OwnSession[]>([]);
  const problem = useSignal<Problem | null>(null);
  const run = async (deed: () => Promise<void>) => {
    problem.value = null;
    try {
      await deed();
      sessions.value = await listSessions();
    } catch (error) {
      problem.value = problemOf(error, new Date());
    }
  };
  useEffect(() => void run(async () => undefined), []);
  const now = new Date();
  return (
    <section class="panel-card padded" aria-labelledby="sessions-title">
      <h2 id="sessions-title">{said.sessions}</h2>
      <p class="hint">{said.sessionsHint}</p>
      <ul class="own-sessions">
        {sessions.value.slice(0, SHOWN).map(({ startedOn, expiresOn, isThis }) => (
          <li key={`${startedOn?.getTime()}-${expiresOn?.getTime()}`}>
            <span>{startedOn ? said.since(day(startedOn, now)) : ""}</span>
            {isThis && <span class="tag">{said.here}</span>}
          </li>
        ))}
      </ul>
      {sessions.value.length > SHOWN && (
        <p class="hint">{said.more(sessions.value.length - SHOWN)}</p>
      )}
      <Trouble problem={problem.value} />
      <button
        type="button"
        class="button"
        disabled={sessions.value.length < 2}
        onClick={() => void run(signOutElsewhere)}
      >
        {said.elsewhere}
      </button>
    </section>
  );
}
