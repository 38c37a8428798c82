/** The tab "Settings": what a `.config` file would say, each with its name there. */

import { useSignal } from "@preact/signals";
import { change } from "./api";
import type { TabProps } from "./Edit";
import { settings as said } from "./tabwords";

type Kind = "text" | "list" | "switch";

const GROUPS: { name: keyof typeof said.groups; kind: Kind; settings: string[] }[] = [
  { name: "basics", kind: "text", settings: ["friendlyname", "folder"] },
  { name: "categories", kind: "list", settings: ["organ", "disease", "stainings"] },
  {
    name: "privacy",
    kind: "switch",
    settings: [
      "hideslidenames",
      "showslidenames",
      "showlabels",
      "showthumbnails",
      "showtmasampleids",
      "showduplicates",
      "allowsharingslidesanonymously",
    ],
  },
  {
    name: "scoring",
    kind: "switch",
    settings: [
      "disallowrewritingscores",
      "allowchangingscores",
      "disallownavigation",
      "scoretmacoresatonce",
    ],
  },
  {
    name: "others",
    kind: "switch",
    settings: ["showotherpeoplesscores", "allowresultscomparisonforeveryone"],
  },
];

export function SettingsTab({ studio, setup }: TabProps) {
  const set = (name: string, value: string) =>
    void studio.act(
      () => change("UpdateStudy", setup.id, { config: `${name}: ${value}` }),
      said.saved(said.labels[name] ?? name),
    );
  const description = useSignal(setup.description);
  return (
    <div class="column">
      {GROUPS.map(({ name, kind, settings }) => (
        <section key={name} class="panel-card padded">
          <h2>{said.groups[name]}</h2>
          {settings.map((setting) => (
            <Line
              key={setting}
              name={setting}
              kind={kind}
              value={setup.settings[setting] ?? null}
              onSet={(value) => set(setting, value)}
            />
          ))}
        </section>
      ))}
      <section class="panel-card padded">
        <h2 id="description-title">{said.description}</h2>
        <p class="hint" id="description-hint">
          {said.descriptionHint}
        </p>
        <textarea
          class="field"
          rows={5}
          aria-labelledby="description-title"
          aria-describedby="description-hint"
          value={description.value}
          onInput={(event) => {
            description.value = event.currentTarget.value;
          }}
        />
        <button
          type="button"
          class="button"
          disabled={description.value === setup.description}
          onClick={() =>
            void studio.act(
              () => change("UpdateStudy", setup.id, { description: description.value }),
              said.saved(said.description),
            )
          }
        >
          {said.save}
        </button>
      </section>
    </div>
  );
}

interface LineProps {
  name: string;
  kind: Kind;
  /** Null: the study says nothing of it. */
  value: string | null;
  onSet: (value: string) => void;
}

function Line({ name, kind, value, onSet }: LineProps) {
  const id = `setting-${name}`;
  return (
    <div class="setting">
      <label for={id}>{said.labels[name]}</label>
      <code>{name}</code>
      {kind === "switch" ? (
        <span class="setting-value">
          {value === null && <span class="aside">{said.unset}</span>}
          <input
            id={id}
            type="checkbox"
            class="switch"
            checked={value === "true"}
            onChange={(event) => onSet(String(event.currentTarget.checked))}
          />
        </span>
      ) : (
        <input
          id={id}
          class="field"
          placeholder={kind === "list" ? said.list : ""}
          value={value ?? ""}
          onChange={(event) => onSet(event.currentTarget.value.replace(/\s+/g, " ").trim())}
        />
      )}
    </div>
  );
}
