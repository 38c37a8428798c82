/** What the window tells the desk. */

import { SESSION_OVER } from "../api/http";

export interface Heard {
  keyDown: (event: KeyboardEvent) => void;
  keyUp: (event: KeyboardEvent) => void;
  /** Keys may have been let go of elsewhere. */
  rest: () => void;
  /** Back or Forward. */
  follow: () => void;
  /** The session is over. */
  end: () => void;
  full: (isFull: boolean) => void;
}

/** Listen; returns what ends it. */
export function listen(heard: Heard): () => void {
  const over = new AbortController();
  const options = { signal: over.signal };
  window.addEventListener("keydown", heard.keyDown, options);
  window.addEventListener("keyup", heard.keyUp, options);
  window.addEventListener("blur", heard.rest, options);
  window.addEventListener("popstate", heard.follow, options);
  window.addEventListener(SESSION_OVER, heard.end, options);
  const full = () => heard.full(document.fullscreenElement !== null);
  document.addEventListener("fullscreenchange", full, options);
  return () => over.abort();
}
