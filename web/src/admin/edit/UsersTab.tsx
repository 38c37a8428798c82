/** The tab "Users": who takes part, and what each may do. */

import { useSignal } from "@preact/signals";
import { text } from "../../api/http";
import { problemOf } from "../../ui/failure";
import { day } from "../../ui/format";
import { Icon } from "../../ui/Icon";
import { IconButton } from "../../ui/IconButton";
import { change, type Member } from "./api";
import { Confirm } from "./Dialogs";
import type { TabProps } from "./Edit";
import { addressesIn, rightsText } from "./people";
import { users as said } from "./tabwords";

interface Link {
  email: string;
  address: string;
}

export function UsersTab({ studio, setup }: TabProps) {
  const link = useSignal<Link | null>(null);
  const leaving = useSignal<Member | null>(null);
  const editors = setup.members.filter(({ canEdit }) => canEdit).length;

  const setRights = (member: Member) =>
    void studio.act(() =>
      change("AddUser", setup.id, { email: member.email, rights: rightsText(member) }),
    );
  const invite = async ({ email }: Member) => {
    try {
      const reply = await change("InvitePerson", setup.id, { email });
      const address = text(reply.link);
      link.value = address ? { email, address } : null;
      if (!address) studio.say(said.invited(email));
    } catch (error) {
      studio.say(problemOf(error, new Date()).sentence, true);
    }
  };
  return (
    <div class="column">
      <AddPeople studio={studio} setup={setup} />
      {link.value && (
        <section class="banner" data-kind="ok" role="status">
          <Icon name="link" />
          <div class="grow">
            <p>{said.linkFor(link.value.email)}</p>
            <input class="field mono" readOnly value={link.value.address} aria-label={said.copy} />
          </div>
          <button
            type="button"
            class="button"
            onClick={() => {
              const address = link.value?.address ?? "";
              void navigator.clipboard.writeText(address).then(() => studio.say(said.copied));
            }}
          >
            <Icon name="copy" /> {said.copy}
          </button>
        </section>
      )}
      <div class="panel-card table-card">
        <table class="people-table">
          <thead>
            <tr>
              <th>{said.email}</th>
              <th class="switch-cell">{said.score}</th>
              <th class="switch-cell">{said.results}</th>
              <th class="switch-cell">{said.edit}</th>
              <th class="switch-cell">{said.view}</th>
              <th class="number">{said.answers}</th>
              <th>{said.lastSeen}</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {setup.members.map((member) => (
              <Row
                key={member.email}
                member={member}
                isOnlyEditor={member.canEdit && editors === 1}
                onRights={setRights}
                onInvite={() => void invite(member)}
                onRemove={() => {
                  leaving.value = member;
                }}
              />
            ))}
          </tbody>
        </table>
      </div>
      {leaving.value && (
        <Confirm
          title={said.removeTitle(leaving.value.email)}
          text={said.removeText}
          act={said.removeAct}
          onCancel={() => {
            leaving.value = null;
          }}
          onDone={() => {
            const email = leaving.value?.email ?? "";
            leaving.value = null;
            void studio.act(() => change("RemoveUser", setup.id, { email }));
          }}
        />
      )}
    </div>
  );
}

interface RowProps {
  member: Member;
  isOnlyEditor: boolean;
  onRights: (member: Member) => void;
  onInvite: () => void;
  onRemove: () => void;
}

function Row({ member, isOnlyEditor, onRights, onInvite, onRemove }: RowProps) {
  const { email, canScore, canGetResults, canEdit } = member;
  const looksOnly = !canScore && !canGetResults && !canEdit;
  const none = { canScore: false, canGetResults: false, canEdit: false };
  return (
    <tr>
      <td>
        <b>{email}</b>
      </td>
      <Switch
        name={said.switchName(said.score, email)}
        isOn={canScore}
        onSet={(isOn) => onRights({ ...member, canScore: isOn })}
      />
      <Switch
        name={said.switchName(said.results, email)}
        isOn={canGetResults}
        onSet={(isOn) => onRights({ ...member, canGetResults: isOn })}
      />
      <Switch
        name={said.switchName(said.edit, email)}
        isOn={canEdit}
        why={isOnlyEditor ? said.last : ""}
        onSet={(isOn) => onRights({ ...member, canEdit: isOn })}
      />
      <Switch
        name={said.switchName(said.view, email)}
        isOn={looksOnly}
        why={isOnlyEditor ? said.last : ""}
        onSet={(isOn) => onRights({ ...member, ...none, canScore: !isOn })}
      />
      <td class="number">{member.answerCount}</td>
      <td class="aside">
        {member.signedInOn
          ? day(member.signedInOn, new Date())
          : member.hasAccount
            ? said.never
            : said.noAccount}
      </td>
      <td class="row-acts">
        {!member.hasAccount && (
          <button
            type="button"
            class="button small"
            aria-label={said.inviteName(email)}
            onClick={onInvite}
          >
            {said.invite}
          </button>
        )}
        <IconButton
          icon="close"
          name={said.remove(email)}
          disabled={isOnlyEditor}
          onClick={onRemove}
        />
      </td>
    </tr>
  );
}

interface SwitchProps {
  name: string;
  isOn: boolean;
  /** Why it cannot be changed; empty: it can. */
  why?: string;
  onSet: (isOn: boolean) => void;
}

export function Switch({ name, isOn, why = "", onSet }: SwitchProps) {
  return (
    <td class="switch-cell">
      <input
        type="checkbox"
        class="switch"
        aria-label={name}
        title={why || undefined}
        disabled={why !== ""}
        checked={isOn}
        onChange={(event) => onSet(event.currentTarget.checked)}
      />
    </td>
  );
}

function AddPeople({ studio, setup }: TabProps) {
  const pasted = useSignal("");
  const { addresses, wrong } = addressesIn(pasted.value);
  const add = async (event: Event) => {
    event.preventDefault();
    if (wrong || addresses.length === 0) return;
    const known = new Set(setup.members.map(({ email }) => email));
    const fresh = addresses.filter((address) => !known.has(address));
    const isDone = await studio.act(async () => {
      for (const email of fresh) await change("AddUser", setup.id, { email });
    }, said.added(fresh.length));
    if (isDone) pasted.value = "";
  };
  return (
    <form class="panel-card padded add-people" onSubmit={(event) => void add(event)}>
      <h2>{said.add}</h2>
      <p class="hint" id="add-hint">
        {said.addHint}
      </p>
      <textarea
        class="field"
        rows={2}
        aria-label={said.addresses}
        aria-describedby="add-hint add-wrong"
        aria-invalid={wrong !== ""}
        value={pasted.value}
        onInput={(event) => {
          pasted.value = event.currentTarget.value;
        }}
      />
      <p class="wrong" id="add-wrong">
        {wrong && said.noAddress(wrong)}
      </p>
      <button
        type="submit"
        class="button primary"
        disabled={addresses.length === 0 || wrong !== ""}
      >
        {said.addAct(addresses.length)}
      </button>
    </form>
  );
}
