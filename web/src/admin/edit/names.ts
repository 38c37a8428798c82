/** The rule for a study's name, as the server has it, told while it is typed. */

import { words } from "./words";

const FORBIDDEN = /[/\\<>:"|?*\p{Cc}\p{Cf}]/u;

/** Return what is wrong with a study's name; empty: nothing. */
export function problemOfName(name: string): string {
  const said = words.create;
  if (name === "") return said.nameEmpty;
  if (name.startsWith(".") || name !== name.trim() || name.endsWith(".")) return said.nameStart;
  const wrong = FORBIDDEN.exec(name)?.[0];
  if (wrong) return said.nameCharacter(wrong);
  return name.length > 200 ? said.nameLong : "";
}
