/** Words of the tabs "Users" and "Settings". */

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

export const settings = {
  groups: {
    basics: "Basics",
    categories: "Categories, by which people find the study",
    privacy: "What readers see",
    scoring: "Scoring",
    others: "Others’ answers",
  },
  saved: (name: string) => `${name} saved.`,
  list: "several between commas",
  description: "Description",
  descriptionHint: "Shown with the study. Bold, lists and links are kept as HTML.",
  save: "Save",
  unset: "not set",
  labels: {
    friendlyname: "Title that people see",
    folder: "Folder in the list of studies",
    organ: "Organs",
    disease: "Diseases",
    stainings: "Stainings",
    hideslidenames: "Hide the names of slides from readers",
    showslidenames: "Show the names of slides",
    showlabels: "Show the pictures of labels",
    showthumbnails: "Show thumbnails (kept, without effect here)",
    showtmasampleids: "Show sample ids of cores",
    showduplicates: "Show slides that are there twice (kept, without effect here)",
    disallownavigation: "One way: no going back to an earlier slide",
    disallowrewritingscores: "Answers are final once given",
    allowchangingscores: "Answers may be changed, whatever the line above says",
    scoretmacoresatonce: "Score all cores of a microarray together",
    showotherpeoplesscores: "Show readers the answers of others",
    allowresultscomparisonforeveryone:
      "Let every reader compare results (kept, without effect here)",
    allowsharingslidesanonymously:
      "Slides may be shared by a link without an account (kept, without effect here)",
  } as Record<string, string>,
};

export const sheet = {
  title: "Questions to share",
  hint: "Lines as in a .scores file: name, type and values, with TAB between. The address holds them.",
  text: "Text of the questions",
  share: "Copy the link",
  shared: "Link copied. Who opens it sees these questions.",
  asked: (count: number) => counted(count, "question", "questions"),
  mandatory: "mandatory",
  mistake: (line: number, message: string) => `Line ${line}: ${message}`,
};
