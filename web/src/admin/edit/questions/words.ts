/** Words of the tab "Questions" and of the page on which a sheet is made to be shared. */

import { counted } from "../../../ui/format";

/** What each type asks for. */
const ABOUT: Record<string, string> = {
  FreeText: "A text of one line.",
  Integer: "A whole number, within a range if one is given.",
  Real: "A decimal number, within a range if one is given.",
  DropDown: "One of the options: as rows, or as a list where there are more than seven.",
  PositiveNegative: "Positive or negative.",
  Intensities: "Staining intensity: 0, 1+, 2+, 3+.",
  Percentage: "A whole per cent, by steps or typed.",
  Checkbox: "Yes or no.",
  ClickFriendly: "One of the options, as buttons.",
  ClickFriendlyPollOnly:
    "One of the options, as buttons; how others answered may be shown after it.",
  Explanation: "Text between the questions. Nothing is answered.",
  HScore: "Per cents at 1+, 2+ and 3+; the H-score of 0 to 300 is computed.",
  AnnoPoints: "Points set on the slide, and their number.",
  AnnoMeasure: "Lengths measured on the slide.",
  AnnoShapes: "Areas and lines drawn on the slide.",
};

export const words = {
  page: "Questions to share",
  title: "Scoring sheet",
  loading: "Waiting for the questions",
  count: (count: number) => counted(count, "question", "questions"),
  add: "Add",
  unnamed: "New question",
  conditional: "conditional",
  perCase: "per case",
  mandatory: "must be answered",
  pending: "has changes that are not saved",
  moveKeys: "move a question",
  list: "Questions, in the order of the sheet",
  grip: "Drag to another place",
  moved: (name: string, place: number, of: number) => `“${name}” is ${place} of ${of} now.`,
  showText: "Show as .scores",
  showForm: "Show as form",
  share: "Share link",
  shared: "Link copied. Who opens it sees these questions, without the study.",
  openShared: "Open as a page",
  question: (place: number) => `Question ${place}`,
  newQuestion: "New question",
  answers: (count: number) => `${counted(count, "answer", "answers")} given`,
  moveUp: "Move the question up",
  moveDown: "Move the question down",
  duplicate: "Duplicate",
  copyOf: (name: string, number: number) => (number < 2 ? `${name} (copy)` : `${name} (${number})`),
  remove: "Remove",
  removeTitle: (name: string) => `Remove “${name}”?`,
  removeNew: "It is not on the sheet yet.",
  removeText: (needing: readonly string[]) =>
    needing.length === 0
      ? "It has no answers; nothing given is lost. What you wrote of it is."
      : `${needing.map((name) => `“${name}”`).join(", ")} depends on it, and must be asked otherwise first.`,
  removeStays: (name: string, count: number) =>
    `“${name}” has ${counted(count, "answer", "answers")}. Answers are kept for ever, so it stays on the sheet. Make it optional, or ask it only under a condition that is never met.`,
  states: {
    saved: "Saved",
    edited: "Being changed",
    saving: "Saving",
    held: "Not saved yet",
    wrong: "Not saved",
  },
  name: "Text the reader sees",
  noName: "A question needs a text before it is on the sheet.",
  type: "Type",
  about: (typeName: string) => {
    const plain = ABOUT[typeName] ?? ABOUT[typeName.replace(/Only$/, "")] ?? "";
    const isOnly = typeName.endsWith("Only") && typeName !== "ClickFriendlyPollOnly";
    return isOnly ? `${plain} Without “not representative” and “missing”.` : plain;
  },
  options: "Options, with the key that chooses them",
  option: (place: number) => `Option ${place}`,
  addOption: "Option",
  removeOption: (text: string) => `Remove the option ${text}`,
  optionUp: (text: string) => `Move the option ${text} up`,
  noOptions: "Nothing to choose yet: add an option.",
  separator: "An option holds no ; and no tab.",
  twice: (text: string) => `“${text}” is there twice.`,
  steps: "Steps that are offered",
  stepsHint: "Whole per cents, such as 0 10 50 100. Empty: 0 1 5 10 20 … 100.",
  stepsWrong: "Whole per cents from 0 to 100 are expected, such as 0 10 50 100.",
  least: "Least",
  most: "Greatest",
  rangeHint: "Both empty: any number.",
  rangeWrong: "Two numbers are expected, the greater one second, or none.",
  explanation: "Text to show",
  colour: "Colour in which it is drawn",
  ownColour: "Another colour",
  autoColour: "By its place",
  colourName: (colour: string) => `Colour ${colour}`,
  asked: "Asked",
  perSlide: "Per slide or core",
  perCaseLong: "Once per case",
  mandatoryLong: "Must be answered",
  mandatoryHint: "A slide counts as done only with an answer to it.",
  onlyWhen: "Only when",
  always: "Always asked",
  comparison: "Comparison",
  wantedAnswer: "Answer",
  dimmed: "Readers see it dimmed until then; its place stays the same.",
  nothingAbove: "The first question that can be answered has nothing above it to depend on.",
  comparisons: ["is", "is not", "above", "below", "at least", "at most"] as const,
  saveAnyway: "Save all the same",
  putBack: "Put back",
  risks: {
    rename: (before: string, count: number) =>
      `${counted(count, "answer was", "answers were")} given to “${before}”. They stay with the question; results name it anew, and sheets that are open now must be loaded again.`,
    perCase: (count: number) =>
      `${counted(count, "answer", "answers")} given so far ${count === 1 ? "is" : "are"} about ${count === 1 ? "something else" : "other things"}: per slide or core, and once per case, are not the same. They are kept, but the sheet asks anew.`,
    lost: (count: number, answers: readonly string[]) =>
      `${counted(count, "answer says", "answers say")} ${answers.map((text) => `“${text}”`).join(", ")}, which would no longer be offered. They stay as they are.`,
    unknown: "Options go that answers may use. Those answers stay as they are.",
    range: (count: number) =>
      `${counted(count, "answer lies", "answers lie")} outside the new range. They stay as they are.`,
  },
  preview: "Preview",
  tryIt: "try it with keys",
  previewEmpty: "An empty sheet. What you add is shown here as readers see it.",
  previewKeys: "Keys answer here as in the viewer; nothing is stored.",
  line: "As a config line",
  tab: "→",
  start: "Start from",
  starts: [
    {
      name: "Intensity and per cent",
      text: "Staining intensity\tIntensities\t\tmandatory\nPositive cells\tPercentage\t\tmandatory\n",
    },
    { name: "H-score", text: "H-score\tHScore\t\tmandatory\n" },
    { name: "Yes or no", text: "Tumour present\tCheckbox\t\tmandatory\n" },
    { name: "Outlined region", text: "Tumour area\tAnnoShapes\t#ffd60a\nRemarks\tFreeText\n" },
  ],
  paste: "Paste .scores",
  text: "Text of the questions",
  textHint:
    "Lines as in a .scores file: name, type, values and flags, with TAB between. Names tell which question is meant: another name is another question.",
  apply: "Apply",
  same: "This is what the sheet says.",
  summary: (added: number, changed: number) =>
    [added > 0 ? `${added} added` : "", changed > 0 ? `${changed} changed` : ""]
      .filter(Boolean)
      .join(", ") || "another order",
  gone: (names: readonly string[]) => `Goes: ${names.join(", ")}`,
  applied: "The sheet is as the text says.",
  mistake: (line: number, message: string) => `Line ${line}: ${message}`,
};
