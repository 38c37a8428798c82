/** The dialog in which the description of a slide or case is written. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ask, isObject, text } from "../../api/http";
import { problemOf } from "../../ui/failure";
import { change } from "./api";
import { Shell } from "./Dialogs";
import { RichText } from "./RichText";
import { richWords as said } from "./richwords";
import type { Studio } from "./studio";
import { words } from "./words";

/** What is described: the calls about it, and the parameter that names it. */
const KINDS = {
  slide: {
    title: said.slideTitle,
    read: "GetSlideDescription",
    write: "SetSlideDescription",
    parameter: "imageId",
  },
  case: {
    title: said.caseTitle,
    read: "GetCaseDescription",
    write: "SetCaseDescription",
    parameter: "caseId",
  },
} as const;

export interface Described {
  kind: keyof typeof KINDS;
  id: number;
  name: string;
}

interface Props {
  studio: Studio;
  what: Described;
  onClose: () => void;
}

export function Describe({ studio, what, onClose }: Props) {
  const { title, read, write, parameter } = KINDS[what.kind];
  const html = useSignal<string | null>(null);
  const problem = useSignal("");
  useEffect(() => {
    const load = async () => {
      try {
        const reply = await ask(read, { [parameter]: what.id });
        html.value = isObject(reply) ? text(reply.description) : "";
      } catch (error) {
        problem.value = problemOf(error, new Date()).sentence;
      }
    };
    void load();
  }, [what.id]);
  const save = async () => {
    try {
      const form = { [parameter]: what.id, description: html.value ?? "" };
      await change(write, studio.studyId, form);
      studio.say(said.saved(what.name));
      onClose();
    } catch (error) {
      problem.value = problemOf(error, new Date()).sentence;
    }
  };
  return (
    <Shell title={title(what.name)} onCancel={onClose} isWide>
      {html.value === null && !problem.value && <p class="aside">{said.loading}</p>}
      {html.value !== null && (
        <RichText
          label={title(what.name)}
          value={html.value}
          onChange={(next) => {
            html.value = next;
          }}
        />
      )}
      <p class="hint">{said.hint}</p>
      <p class="wrong" role={problem.value ? "alert" : undefined}>
        {problem.value}
      </p>
      <div class="form-acts">
        <button type="button" class="button" onClick={onClose}>
          {words.cancel}
        </button>
        <button
          type="button"
          class="button primary"
          disabled={html.value === null}
          onClick={() => void save()}
        >
          {said.save}
        </button>
      </div>
    </Shell>
  );
}
