/** API tokens: made, shown once, listed and revoked. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type Problem, problemOf } from "../../ui/failure";
import { day } from "../../ui/format";
import { Icon } from "../../ui/Icon";
import { person } from "../../ui/person";
import { Ask } from "./Ask";
import { listTokens, revokeToken, type Token } from "./api";
import { NewToken } from "./NewToken";
import { Secret } from "./Secret";
import { Trouble } from "./Trouble";
import { words } from "./words";

export function Tokens({ startsNew }: { startsNew: boolean }) {
  const said = words.tokens;
  const tokens = useSignal<Token[] | null>(null);
  const problem = useSignal<Problem | null>(null);
  const isMaking = useSignal(startsNew);
  const secret = useSignal("");
  const leaving = useSignal<Token | null>(null);

  const load = async () => {
    try {
      tokens.value = await listTokens();
    } catch (error) {
      problem.value = problemOf(error, new Date());
    }
  };
  useEffect(() => void load(), []);

  const revoke = async (token: Token) => {
    leaving.value = null;
    try {
      await revokeToken(token.id);
      await load();
    } catch (error) {
      problem.value = problemOf(error, new Date());
    }
  };

  return (
    <>
      <div class="heading">
        <h1>{said.title}</h1>
        {!isMaking.value && (
          <button
            type="button"
            class="button primary"
            onClick={() => {
              isMaking.value = true;
              secret.value = "";
            }}
          >
            <Icon name="plus" /> {said.make}
          </button>
        )}
      </div>
      <p class="about">{said.about}</p>
      <Trouble problem={problem.value} />
      {secret.value && (
        <Secret
          text={secret.value}
          note={said.shown}
          onKept={() => {
            secret.value = "";
          }}
        />
      )}
      {isMaking.value && (
        <NewToken
          onMade={(made) => {
            isMaking.value = false;
            secret.value = made;
            void load();
          }}
          onCancel={() => {
            isMaking.value = false;
          }}
        />
      )}
      {tokens.value?.length === 0 && !isMaking.value && <p class="none">{said.none}</p>}
      {tokens.value !== null && tokens.value.length > 0 && (
        <Table
          tokens={tokens.value}
          onRevoke={(token) => {
            leaving.value = token;
          }}
        />
      )}
      {leaving.value && (
        <Ask
          title={said.revokeTitle(leaving.value.name)}
          more={said.revokeMore}
          safe={said.keep}
          act={said.revoke}
          onSafe={() => {
            leaving.value = null;
          }}
          onAct={() => leaving.value && void revoke(leaving.value)}
        />
      )}
    </>
  );
}

function Table({ tokens, onRevoke }: { tokens: Token[]; onRevoke: (token: Token) => void }) {
  const said = words.tokens;
  const now = new Date();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section class="panel-card table" aria-label={said.title} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th>{said.columns.name}</th>
            {person.isAdmin && <th>{said.columns.owner}</th>}
            <th>{said.columns.rights}</th>
            <th>{said.columns.used}</th>
            <th>{said.columns.ends}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {tokens.map((token) => (
            <Row key={token.id} token={token} now={now} onRevoke={onRevoke} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface RowProps {
  token: Token;
  now: Date;
  onRevoke: (token: Token) => void;
}

function Row({ token, now, onRevoke }: RowProps) {
  const said = words.tokens;
  const isOver = token.isRevoked || (token.expiresOn !== null && token.expiresOn <= now);
  return (
    <tr data-off={isOver}>
      <th scope="row">{token.name}</th>
      {person.isAdmin && <td>{token.owner || said.commandLine}</td>}
      <td title={token.rights.map((right) => words.rights[right] ?? right).join("\n")}>
        {summary(token)}
      </td>
      <td>{token.lastUsedOn ? day(token.lastUsedOn, now) : said.never}</td>
      <td>{endOf(token, now)}</td>
      <td class="acts">
        {!isOver && (
          <button type="button" class="button small" onClick={() => onRevoke(token)}>
            {said.revoke}
          </button>
        )}
      </td>
    </tr>
  );
}

function endOf(token: Token, now: Date): string {
  const said = words.tokens;
  if (token.isRevoked) return said.state.revoked;
  if (token.expiresOn === null) return said.never;
  return token.expiresOn <= now ? said.state.expired : day(token.expiresOn, now);
}

function summary(token: Token): string {
  const said = words.tokens;
  const isAll = token.rights.length === Object.keys(words.rights).length;
  const may = isAll
    ? said.all
    : token.rights.length > 3
      ? said.count(token.rights.length)
      : token.rights.join(", ");
  return token.limits.length > 0 ? `${may} ${said.limitedTo(token.limits.join(", "))}` : may;
}
