/** Texts of configuration files that were not saved yet, kept in this browser. */

const key = (studyId: number, name: string) => `coverslip-draft-${studyId}-${name}`;

export function saveDraft(studyId: number, name: string, text: string): void {
  try {
    localStorage.setItem(key(studyId, name), text);
  } catch {
    // A browser without room keeps the text as long as the page is open.
  }
}

export function readDraft(studyId: number, name: string): string | null {
  return localStorage.getItem(key(studyId, name));
}

export function dropDraft(studyId: number, name: string): void {
  localStorage.removeItem(key(studyId, name));
}

/** Names of all files of a study of which a draft is kept. */
export function draftNames(studyId: number): string[] {
  const prefix = key(studyId, "");
  return Object.keys(localStorage)
    .filter((entry) => entry.startsWith(prefix))
    .map((entry) => entry.slice(prefix.length));
}
