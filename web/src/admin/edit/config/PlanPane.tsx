/** What Reimport will do, as a difference; then its log. */

import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { isObject, post, text } from "../../../api/http";
import { problemOf } from "../../../ui/failure";
import { Icon } from "../../../ui/Icon";
import type { Studio } from "../studio";
import { type ConfigFiles, isUnsaved } from "./files";
import {
  type Change,
  idOf,
  isDone,
  overwriteOf,
  type Plan,
  type Property,
  planOf,
  reasonsOf,
  type ThingId,
} from "./plan";
import { words } from "./words";

interface Props {
  studio: Studio;
  files: ConfigFiles;
}

export function PlanPane({ studio, files }: Props) {
  const plan = useSignal<Plan | null>(null);
  const stopped = useSignal("");
  /** Things changed by hand in which the files win; all others stay as somebody made them. */
  const givenUp = useSignal<ReadonlySet<ThingId>>(new Set());
  const ignores = useSignal(false);
  const log = useSignal("");
  const isBusy = useSignal(false);
  const options = () => ({
    studyName: files.studyName,
    keepChangesByHand: "true",
    overwrite: overwriteOf(givenUp.value),
    ignoreImageErrors: String(ignores.value),
  });

  const compare = async () => {
    stopped.value = "";
    try {
      const reply = await post("Reimport", { ...options(), dryRun: "true" });
      plan.value = planOf(isObject(reply) ? reply : {});
    } catch (error) {
      plan.value = null;
      stopped.value = problemOf(error, new Date()).sentence;
    }
  };
  useEffect(() => {
    if (files.edition.value > 0) void compare();
  }, [files.edition.value, givenUp.value, ignores.value]);

  const reimport = async () => {
    isBusy.value = true;
    try {
      const reply = await post("Reimport", options());
      log.value = isObject(reply) ? text(reply.log) : "";
      studio.say(words.done);
      givenUp.value = new Set();
      await studio.load();
      await files.load();
    } catch (error) {
      studio.say(problemOf(error, new Date()).sentence, true);
      await compare();
    }
    isBusy.value = false;
  };
  const unsaved = (files.all.value ?? []).filter(isUnsaved).map(({ name }) => name);
  const hasNoFiles =
    files.all.value?.every(({ stored }) => stored === null) && stopped.value !== "";
  return (
    <aside class="plan-pane" aria-label={words.plan}>
      <header class="pane-head">
        <h2>{words.plan}</h2>
        <button type="button" class="button small quiet" onClick={() => void compare()}>
          {words.again}
        </button>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section class="plan-body" aria-label={words.changes} tabIndex={0}>
        {unsaved.length > 0 && (
          <p class="banner" data-kind="warn">
            <Icon name="draft" />
            <span>{words.unsavedFiles(unsaved.join(", "))}</span>
          </p>
        )}
        {hasNoFiles ? (
          <section class="empty">
            <Icon name="folder" />
            <p>{words.noFiles}</p>
          </section>
        ) : stopped.value ? (
          <Stopped reason={stopped.value} />
        ) : plan.value ? (
          <PlanView plan={plan.value} givenUp={givenUp} />
        ) : (
          <p class="empty-line">{words.planLoading}</p>
        )}
        {log.value && (
          <section class="log">
            <h3>{words.log}</h3>
            <pre>{log.value}</pre>
          </section>
        )}
      </section>
      <footer class="plan-foot">
        <label class="check">
          <input
            type="checkbox"
            checked={ignores.value}
            onChange={(event) => {
              ignores.value = event.currentTarget.checked;
            }}
          />
          {words.ignore}
        </label>
        <button
          type="button"
          class="button primary"
          disabled={!plan.value || isBusy.value}
          aria-busy={isBusy.value}
          onClick={() => void reimport()}
        >
          {isBusy.value ? words.running : words.reimport(deedsOf(plan.value))}
        </button>
      </footer>
    </aside>
  );
}

function Stopped({ reason }: { reason: string }) {
  const { lines, isUnreadable } = reasonsOf(reason);
  return (
    <div class="banner" data-kind="bad">
      <Icon name="warning" />
      <div>
        <b>{words.stopped}</b>
        {lines.map((line) => (
          <p key={line}>{line}</p>
        ))}
        {isUnreadable && <p>{words.unreadable}</p>}
      </div>
    </div>
  );
}

