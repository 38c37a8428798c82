/** A scoring sheet without a study, to be tried and shared: its text is in the address, as `f`. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { isObject, objects, post, text } from "../../api/http";
import { parseQuestions, type Question } from "../../scoring/questions";
import { problemOf } from "../../ui/failure";
import { Icon } from "../../ui/Icon";
import { PageBar } from "../../ui/PageBar";
import { words as common } from "../../ui/words";
import { sheet as said } from "./tabwords";

const CHECK_MS = 250;

export function QuestionsPage() {
  const content = useSignal(new URLSearchParams(location.search).get("f") ?? "");
  const mistakes = useSignal<readonly string[]>([]);
  const asked = useSignal<readonly Question[]>([]);
  const notice = useSignal("");

  const check = async (wanted: string) => {
    try {
      const reply = await post("CheckConfigFile", { fileName: ".scores", text: wanted });
      if (wanted !== content.value || !isObject(reply)) return;
      mistakes.value = objects(reply.mistakes).map((entry) =>
        said.mistake(Number(entry.line), text(entry.message)),
      );
      asked.value = parseQuestions(reply.questions);
    } catch (error) {
      mistakes.value = [problemOf(error, new Date()).sentence];
    }
  };
  useEffect(() => {
    document.title = common.title(said.title);
    const address = new URL(location.href);
    address.searchParams.set("f", content.value);
    history.replaceState(null, "", address);
    const timer = setTimeout(() => void check(content.value), CHECK_MS);
    return () => clearTimeout(timer);
  }, [content.value]);
  const share = () =>
    navigator.clipboard.writeText(location.href).then(() => {
      notice.value = said.shared;
    });
  return (
    <>
      <PageBar crumbs={[{ name: said.title, address: null }]} />
      <main class="column">
        <section class="panel-card padded add-people">
          <h1>{said.title}</h1>
          <p class="hint" id="sheet-hint">
            {said.hint}
          </p>
          <textarea
            class="field mono"
            rows={10}
            wrap="off"
            spellcheck={false}
            aria-label={said.text}
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
          </ul>
          <button type="button" class="button" onClick={() => void share()}>
            <Icon name="link" /> {said.share}
          </button>
          <span role="status">{notice}</span>
        </section>
        <section class="panel-card padded">
          <h2>{said.asked(asked.value.length)}</h2>
          <ol class="people-list">
            {asked.value.map((question) => (
              <li key={question.id}>
                <span>
                  {question.name}
                  {question.isMandatory && ` · ${said.mandatory}`}
                </span>
                <span class="aside">
                  {question.typeName} {question.options.join(", ")}
                </span>
              </li>
            ))}
          </ol>
        </section>
      </main>
    </>
  );
}
