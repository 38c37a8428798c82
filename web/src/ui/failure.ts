/** A failure in the words of the pages: what happened, and what can be done. */

import { Failure, type FailureKind, root } from "../api/http";
import { person } from "./person";
import { words } from "./words";

export interface Problem {
  sentence: string;
  kind: FailureKind;
  /** What the button offers: another try, a new session, or nothing. */
  remedy: "again" | "signIn" | null;
}

/** Say what an error means to the person who waits. */
export function problemOf(error: unknown, now: Date): Problem {
  const kind = error instanceof Failure ? error.kind : "server";
  return { kind, ...saidOf(error, now) };
}

function saidOf(error: unknown, now: Date): Omit<Problem, "kind"> {
  const said = words.failure;
  if (!(error instanceof Failure)) {
    return { sentence: said.server(0, clock(now)), remedy: "again" };
  }
  switch (error.kind) {
    case "session":
      return { sentence: said.session, remedy: "signIn" };
    case "rights":
      return { sentence: said.rights(person.email), remedy: null };
    case "missing":
      return { sentence: error.message ? sentence(error.message) : said.missing, remedy: null };
    case "network":
      return { sentence: said.network(clock(now)), remedy: "again" };
    case "refused":
      return { sentence: sentence(error.message), remedy: "again" };
    case "server":
      return {
        // 503 comes with a reason that time or a new link mends; other words are not for people.
        sentence:
          error.status === 503 && error.message
            ? sentence(error.message)
            : said.server(error.status, clock(now)),
        remedy: "again",
      };
  }
}

/** Where to sign in and come back from. */
export function signInAddress(): string {
  const here = location.pathname.slice(root.length) + location.search;
  return `${root}/Account/Login?returnUrl=${encodeURIComponent(here)}`;
}

function clock(now: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(now.getHours())}:${two(now.getMinutes())}`;
}

/** The server's messages begin in lower case, unless by a name, and have no full stop. */
function sentence(message: string): string {
  const isPlainWord = /^[a-z]+[ ,]/.test(message);
  const begun = isPlainWord ? message.charAt(0).toUpperCase() + message.slice(1) : message;
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
