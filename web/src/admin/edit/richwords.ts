/** Words of the field for descriptions. */

export const richWords = {
  toolbar: (label: string) => `Formatting: ${label}`,
  deeds: {
    bold: "B",
    italic: "I",
    heading: "H",
    list: "• –",
    numbers: "1.",
    link: "Link",
    plain: "Plain",
  },
  names: {
    bold: "Bold",
    italic: "Italic",
    heading: "Heading",
    list: "List",
    numbers: "1. Numbered list",
    link: "Make the selected address a link",
    plain: "Plain: take the formatting away",
  },
  html: "HTML",
  htmlOf: (label: string) => `${label}, as HTML`,
  describe: "Describe",
  describeCase: "Describe case",
  slideTitle: (name: string) => `Description of ${name}`,
  caseTitle: (name: string) => `Description of the case ${name}`,
  loading: "Waiting for the description",
  hint: "Readers see it beside the slide. The server keeps paragraphs, headings, lists, tables, links and the like; all else goes.",
  save: "Save description",
  saved: (what: string) => `The description of ${what} is saved.`,
};
