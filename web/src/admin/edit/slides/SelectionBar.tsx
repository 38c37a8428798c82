/** What can be done to the selected slides; it has its place also while nothing is selected. */

import { useSignal } from "@preact/signals";
import { Failure, number } from "../../../api/http";
import { problemOf } from "../../../ui/failure";
import { Icon } from "../../../ui/Icon";
import { change, type Setup, type SlideSetup } from "../api";
import { Describe } from "../Describe";
import { Confirm, Prompt } from "../Dialogs";
import { richWords } from "../richwords";
import type { Studio } from "../studio";
import { words } from "../words";

interface Props {
  studio: Studio;
  setup: Setup;
  selected: readonly SlideSetup[];
  onDone: () => void;
}

type Asked = "name" | "case" | "mpp" | "describe" | "describeCase" | "remove" | null;

export function SelectionBar({ studio, setup, selected, onDone }: Props) {
  const said = words.slides;
  const asked = useSignal<Asked>(null);
  const only = selected.length === 1 ? selected[0] : undefined;
  const caseNames = new Set(selected.map(({ caseName }) => caseName));
  const caseOf = caseNames.size === 1 && setup.cases.find(({ name }) => caseNames.has(name));
  const close = () => {
    asked.value = null;
  };
  /** Do the same to each; what fails stops it, and says how far it came. */
  const each = async (deed: (slide: SlideSetup) => Promise<unknown>, done = said.changed) => {
    close();
    let count = 0;
    try {
      for (const slide of selected) {
        await deed(slide);
        count += 1;
      }
      studio.say(done(count));
    } catch (error) {
      studio.say(said.partly(count, problemOf(error, new Date()).sentence), true);
    }
    await studio.load();
    if (count === selected.length && done !== said.changed) onDone();
  };
  const toCase = async (name: string) => {
    const known = setup.cases.find((entry) => entry.name === name);
    let caseId: number | string = known?.id ?? "";
    if (name && !known) {
      close();
      const made = await change("AddCase", setup.id, { caseName: name }).catch((error) => {
        studio.say(problemOf(error, new Date()).sentence, true);
        return null;
      });
      if (!made) return;
      caseId = number(made.id) ?? "";
    }
    await each((slide) => change("SetImageCase", setup.id, { imageId: slide.id, caseId }));
  };

  if (selected.length === 0) return <p class="selection idle">{said.nothingSelected}</p>;
  return (
    <div class="selection">
      <b>{said.selected(selected.length)}</b>
      <button
        type="button"
        class="button small"
        onClick={() =>
          void each((slide) =>
            change("SetSlideRotation", setup.id, {
              imageId: slide.id,
              rotation: (slide.rotation + 90) % 360,
            }),
          )
        }
      >
        <Icon name="turnRight" small /> {said.turn}
      </button>
      <Opener label={said.setMpp} onOpen={() => (asked.value = "mpp")} />
      <Opener label={said.assignCase} onOpen={() => (asked.value = "case")} />
      {only && <Opener label={said.rename} onOpen={() => (asked.value = "name")} />}
      {only && <Opener label={richWords.describe} onOpen={() => (asked.value = "describe")} />}
      {caseOf && (
        <Opener label={richWords.describeCase} onOpen={() => (asked.value = "describeCase")} />
      )}
      <button
        type="button"
        class="button small danger right"
        onClick={() => {
          asked.value = "remove";
        }}
      >
        {said.remove}
      </button>
      {asked.value === "name" && only && (
        <Prompt
          title={said.renameTitle(only.name)}
          label={said.newName}
          value={only.name}
          act={said.rename}
          onCancel={close}
          onDone={(newName) =>
            void each((slide) =>
              change("UpdateSlideName", setup.id, { imageId: slide.id, newName }),
            )
          }
        />
      )}
      {asked.value === "case" && (
        <Prompt
          title={said.caseTitle(selected.length)}
          label={said.caseName}
          hint={said.caseHint}
          value={only?.caseName ?? ""}
          known={setup.cases.map(({ name }) => name)}
          mayBeEmpty
          act={said.apply}
          onCancel={close}
          onDone={(name) => void toCase(name)}
        />
      )}
      {asked.value === "mpp" && (
        <Prompt
          title={said.mppTitle(selected.length)}
          label={said.mppLabel}
          value={only?.mpp ? String(only.mpp) : ""}
          check={(text) => (Number(text.replace(",", ".")) > 0 ? "" : said.mppWrong)}
          act={said.apply}
          onCancel={close}
          onDone={(text) =>
            void each((slide) =>
              change("SetSlideResolution", setup.id, {
                imageId: slide.id,
                micronsPerPixel: text.replace(",", "."),
              }),
            )
          }
        />
      )}
      {asked.value === "describe" && only && (
        <Describe studio={studio} what={{ kind: "slide", ...only }} onClose={close} />
      )}
      {asked.value === "describeCase" && caseOf && (
        <Describe studio={studio} what={{ kind: "case", ...caseOf }} onClose={close} />
      )}
      {asked.value === "remove" && (
        <Confirm
          title={said.removeTitle(selected.length)}
          text={said.removeText}
          act={said.removeAct(selected.length)}
          onCancel={close}
          onDone={() => void each(remove(setup.id), said.removed)}
        />
      )}
    </div>
  );
}

function remove(studyId: number) {
  return async (slide: SlideSetup) => {
    try {
      await change("DeleteSlide", studyId, { imageId: slide.id });
    } catch (error) {
      // This call says yes with an empty body, as the vendor's does.
      if (!(error instanceof Failure && error.kind === "server" && error.status === 200))
        throw error;
    }
  };
}

function Opener({ label, onOpen }: { label: string; onOpen: () => void }) {
  return (
    <button type="button" class="button small" onClick={onOpen}>
      {label}
    </button>
  );
}