function deedsOf(plan: Plan | null): number {
  return plan ? plan.groups.flatMap(({ changes }) => changes.filter(isDone)).length : 0;
}

interface ViewProps {
  plan: Plan;
  givenUp: Signal<ReadonlySet<ThingId>>;
}

function PlanView({ plan, givenUp }: ViewProps) {
  const { counts } = plan;
  const isEmpty = plan.groups.length === 0;
  return (
    <>
      <p class="plan-counts">
        <span class="tag" data-state="ok">
          {words.added(counts["+"])}
        </span>
        <span class="tag" data-state="warn">
          {words.changed(counts["~"])}
        </span>
        {counts["!"] > 0 && (
          <span class="tag" data-state="bad">
            {words.decide(counts["!"])}
          </span>
        )}
        <span class="aside">{words.never}</span>
      </p>
      {counts["!"] > 0 && <AllByHand plan={plan} givenUp={givenUp} />}
      {isEmpty && <p class="empty-line">{words.nothing}</p>}
      {plan.warnings.map((warning) => (
        <p key={warning} class="banner" data-kind="warn">
          <Icon name="warning" /> <span>{warning.slice(2)}</span>
        </p>
      ))}
      {plan.groups.map(({ kind, changes }) => (
        <section key={kind} class="plan-group">
          <h3>{words.kinds[kind] ?? kind}</h3>
          <ul>
            {changes.map((change) => (
              <Line key={change.key} change={change} givenUp={givenUp} />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

/** What somebody changed by hand, kept or given up all at once. */
function AllByHand({ plan, givenUp }: ViewProps) {
  const byHand = plan.groups.flatMap(({ changes }) => changes.filter(({ sign }) => sign === "!"));
  return (
    <p class="by-hand">
      <span>{words.byHand(byHand.length)}</span>
      <button
        type="button"
        class="button small"
        disabled={givenUp.value.size === 0}
        onClick={() => {
          givenUp.value = new Set();
        }}
      >
        {words.keepAll}
      </button>
      <button
        type="button"
        class="button small"
        disabled={byHand.every((change) => givenUp.value.has(idOf(change)))}
        onClick={() => {
          givenUp.value = new Set(byHand.map(idOf));
        }}
      >
        {words.overwriteAll}
      </button>
    </p>
  );
}

const NAMES = { "+": "added", "~": "changed", "!": "changed by hand", "=": "stays" } as const;

function Line({ change, givenUp }: { change: Change; givenUp: ViewProps["givenUp"] }) {
  const { sign, key, properties } = change;
  return (
    <li>
      <span class="sign" data-sign={sign} role="img" aria-label={NAMES[sign]}>
        {sign}
      </span>
      <div>
        <b>{key || words.all}</b>
        {properties.map((property) => (
          <Detail key={property.name} property={property} />
        ))}
        {sign === "!" && <Choice change={change} givenUp={givenUp} />}
      </div>
    </li>
  );
}

function Choice({ change, givenUp }: { change: Change; givenUp: ViewProps["givenUp"] }) {
  const id = idOf(change);
  const isGivenUp = givenUp.value.has(id);
  const choose = (wanted: boolean) => {
    const next = new Set(givenUp.value);
    if (wanted) next.add(id);
    else next.delete(id);
    givenUp.value = next;
  };
  return (
    <fieldset class="keep-or-not">
      <legend class="for-readers">{change.key || words.all}</legend>
      {[false, true].map((wanted) => (
        <label key={String(wanted)}>
          <input
            type="radio"
            name={`keep ${id}`}
            checked={isGivenUp === wanted}
            onChange={() => choose(wanted)}
          />
          {wanted ? words.overwrite : words.keep}
        </label>
      ))}
    </fieldset>
  );
}

function Detail({ property }: { property: Property }) {
  const { name, now, files, outcome } = property;
  const why = { kept: words.kept, overwritten: words.overwritten, untouched: words.untouched }[
    outcome
  ];
  return (
    <p class="detail">
      {name && (
        <>
          {name}:{" "}
          {outcome === "applied" || outcome === "overwritten" ? (
            <del>{now || words.nothingValue}</del>
          ) : (
            now || words.nothingValue
          )}
          {files && ` → ${files}`}
        </>
      )}
      {why && <span class="why">{why}</span>}
    </p>
  );
}
