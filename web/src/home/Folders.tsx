/** The folders of the study list, to look at one alone. */

import type { ComponentChildren } from "preact";
import type { Study } from "../api/studies";
import { Icon, type IconName } from "../ui/Icon";
import { words } from "../ui/words";
import { byFolder } from "./studies";

interface Props {
  studies: readonly Study[];
  /** Null: all of them. */
  chosen: string | null;
  onChoose: (folder: string | null) => void;
  /** What else limits the list. */
  children: ComponentChildren;
}

export function Folders({ studies, chosen, onChoose, children }: Props) {
  const said = words.home;
  const folders = byFolder(studies);
  return (
    <nav class="folders" aria-label={said.folders}>
      <Entry
        icon="home"
        name={said.all}
        count={studies.length}
        isChosen={chosen === null}
        onChoose={() => onChoose(null)}
      />
      {folders.length > 1 &&
        folders.map((folder) => (
          <Entry
            key={folder.name}
            icon="folder"
            name={folder.name || said.noFolder}
            count={folder.studies.length}
            isChosen={chosen === folder.name}
            onChoose={() => onChoose(folder.name)}
          />
        ))}
      {children}
    </nav>
  );
}

interface EntryProps {
  icon: IconName;
  name: string;
  count: number;
  isChosen: boolean;
  onChoose: () => void;
}

function Entry({ icon, name, count, isChosen, onChoose }: EntryProps) {
  return (
    <button type="button" class="entry" aria-pressed={isChosen} onClick={onChoose}>
      <Icon name={icon} />
      <span class="clip">{name}</span>
      <span class="count">{count}</span>
    </button>
  );
}
