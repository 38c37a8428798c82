/** The form of a new token: what it is for, what it may do, where, and until when. */

import { useSignal } from "@preact/signals";
import { type Problem, problemOf } from "../../ui/failure";
import { person } from "../../ui/person";
import { createToken } from "./api";
import { Trouble } from "./Trouble";
import { words } from "./words";

const GROUPS: readonly (readonly ["read" | "write" | "careful", readonly string[]])[] = [
  [
    "read",
    ["CanGetPixels", "CanGetConfig", "CanGetScores", "CanGetAnyScores", "CanDownloadSlides"],
  ],
  [
    "write",
    [
      "CanUpload",
      "CanCreateUploadFolders",
      "CanUploadScores",
      "CanCreateStudies",
      "CanReimportStudies",
    ],
  ],
  [
    "careful",
    [
      "CanDeleteSlides",
      "CanDeleteOwnedStudies",
      "CanHandlePaths",
      "CanHandleDomains",
      "CanHandleStudentAccounts",
    ],
  ],
];
/** What people who are no administrators may give, for studies that they edit. */
const EDITORS = [
  "CanGetPixels",
  "CanGetConfig",
  "CanUploadScores",
  "CanGetScores",
  "CanGetAnyScores",
];
const USUAL_DAYS = 90;

interface Props {
  onMade: (token: string) => void;
  onCancel: () => void;
}

export function NewToken({ onMade, onCancel }: Props) {
  const said = words.tokens;
  const problem = useSignal<Problem | null>(null);
  const isBusy = useSignal(false);

  const make = async (form: HTMLFormElement) => {
    const data = new FormData(form);
    const rights = data.getAll("rights").join(";");
    if (!rights) {
      problem.value = { sentence: said.noRights, kind: "refused", remedy: null };
      return;
    }
    isBusy.value = true;
    try {
      const token = await createToken({
        name: String(data.get("name")),
        rights,
        readStudies: String(data.get("readStudies")),
        modifyStudies: String(data.get("modifyStudies")),
        uploadFolders: String(data.get("uploadFolders") ?? ""),
        expiresOn: `${String(data.get("expires"))}T23:59:59Z`,
      });
      onMade(token);
    } catch (error) {
      problem.value = problemOf(error, new Date());
    } finally {
      isBusy.value = false;
    }
  };

  return (
    <form
      class="panel-card new-token"
      onSubmit={(event) => {
        event.preventDefault();
        void make(event.currentTarget);
      }}
    >
      <h2>{said.make}</h2>
      <div class="pair">
        <label>
          {said.name}
          <input
            class="field"
            name="name"
            required
            maxLength={200}
            placeholder={said.namePlaceholder}
            autofocus
          />
        </label>
        <label>
          {said.expires}
          <input
            class="field"
            type="date"
            name="expires"
            required
            value={inDays(USUAL_DAYS)}
            min={inDays(1)}
            max={inDays(365)}
          />
        </label>
      </div>
      <h3>{said.rights}</h3>
      <div class="rights">
        {GROUPS.map(([group, rights]) => {
          const offered = rights.filter((right) => person.isAdmin || EDITORS.includes(right));
          if (offered.length === 0) return null;
          return (
            <fieldset key={group}>
              <legend>{said.groups[group]}</legend>
              {offered.map((right) => (
                <label key={right} class="right">
                  <input type="checkbox" name="rights" value={right} />
                  <span>
                    {words.rights[right]} <code>{right}</code>
                  </span>
                </label>
              ))}
            </fieldset>
          );
        })}
      </div>
      <h3>{said.limits}</h3>
      <p class="hint">{person.isAdmin ? said.limitsHint : said.limitsHintEditor}</p>
      <div class="pair">
        <label>
          {said.readStudies}
          <input class="field" name="readStudies" required={!person.isAdmin} />
        </label>
        <label>
          {said.modifyStudies}
          <input class="field" name="modifyStudies" required={!person.isAdmin} />
        </label>
        {person.isAdmin && (
          <label>
            {said.uploadFolders}
            <input class="field" name="uploadFolders" />
          </label>
        )}
      </div>
      <Trouble problem={problem.value} />
      <div class="form-acts">
        <button type="submit" class="button primary" disabled={isBusy.value}>
          {said.create}
        </button>
        <button type="button" class="button" onClick={onCancel}>
          {said.cancel}
        </button>
      </div>
    </form>
  );
}

/** A day as the date field writes it. */
function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}
