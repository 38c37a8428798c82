/** What is wrong at a place in a text, and the correction that the server offers. */

import type { Mistake } from "./files";

export interface Fix {
  from: string;
  to: string;
}

/** Read the correction in a mistake: 'Integr'. Did you mean Integer? */
export function fixOf(mistake: Mistake): Fix | null {
  const offered = /Did you mean (.+?)\?/.exec(mistake.message)?.[1];
  const wrong = /'([^']+)'|"([^"]+)"/.exec(mistake.message);
  const from = wrong?.[1] ?? wrong?.[2];
  return offered && from ? { from, to: offered } : null;
}

/** Return the text with a correction made in the line of its mistake, or null where it is gone. */
export function fixed(text: string, mistake: Mistake, fix: Fix): string | null {
  const lines = text.split("\n");
  const line = lines[mistake.line - 1];
  if (line === undefined) return null;
  const near = line.indexOf(fix.from, Math.max(0, mistake.column - 1));
  const at = near >= 0 ? near : line.indexOf(fix.from);
  if (at < 0) return null;
  lines[mistake.line - 1] = line.slice(0, at) + fix.to + line.slice(at + fix.from.length);
  return lines.join("\n");
}

/** Return how many cells wide a line is shown, with TABs to each eighth. */
export function width(line: string, tab = 8): number {
  let cells = 0;
  for (const character of line) cells += character === "\t" ? tab - (cells % tab) : 1;
  return cells;
}
