/** The sign-in form works without a script; this adds a look at the password. */

import "../ui/tokens.css";
import "../ui/base.css";
import "./login.css";
import { words } from "../ui/words";

const EYE =
  "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8ZM10 8a2 2 0 1 1-4 0 2 2 0 0 1 4 0Z";

const password = document.querySelector<HTMLInputElement>("#password");
if (password?.parentElement) password.parentElement.append(eyeFor(password));
if (document.querySelector<HTMLInputElement>("#email")?.value) password?.focus();

function eyeFor(field: HTMLInputElement): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button quiet square";
  button.append(drawing(EYE));
  const tell = () => {
    const isShown = field.type === "text";
    const name = isShown ? words.login.hidePassword : words.login.showPassword;
    button.setAttribute("aria-label", name);
    button.setAttribute("aria-pressed", String(isShown));
    button.title = name;
  };
  button.addEventListener("click", () => {
    field.type = field.type === "password" ? "text" : "password";
    tell();
  });
  // A password must leave the page as one, so that the browser keeps it as one.
  field.form?.addEventListener("submit", () => {
    field.type = "password";
  });
  tell();
  return button;
}

function drawing(path: string): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
}
