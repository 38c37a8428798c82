/** The slide looked at last in this browser, so that the next visit can go on there. */

import { person } from "./person";

export interface Recent {
  studyId: number;
  slideId: number;
  slideName: string;
  at: string;
}

// One browser may serve several people: each has their own.
const key = () => `coverslip.recent.${person.email}`;

export function remember(recent: Recent): void {
  try {
    localStorage.setItem(key(), JSON.stringify(recent));
  } catch {
    // Storage is full or switched off; then the next visit starts at the list.
  }
}

export function recall(): Recent | null {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(key()) ?? "null");
    return isRecent(stored) ? stored : null;
  } catch {
    return null;
  }
}

function isRecent(value: unknown): value is Recent {
  if (typeof value !== "object" || value === null) return false;
  const found = value as Record<string, unknown>;
  return (
    typeof found.studyId === "number" &&
    typeof found.slideId === "number" &&
    typeof found.slideName === "string" &&
    typeof found.at === "string"
  );
}
