/** The whole sheet as the text of a `.scores` file, which can be changed and taken over at once. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { problemOf } from "../../../ui/failure";
import { checkSheet, type QuestionDesk } from "./desk";
import { type Draft, isSameDraft, type Row, textOf } from "./draft";
import { words } from "./words";

const CHECK_MS = 250;

interface Props {
  desk: QuestionDesk;
  /** Text to begin with, where it is not the sheet's. */
  start?: string;
  onDone: () => void;
}

export function SheetText({ desk, start, onDone }: Props) {
  const rows = desk.keeper.rows.value;
  const content = useSignal(start ?? textOf(rows));
  const mistakes = useSignal<readonly string[]>([]);
  const drafts = useSignal<readonly Draft[] | null>(null);

  useEffect(() => {
    const wanted = content.value;
    drafts.value = null;
    const timer = setTimeout(async () => {
      try {
        const checked = await checkSheet(wanted);
        if (wanted !== content.value) return;
        mistakes.value = checked.mistakes.map(({ line, message }) => words.mistake(line, message));
        drafts.value = checked.mistakes.length === 0 ? checked.drafts : null;
      } catch (error) {
        mistakes.value = [problemOf(error, new Date()).sentence];
      }
    }, CHECK_MS);
    return () => clearTimeout(timer);
  }, [content.value]);

  const apply = async () => {
    if (!(await desk.replace(content.value))) return;
    desk.say(words.applied);
    onDone();
  };
  const change = drafts.value && changeOf(rows, drafts.value);
  return (
    <section class="question-form sheet-text" aria-labelledby="sheet-text-title">
      <header class="form-head">
        <h2 id="sheet-text-title">{words.text}</h2>
        <span class="form-state">{change && summaryOf(change)}</span>
        <button
          type="button"
          class="button small primary"
          disabled={!change || change.isSame}
          onClick={() => void apply()}
        >
          {words.apply}
        </button>
      </header>
      <p class="hint" id="sheet-hint">
        {words.textHint}
      </p>
      <textarea
        class="field mono"
        rows={Math.max(10, content.value.split("\n").length + 1)}
        wrap="off"
        spellcheck={false}
        aria-labelledby="sheet-text-title"
        aria-describedby="sheet-hint sheet-mistakes"
        aria-invalid={mistakes.value.length > 0}
        value={content.value}
        onInput={(event) => {
          content.value = event.currentTarget.value;
        }}
      />
      <ul class="wrong" id="sheet-mistakes">
        {mistakes.value.map((mistake) => (
          <li key={mistake}>{mistake}</li>
        ))}
        {change && change.gone.length > 0 && <li>{words.gone(change.gone)}</li>}
      </ul>
    </section>
  );
}

interface Change {
  added: number;
  changed: number;
  gone: string[];
  isSame: boolean;
}

function changeOf(rows: readonly Row[], drafts: readonly Draft[]): Change {
  const known = new Map(rows.map(({ draft }) => [draft.name, draft]));
  const named = new Set(drafts.map(({ name }) => name));
  const kept = drafts.flatMap((draft) => {
    const before = known.get(draft.name);
    return before ? [{ before, draft }] : [];
  });
  const isSame =
    rows.length === drafts.length &&
    rows.every(({ draft }, index) => isSameDraft(draft, drafts[index] ?? draft));
  return {
    added: drafts.length - kept.length,
    changed: kept.filter(({ before, draft }) => !isSameDraft(before, draft)).length,
    gone: [...known.keys()].filter((name) => !named.has(name)),
    isSame,
  };
}

function summaryOf({ added, changed, gone, isSame }: Change): string {
  if (isSame) return words.same;
  return added + changed === 0 && gone.length > 0 ? "" : words.summary(added, changed);
}
