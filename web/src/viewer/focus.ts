/** Where the keyboard is on the page. */

const FIELDS = "input:not([type=range], [type=checkbox], [type=radio]), textarea, select";
// What sliders, boxes and circles do themselves; every other key means the same there as elsewhere.
const OF_SWITCHES = /^(Arrow|Home$|End$|Page|Space$)/;

/** Whether a key belongs to the field that it is pressed in. */
export function isTyping(target: EventTarget | null, code = ""): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.matches(FIELDS) || (target.matches("input") && OF_SWITCHES.test(code));
}

/** On a button that the keyboard came to, Enter and Space press it; on a link, Enter alone. */
export function isPressedBy(code: string, target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (code === "Space") return target.matches("button:focus-visible");
  const isEnter = code === "Enter" || code === "NumpadEnter";
  return isEnter && target.matches("button:focus-visible, a:focus-visible");
}

/** Move the focus to the next of the page's parts, in the order in which they are read. */
export function moveFocus(direction: 1 | -1): void {
  const parts = [...document.querySelectorAll<HTMLElement>("[data-part], .openseadragon-canvas")];
  const visible = parts.filter((part) => part.offsetParent !== null);
  // Parts lie in parts: the slide in its pane.
  const now = visible.findLastIndex((part) => part.contains(document.activeElement));
  const next = visible[(now + direction + visible.length) % visible.length];
  const target = next?.matches("[tabindex]")
    ? next
    : next?.querySelector<HTMLElement>("a[href], button, input, [tabindex='0']");
  target?.focus();
}
