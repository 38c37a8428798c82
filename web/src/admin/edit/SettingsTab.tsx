/** The tab "Settings": what a `.config` file would say, each with its name there. */

import { useSignal } from "@preact/signals";
import { change } from "./api";
import type { TabProps } from "./Edit";
import { RichText } from "./RichText";
import { settings as said, told } from "./settingwords";

type Kind = "text" | "list" | "switch";

interface Group {
  name: keyof typeof said.groups;
  kind: Kind;
  settings: string[];
}

const GROUPS: Group[] = [
  { name: "basics", kind: "text", settings: ["friendlyname", "folder"] },
  { name: "categories", kind: "list", settings: ["organ", "disease", "stainings"] },
  {
    name: "privacy",
    kind: "switch",
    settings: [
      "hideslidenames",
      "showslidenames",
      "showthumbnails",
      "showlabels",
      "showtmasampleids",
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
      "recordsessions",
    ],
  },
  {
    name: "others",
    kind: "switch",
    settings: ["showotherpeoplesscores", "allowresultscomparisonforeveryone"],
  },
  {
    name: "kept",
    kind: "switch",
    settings: ["showduplicates", "artid"],
  },
];
/** Properties that are texts, though they stand among switches. */
const TEXTS = ["artid"];

export function SettingsTab({ studio, setup }: TabProps) {
  const set = (name: string, value: string) =>
    void studio.act(
      () => change("UpdateStudy", setup.id, { config: `${name}: ${value}` }),
      said.saved(told[name]?.label ?? name),
    );
  const description = useSignal(setup.description);
  return (
    <div class="column">
      {GROUPS.map(({ name, kind, settings }) => (
        <section key={name} class="panel-card padded">
          <h2>{said.groups[name]}</h2>
          {said.about[name] && <p class="hint">{said.about[name]}</p>}
          {settings.map((setting) => (
            <Line
              key={setting}
              name={setting}
              kind={TEXTS.includes(setting) ? "text" : kind}
              value={setup.settings[setting] ?? null}
              onSet={(value) => set(setting, value)}
            />
          ))}
        </section>
      ))}
      <section class="panel-card padded">
        <h2>{said.description}</h2>
        <p class="hint">{said.descriptionHint}</p>
        <RichText
          label={said.description}
          value={description.value}
          onChange={(html) => {
            description.value = html;
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
      <div>
        <label for={id}>{told[name]?.label}</label>
        <p class="hint" id={`${id}-does`}>
          {told[name]?.does}
        </p>
      </div>
      <code>{name}</code>
      {kind === "switch" ? (
        <span class="setting-value">
          {value === null && <span class="aside">{said.unset}</span>}
          <input
            id={id}
            type="checkbox"
            class="switch"
            aria-describedby={`${id}-does`}
            checked={value === "true"}
            onChange={(event) => onSet(String(event.currentTarget.checked))}
          />
        </span>
      ) : (
        <input
          id={id}
          class="field"
          aria-describedby={`${id}-does`}
          placeholder={kind === "list" ? said.list : ""}
          value={value ?? ""}
          onChange={(event) => onSet(event.currentTarget.value.replace(/\s+/g, " ").trim())}
        />
      )}
    </div>
  );
}
