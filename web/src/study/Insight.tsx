/** How well readers agree, for those who get results; its code comes when it is asked for. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { AgreementTab } from "./agreement/AgreementTab";
import type { Known } from "./Study";
import { words } from "./words";

export function Insight({ known }: { known: Known }) {
  const tab = useSignal<{ Body: typeof AgreementTab } | null>(null);
  const trouble = useSignal("");
  useEffect(() => {
    import("./agreement/page").then(
      (found) => {
        tab.value = { Body: found.AgreementTab };
      },
      () => {
        trouble.value = words.incomplete;
      },
    );
  }, []);
  const Body = tab.value?.Body;
  return (
    <>
      {trouble.value && (
        <p class="empty-line" role="alert">
          {trouble.value}
        </p>
      )}
      {Body && (
        <Body
          studyId={known.study.id}
          questions={known.questions
            .filter(({ kind }) => kind !== "none" && kind !== "text")
            .map(({ name }) => name)}
          onTrouble={(sentence) => {
            trouble.value = sentence;
          }}
        />
      )}
    </>
  );
}
