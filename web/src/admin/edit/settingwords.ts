/** Words of the tab "Settings": each property of a `.config` file, and what it does. */

export const settings = {
  groups: {
    basics: "Basics",
    categories: "Categories, by which people find the study",
    privacy: "What readers see",
    scoring: "Scoring",
    others: "Others’ answers",
    kept: "Kept, without effect here",
  },
  about: {
    privacy: "Editors and scripts see everything, whatever is set here.",
    kept: "They are stored and told to whoever asks for the configuration; no page of this server acts on them.",
  } as Record<string, string>,
  saved: (name: string) => `${name} saved.`,
  list: "several between commas",
  description: "Description",
  descriptionHint: "Shown with the study.",
  save: "Save",
  unset: "not set",
};

interface Told {
  label: string;
  does: string;
}

export const told: Record<string, Told> = {
  friendlyname: {
    label: "Title that people see",
    does: "In lists and heads of pages. Empty: the name of its files.",
  },
  folder: { label: "Folder in the list of studies", does: "Empty: at the top." },
  organ: { label: "Organs", does: "Tags in the list of studies." },
  disease: { label: "Diseases", does: "Tags in the list of studies." },
  stainings: { label: "Stainings", does: "Tags in the list of studies." },
  hideslidenames: {
    label: "Hide the names of slides",
    does: "Readers are told “Slide 7” and no size of the file: in lists, pages, addresses and results.",
  },
  showslidenames: {
    label: "Show the names of slides",
    does: "Off does the same as hiding them; not set shows them.",
  },
  showlabels: {
    label: "Show the pictures of labels",
    does: "Else readers get no label of a slide; labels often tell who the patient is.",
  },
  showthumbnails: {
    label: "Show thumbnails",
    does: "Off: lists of slides have no pictures; the slides themselves can be looked at.",
  },
  showtmasampleids: {
    label: "Show sample ids of cores",
    does: "Off: readers are told neither samples nor which cores are of one.",
  },
  showduplicates: {
    label: "Show slides that are there twice",
    does: "The vendor does not publish what this does.",
  },
  allowsharingslidesanonymously: {
    label: "Allow links without an account",
    does: "Who may see a slide can make a link that shows it, for some days, to whoever has the link.",
  },
  disallowrewritingscores: {
    label: "Answers are final",
    does: "A given answer cannot be changed or cleared by its reader.",
  },
  allowchangingscores: {
    label: "Answers may be changed",
    does: "Outweighs the line above.",
  },
  disallownavigation: {
    label: "One way through the slides",
    does: "No list, no strip, no way back: the next slide comes when this one is answered.",
  },
  recordsessions: {
    label: "Record where readers look",
    does: "Each look at a slide is kept with its views and times, for the tab Sessions. Readers are shown that it is.",
  },
  scoretmacoresatonce: {
    label: "Several cores at once",
    does: "Cores of a microarray are scored side by side.",
  },
  showotherpeoplesscores: {
    label: "Show others’ answers",
    does: "After their own answer readers see how others answered, with the majority.",
  },
  allowresultscomparisonforeveryone: {
    label: "Let every reader compare results",
    does: "Whoever may see the study is told how its readers agree, by name; else only who gets results.",
  },
  artid: { label: "Article", does: "An identifier of the vendor’s own site." },
};
