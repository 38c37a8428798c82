/** The little HTML of descriptions, between its text and a page. */

/** Return what a description shows, as nodes: styles are set one by one, for the pages' policy. */
export function nodesOf(html: string): DocumentFragment {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  const made = document.createDocumentFragment();
  for (const child of [...parsed.body.childNodes]) {
    const node = copyOf(child);
    if (node) made.append(node);
  }
  return made;
}

/** What must never come alive here, whoever let it through. */
const FORBIDDEN = new Set(["SCRIPT", "STYLE", "IFRAME", "OBJECT", "EMBED", "FORM", "LINK", "META"]);

function copyOf(node: Node): Node | null {
  if (node instanceof Text) return document.createTextNode(node.data);
  if (!(node instanceof HTMLElement) || FORBIDDEN.has(node.tagName)) return null;
  const made = document.createElement(node.tagName);
  for (const { name, value } of [...node.attributes]) {
    if (name === "style") made.style.cssText = value;
    else if (isHarmless(name, value)) made.setAttribute(name, value);
  }
  for (const child of [...node.childNodes]) {
    const copy = copyOf(child);
    if (copy) made.append(copy);
  }
  return made;
}

function isHarmless(name: string, value: string): boolean {
  return !name.startsWith("on") && !/^\s*(javascript|data|vbscript):/i.test(value);
}

/** Return the HTML that is written, or nothing where nothing is seen of it. */
export function htmlOf(element: HTMLElement): string {
  const isEmpty = element.textContent?.trim() === "" && !element.querySelector("hr, table, li");
  return isEmpty ? "" : element.innerHTML;
}
