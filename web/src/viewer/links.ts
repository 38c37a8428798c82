/** Links that the page follows by itself, and the clicks that belong to the browser. */

/** Tell a click that opens the link here from one that wants a new tab or window. */
export function isPlainClick(event: MouseEvent): boolean {
  return event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
}
