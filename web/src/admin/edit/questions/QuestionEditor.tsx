/** The editor of a sheet: questions at the left, the form of one, and the sheet as readers see it. */

import { useSignal } from "@preact/signals";
import { root } from "../../../api/http";
import { Icon } from "../../../ui/Icon";
import type { QuestionDesk } from "./desk";
import { textOf } from "./draft";
import { Preview } from "./Preview";
import { QuestionForm } from "./QuestionForm";
import { QuestionList } from "./QuestionList";
import { SheetText } from "./SheetText";
import { words } from "./words";

interface Props {
  desk: QuestionDesk;
  /** A text with mistakes, which no form can show. */
  broken?: string;
}

export function QuestionEditor({ desk, broken }: Props) {
  const start = useSignal(broken);
  const showsText = useSignal(broken !== undefined);
  const row = desk.row.value;
  const toForm = () => {
    start.value = undefined;
    showsText.value = false;
  };
  return (
    <div class="question-editor">
      <nav class="question-pane" aria-label={words.title}>
        <header>
          <h2>{words.title}</h2>
          <span class="aside">{words.count(desk.keeper.rows.value.length)}</span>
          <button
            type="button"
            class="button small"
            onClick={() => {
              toForm();
              desk.begin();
            }}
          >
            <Icon name="plus" small /> {words.add}
          </button>
        </header>
        <QuestionList desk={desk} />
        <Foot
          desk={desk}
          showsText={showsText.value}
          onText={() => {
            if (showsText.value) toForm();
            else showsText.value = true;
          }}
        />
      </nav>
      {showsText.value ? (
        <SheetText
          desk={desk}
          onDone={toForm}
          {...(start.value === undefined ? {} : { start: start.value })}
        />
      ) : row ? (
        <QuestionForm key={desk.edition.value} desk={desk} row={row} />
      ) : (
        <Starts
          desk={desk}
          onPaste={() => {
            showsText.value = true;
          }}
        />
      )}
      <Preview desk={desk} />
    </div>
  );
}

interface FootProps {
  desk: QuestionDesk;
  showsText: boolean;
  onText: () => void;
}

function Foot({ desk, showsText, onText }: FootProps) {
  const link = () => {
    const sheet = encodeURIComponent(textOf(desk.keeper.rows.value));
    return `${location.origin}${root}/Questions/Edit?f=${sheet}`;
  };
  const share = () =>
    navigator.clipboard.writeText(link()).then(
      () => desk.say(words.shared),
      () => open(link(), "_blank", "noopener"),
    );
  return (
    <footer>
      {desk.keeper.rows.value.length > 1 && (
        <p class="hint">
          <kbd>Alt ↑</kbd> <kbd>Alt ↓</kbd> {words.moveKeys}
        </p>
      )}
      <button type="button" class="button small" onClick={onText}>
        {showsText ? words.showForm : words.showText}
      </button>
      <button type="button" class="button small" onClick={() => void share()}>
        <Icon name="link" small /> {words.share}
      </button>
      <a class="button small quiet" href={link()} target="_blank" rel="noopener">
        {words.openShared}
      </a>
    </footer>
  );
}

/** A sheet without questions: what most begin with. */
function Starts({ desk, onPaste }: { desk: QuestionDesk; onPaste: () => void }) {
  return (
    <section class="question-form starts" aria-labelledby="starts-title">
      <h2 id="starts-title">{words.start}</h2>
      <p class="start-acts">
        {words.starts.map(({ name, text }) => (
          <button key={name} type="button" class="button" onClick={() => void desk.replace(text)}>
            {name}
          </button>
        ))}
        <button type="button" class="button" onClick={onPaste}>
          {words.paste}
        </button>
      </p>
    </section>
  );
}
