/** Where the keyboard is on the page. */

export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, select");
}

/** On a button that the keyboard came to, Enter presses it. */
export function isPressedByEnter(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("button:focus-visible, a:focus-visible");
}

/** Move the focus to the next of the page's parts, in the order in which they are read. */
export function moveFocus(direction: 1 | -1): void {
  const parts = [...document.querySelectorAll<HTMLElement>("[data-part], .openseadragon-canvas")];
  const visible = parts.filter((part) => part.offsetParent !== null);
  const now = visible.findIndex((part) => part.contains(document.activeElement));
  const next = visible[(now + direction + visible.length) % visible.length];
  const target = next?.matches("[tabindex]")
    ? next
    : next?.querySelector<HTMLElement>("a[href], button, input, [tabindex='0']");
  target?.focus();
}
