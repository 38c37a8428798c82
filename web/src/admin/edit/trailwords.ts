/** Words of the last deeds to a study, and of its deletion. */

import { counted } from "../../ui/format";

export const trail = {
  title: "What was done last",
  loading: "Waiting for the trail",
  none: "Nothing yet.",
  more: (count: number) => `Show ${counted(count, "more", "more")}`,
};

export const deleting = {
  title: "Delete the study",
  text: "Nobody sees it any more, its answers and files included. Nothing is lost: who made it can bring it back.",
  act: "Delete study",
  dialogTitle: (name: string) => `Delete ${name}?`,
  label: "Type the name of the study",
  wrong: (name: string) => `${name} is expected.`,
  gone: (label: string) => `${label} is deleted`,
  goneText: "Nobody sees it now. It can be brought back here, or later from the page New study.",
  bringBack: "Bring it back",
  toStudies: "To the studies",
  listTitle: "Studies that you deleted",
  deletedOn: (when: string) => `deleted ${when}`,
};
