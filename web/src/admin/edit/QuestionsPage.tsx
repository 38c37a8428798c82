/** A scoring sheet without a study, to be tried and shared: its text is in the address, as `f`. */

import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { PageBar } from "../../ui/PageBar";
import { words as common } from "../../ui/words";
import { checkSheet, QuestionDesk } from "./questions/desk";
import { TextKeeper } from "./questions/keepers";
import { QuestionEditor } from "./questions/QuestionEditor";
import { words } from "./questions/words";
import { type Notice, Said } from "./Said";

export function QuestionsPage() {
  const notice = useSignal<Notice | null>(null);
  const keeper = useMemo(() => new TextKeeper(), []);
  const desk = useMemo(
    () =>
      new QuestionDesk(keeper, (text, isBad = false) => {
        notice.value = { text, isBad };
      }),
    [keeper, notice],
  );
  /** Null: not read yet; else the text that cannot be read, or nothing. */
  const broken = useSignal<string | undefined | null>(null);

  useEffect(() => {
    document.title = common.title(words.page);
    const given = new URLSearchParams(location.search).get("f") ?? "";
    const read = async () => {
      const { mistakes } = await checkSheet(given).catch(() => ({ mistakes: [given] }));
      if (mistakes.length === 0) await keeper.replace(given);
      broken.value = mistakes.length > 0 ? given : undefined;
    };
    void read();
  }, [keeper]);
  const text = keeper.text.value;
  useEffect(() => {
    if (typeof broken.value === "string" || broken.value === null) return;
    const address = new URL(location.href);
    address.searchParams.set("f", text);
    history.replaceState(null, "", address);
  }, [text]);

  return (
    <>
      <PageBar crumbs={[{ name: words.page, address: null }]} />
      <main class="study-body questions">
        <h1 class="for-readers">{words.page}</h1>
        {broken.value === null ? (
          <p class="waiting">{words.loading}</p>
        ) : (
          <QuestionEditor
            desk={desk}
            {...(broken.value === undefined ? {} : { broken: broken.value })}
          />
        )}
      </main>
      <Said notice={notice} />
    </>
  );
}
