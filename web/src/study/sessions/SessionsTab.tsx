/** The tab "Sessions": who looked at which slide, and of the chosen session where and how. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { problemOf } from "../../ui/failure";
import { day } from "../../ui/format";
import { Icon } from "../../ui/Icon";
import { listSessions, type Session } from "./api";
import { Watched } from "./Watched";
import { words } from "./words";

interface Props {
  studyId: number;
  /** Names by slide. */
  slides: ReadonlyMap<number, string>;
  onTrouble: (sentence: string) => void;
}

export function SessionsTab({ studyId, slides, onTrouble }: Props) {
  const sessions = useSignal<readonly Session[] | null>(null);
  const who = useSignal("");
  const chosen = useSignal<Session | null>(null);
  useEffect(() => {
    listSessions(studyId).then(
      (found) => {
        sessions.value = found;
        chosen.value = found[0] ?? null;
      },
      (error: unknown) => onTrouble(problemOf(error, new Date()).sentence),
    );
  }, [studyId]);
  const all = sessions.value;
  if (!all) return <p class="empty-line">{words.loading}</p>;
  if (all.length === 0) return <Nothing />;
  const found = all.filter(({ email }) => who.value === "" || email === who.value);
  const nameOf = ({ slideId }: Session) => slides.get(slideId) ?? words.gone;
  return (
    <div class="sessions-page">
      <section class="panel-card" aria-labelledby="sessions-title">
        <header class="card-head">
          <h2 id="sessions-title">{words.title}</h2>
          <span class="aside">{words.count(found.length)}</span>
          <label class="right tick-line">
            {words.who}
            <select
              class="field"
              value={who.value}
              onChange={({ currentTarget }) => {
                who.value = currentTarget.value;
              }}
            >
              <option value="">{words.everyone}</option>
              {[...new Set(all.map(({ email }) => email))].sort().map((email) => (
                <option key={email}>{email}</option>
              ))}
            </select>
          </label>
        </header>
        <Table sessions={found} nameOf={nameOf} chosen={chosen} />
      </section>
      {chosen.value && (
        <Watched
          key={chosen.value.id}
          studyId={studyId}
          session={chosen.value}
          slideName={nameOf(chosen.value)}
        />
      )}
    </div>
  );
}

interface TableProps {
  sessions: readonly Session[];
  nameOf: (session: Session) => string;
  chosen: { value: Session | null };
}

function Table({ sessions, nameOf, chosen }: TableProps) {
  const now = new Date();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section class="wide-table session-list" aria-label={words.list} tabIndex={0}>
      <table class="progress-table">
        <thead>
          <tr>
            <th>{words.slide}</th>
            <th>{words.who}</th>
            <th>{words.when}</th>
            <th class="number">{words.length}</th>
          </tr>
        </thead>
        <tbody>
          {sessions.map((session) => (
            <tr key={session.id} aria-current={session === chosen.value ? "true" : undefined}>
              <th scope="row">
                <button
                  type="button"
                  class="row-button clip"
                  aria-label={words.choose(session.email, nameOf(session))}
                  onClick={() => {
                    chosen.value = session;
                  }}
                >
                  {nameOf(session)}
                </button>
              </th>
              <td class="clip">{session.email}</td>
              <td>{session.on ? day(session.on, now) : ""}</td>
              <td class="number">{words.minutes(session.seconds)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Nothing() {
  return (
    <section class="empty panel-card agreement-empty">
      <Icon name="clock" />
      <h2>{words.none}</h2>
      <p>{words.noneMore}</p>
    </section>
  );
}
