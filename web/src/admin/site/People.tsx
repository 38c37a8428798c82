/** Accounts: invited, given new passwords, closed and opened. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type Problem, problemOf } from "../../ui/failure";
import { day } from "../../ui/format";
import { Icon } from "../../ui/Icon";
import { person } from "../../ui/person";
import {
  type Account,
  changePerson,
  type Invitation,
  invite,
  listPeople,
  resetPassword,
} from "./api";
import { Secret } from "./Secret";
import { Trouble } from "./Trouble";
import { words } from "./words";

export function People() {
  const said = words.people;
  const people = useSignal<Account[] | null>(null);
  const problem = useSignal<Problem | null>(null);
  const made = useSignal<Invitation | null>(null);
  const query = useSignal("");

  const attempt = async (deed: () => Promise<Invitation | undefined>) => {
    problem.value = null;
    try {
      const link = await deed();
      if (link) made.value = link;
      people.value = await listPeople();
    } catch (error) {
      problem.value = problemOf(error, new Date());
    }
  };
  useEffect(() => void attempt(async () => undefined), []);

  const needle = query.value.trim().toLowerCase();
  const found = (people.value ?? []).filter((one) =>
    `${one.email} ${one.name}`.toLowerCase().includes(needle),
  );
  return (
    <>
      <div class="heading">
        <h1>{said.title}</h1>
      </div>
      <p class="about">{said.about}</p>
      <form
        class="invite"
        onSubmit={(event) => {
          event.preventDefault();
          const form = event.currentTarget;
          const email = String(new FormData(form).get("email"));
          void attempt(() => invite(email)).then(() => form.reset());
        }}
      >
        <input
          class="field"
          name="email"
          type="email"
          required
          placeholder={said.email}
          aria-label={said.email}
        />
        <button type="submit" class="button primary">
          {said.invite}
        </button>
        <input
          class="field find"
          type="search"
          placeholder={said.find}
          aria-label={said.find}
          value={query.value}
          onInput={(event) => {
            query.value = event.currentTarget.value;
          }}
        />
      </form>
      <Trouble problem={problem.value} />
      {made.value &&
        (made.value.link ? (
          <Secret
            text={made.value.link}
            note={said.linkFor(made.value.email)}
            onKept={() => {
              made.value = null;
            }}
          />
        ) : (
          <p class="said" role="status">
            {said.invited(made.value.email)}
          </p>
        ))}
      {people.value && found.length === 0 && <p class="none">{said.none(query.value)}</p>}
      {found.length > 0 && <Table people={found} attempt={attempt} />}
    </>
  );
}

interface TableProps {
  people: Account[];
  attempt: (deed: () => Promise<Invitation | undefined>) => Promise<void>;
}

function Table({ people, attempt }: TableProps) {
  const said = words.people;
  const now = new Date();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section class="panel-card table" aria-label={said.title} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th>{said.columns.email}</th>
            <th>{said.columns.state}</th>
            <th class="number">{said.columns.studies}</th>
            <th>{said.columns.seen}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {people.map((one) => (
            <tr key={one.email} data-off={!one.isActive}>
              <th scope="row">
                {one.email}
                {one.name && <span class="second">{one.name}</span>}
              </th>
              <td>
                {stateOf(one)}
                {one.isAdmin && <span class="tag">{said.administrator}</span>}
              </td>
              <td class="number">{one.studyCount}</td>
              <td>{one.signedInOn ? day(one.signedInOn, now) : said.never}</td>
              <td class="acts">
                <Acts one={one} attempt={attempt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function stateOf(one: Account): string {
  const said = words.people.states;
  if (!one.isActive) return said.closed;
  return one.hasPassword ? said.open : said.invited;
}

function Acts({ one, attempt }: { one: Account; attempt: TableProps["attempt"] }) {
  const said = words.people;
  const id = `acts-${one.email.replace(/[^a-z0-9]/gi, "-")}`;
  const change = (form: Record<string, string>) => () =>
    void attempt(async () => {
      await changePerson(one.email, form);
      return undefined;
    });
  const isSelf = one.email === person.email;
  return (
    <>
      <button
        type="button"
        class="button quiet square"
        popovertarget={id}
        aria-label={said.menu(one.email)}
        title={said.menu(one.email)}
      >
        <Icon name="more" />
      </button>
      <div id={id} class="row-menu" popover="auto">
        <button
          type="button"
          class="button quiet"
          onClick={() =>
            void attempt(() => (one.hasPassword ? resetPassword(one.email) : invite(one.email)))
          }
        >
          {one.hasPassword ? said.acts.reset : said.acts.invite}
        </button>
        {!isSelf && (
          <>
            <button
              type="button"
              class="button quiet"
              onClick={change({ isAdmin: String(!one.isAdmin) })}
            >
              {one.isAdmin ? said.acts.notAdmin : said.acts.admin}
            </button>
            <button
              type="button"
              class="button quiet"
              onClick={change({ isActive: String(!one.isActive) })}
            >
              {one.isActive ? said.acts.close : said.acts.open}
            </button>
          </>
        )}
      </div>
    </>
  );
}
