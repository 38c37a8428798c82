/** All numbers of a study's agreement as a file for spreadsheets. */

import type { Agreement, Statistic } from "./api";

const COLUMNS = [
  "Question",
  "Type",
  "Statistic",
  "Variant",
  "Reader 1",
  "Reader 2",
  "Subjects",
  "Value",
  "Low",
  "High",
  "Reason",
];

/** Write a line per statistic, separated by tabs, under a header. */
export function tableOf(agreements: readonly Agreement[]): string {
  const lines = agreements.flatMap((agreement) =>
    agreement.statistics.map((statistic) =>
      cellsOf(agreement, statistic)
        .map((cell) => cell.replace(/[\t\r\n]+/g, " "))
        .join("\t"),
    ),
  );
  return `${[COLUMNS.join("\t"), ...lines].join("\n")}\n`;
}

function cellsOf({ question, typeName }: Agreement, statistic: Statistic): string[] {
  const { label, variant, readers, subjects, value, low, high, reason } = statistic;
  const numbers = [value, low, high].map((cell) => (cell === null ? "" : String(cell)));
  const of = [label, variant, readers?.[0] ?? "", readers?.[1] ?? "", String(subjects)];
  return [question, typeName, ...of, ...numbers, reason];
}

/** Let the browser keep the table as a file. */
export function saveTable(agreements: readonly Agreement[]): void {
  const blob = new Blob([tableOf(agreements)], { type: "text/tab-separated-values" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = "agreement.tsv";
  link.click();
  URL.revokeObjectURL(link.href);
}
