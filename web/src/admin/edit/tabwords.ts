/** Words of the tab "Users". */

import { counted } from "../../ui/format";
import type { Member } from "./api";

/** Say what somebody may do. */
export function rights({ canScore, canEdit, canGetResults }: Member): string {
  const held = [
    canScore ? "scores" : "",
    canGetResults ? "gets results" : "",
    canEdit ? "edits" : "",
  ].filter(Boolean);
  return held.join(", ") || "looks only";
}

export const users = {
  title: "People of this study",
  add: "Add people",
  addHint: "Paste addresses, one per line or between commas. They need no account yet.",
  addresses: "Addresses",
  addAct: (count: number) => (count === 0 ? "Add" : `Add ${counted(count, "person", "people")}`),
  noAddress: (word: string) => `${word} is no e-mail address.`,
  added: (count: number) => `${counted(count, "person", "people")} added.`,
  email: "Address",
  score: "Score",
  results: "Get results",
  edit: "Edit",
  view: "Look only",
  switchName: (right: string, email: string) => `${right}: ${email}`,
  account: "Account",
  noAccount: "no password yet",
  lastSeen: "Last signed in",
  never: "never",
  answers: "Answers",
  invite: "Invite",
  inviteName: (email: string) => `Invite ${email}`,
  remove: (email: string) => `Remove ${email} from the study`,
  removeTitle: (email: string) => `Remove ${email}?`,
  removeText: "They no longer see the study. Their answers stay, and count.",
  removeAct: "Remove from study",
  invited: (email: string) => `A letter with a link went to ${email}.`,
  linkFor: (email: string) =>
    `No mail server is set. Give ${email} this link; it holds for one password.`,
  copy: "Copy link",
  copied: "Link copied.",
  last: "Nobody would be left who may edit the study.",
};
