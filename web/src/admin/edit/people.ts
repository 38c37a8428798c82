/** Addresses as people paste them, and rights as the server reads them. */

import type { Member } from "./api";

/** Return the addresses in a text, each once, and the first word that is none; empty: all are. */
export function addressesIn(pasted: string): { addresses: string[]; wrong: string } {
  // A mail program writes "M. Vos <m.vos@example.org>"; what is between angles counts.
  const plain = pasted.replace(/(?:"[^"]*"\s*|[^\n,;<"]*)<([^<>\n]+)>/g, " $1 ");
  const parts = plain.split(/[\s,;]+/).filter(Boolean);
  const wrong = parts.find((part) => !/^[^\s@]+@[^\s@]+$/.test(part)) ?? "";
  return { addresses: [...new Set(parts.map((part) => part.toLowerCase()))], wrong };
}

/** Write somebody's rights as a `.emails` file has them. */
export function rightsText({
  canScore,
  canEdit,
  canGetResults,
}: Pick<Member, "canScore" | "canEdit" | "canGetResults">): string {
  const held = [
    canScore ? "canscore" : "",
    canEdit ? "canedit" : "",
    canGetResults ? "cangetresults" : "",
  ].filter(Boolean);
  return held.join(",") || "viewonly";
}
