/** The words of the tab "Agreement". */

import { counted } from "../../ui/format";

const VARIANTS: Record<string, string> = {
  "fleissKappa unweighted": "Fleiss κ",
  "fleissKappa quadratic": "weighted κ",
  "krippendorffAlpha nominal": "Krippendorff α",
  "krippendorffAlpha ordinal": "Krippendorff α, ordinal",
  "krippendorffAlpha interval": "Krippendorff α, interval",
  "icc21 ": "ICC(2,1)",
  dice: "mean Dice",
  pointF1: "F1 of points",
  "cohenKappa unweighted": "Cohen κ",
  "cohenKappa quadratic": "weighted κ",
  "bias ": "bias",
};

export const words = {
  title: "Agreement between readers",
  questionTable: "Questions and how well readers agree about them",
  pairTable: "Every pair of readers",
  confusionTable: (first: string, second: string) => `Answers of ${first} by those of ${second}`,
  readers: "Readers",
  everyone: "Everyone",
  limit: (email: string) => `Only with ${email}`,
  measuring: (question: string) => `Measuring ${question}`,
  draws: "intervals by 2 000 draws of subjects",
  columns: {
    question: "Question",
    type: "Type",
    statistic: "Statistic",
    value: "Value",
    interval: "95 % interval",
    same: "Same answer",
    subjects: "Subjects",
  },
  statistic: (name: string, variant: string, label: string) =>
    VARIANTS[`${name} ${variant}`] ?? VARIANTS[name] ?? label,
  interval: (low: string, high: string) => `${low} to ${high}`,
  drawn: (value: string, low: string, high: string) =>
    low ? `${value}, 95 % interval from ${low} to ${high}` : value,
  notMeasured: "not measured",
  noInterval: "no interval",
  table: "Table of all numbers",
  none: "Needs two readers who answered about the same slides.",
  noQuestions: "This study asks nothing that readers could agree about.",
  noQuestionsMore: "Agreement appears here when it has questions and two readers answered them.",
  pairs: "Pairs of readers",
  pairsHint: "Choose a pair to compare it.",
  pair: (first: string, second: string, value: string) => `${first} and ${second}: ${value}`,
  noPairs: "No two readers answered about the same slides.",
  against: (first: string, second: string) => `${first} against ${second}`,
  shared: (count: number) => `${counted(count, "subject", "subjects")} that both answered`,
  rows: (name: string) => `rows: ${name}`,
  across: (name: string) => `columns: ${name}`,
  confusion: (row: string, column: string, count: number) => `${row} met ${column} ${count} times`,
  bias: "Bias",
  limits: "Limits of agreement",
  upper: "upper limit",
  lower: "lower limit",
  meanAxis: "Mean of the two readers",
  differenceAxis: (first: string, second: string) => `${first} less ${second}`,
  plot: (count: number, bias: string, lower: string, upper: string) =>
    `Bland–Altman plot of ${counted(count, "subject", "subjects")}: bias ${bias}, limits of agreement ${lower} and ${upper}`,
  point: (label: string, mean: string, difference: string) =>
    `${label}: mean ${mean}, difference ${difference}`,
  distribution: "Answers given",
  share: (answer: string, count: number, percent: number) => `${answer}: ${count}, ${percent} %`,
  spread: "Widest spread first",
  spreadHint: "each dot is one reader",
  open: "Open with answers",
  openName: (label: string) => `Open with answers: ${label}`,
  consensus: (answer: string) => (answer ? `majority ${answer}` : "no majority"),
  median: (answer: string) => `median ${answer}`,
  onlyApart: "Only where readers differ",
  allSame: "All readers said the same about every subject.",
  more: (count: number) => `Show ${count} more`,
  core: (label: string, row: number, column: number) =>
    `${label}, core ${String.fromCharCode(65 + row)}${column + 1}`,
  how: "How each number is computed",
  howText: (missing: number, aside: string) =>
    `${missing === 0 ? "Every reader answered about every subject." : `${counted(missing, "answer is", "answers are")} missing; the statistic takes gaps into account.`} ${aside}`,
  rules: {
    nominal: "Answers are told apart, not ordered: any two different ones count as far apart.",
    ordinal: "Answers are in order: a step of two counts four times a step of one.",
    interval:
      "Answers are numbers: differences count squared. Exact matches alone would say little.",
    drawn: "Drawings are laid over each other: 1 is the same area, 0 none shared.",
  },
  explain: {
    "Fleiss κ": "agreement of all readers beyond what their frequencies alone would give",
    "weighted κ": "κ in which near misses count less than far ones, by squared steps",
    "Krippendorff α": "takes any number of readers and missing answers; 0 is chance, 1 perfect",
    "ICC(2,1)": "reliability of a single reader, absolute agreement, readers taken as a sample",
    "mean Dice": "twice the shared area over the sum of both, averaged over pairs of drawings",
    "F1 of points": "points no more than 10 µm apart are the same; 2 × same over all points",
  },
} as const;
