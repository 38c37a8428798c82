/** The tags of all studies, by kind; those chosen limit the list. */

import { type Study, TAG_KINDS } from "../api/studies";
import { words } from "../ui/words";
import { tagsOf } from "./studies";

interface Props {
  studies: readonly Study[];
  chosen: ReadonlySet<string>;
  onToggle: (tag: string) => void;
}

export function Tags({ studies, chosen, onToggle }: Props) {
  const kinds = TAG_KINDS.map((kind) => ({ kind, tags: tagsOf(studies, kind) }));
  return (
    <>
      {kinds
        .filter(({ tags }) => tags.length > 0)
        .map(({ kind, tags }) => (
          <fieldset key={kind} class="tag-group">
            <legend>{words.home.tagKinds[kind]}</legend>
            {tags.map((tag) => (
              <button
                key={tag}
                type="button"
                class="tag choice"
                aria-pressed={chosen.has(tag)}
                onClick={() => onToggle(tag)}
              >
                {tag}
              </button>
            ))}
          </fieldset>
        ))}
    </>
  );
}
