/** Light or dark, as the person chose in this browser; else as the system is set. */

const KEPT_AS = "coverslip.theme";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

export function theme(): Theme {
  try {
    const kept = localStorage.getItem(KEPT_AS);
    return THEMES.find((one) => one === kept) ?? "system";
  } catch {
    return "system";
  }
}

export function chooseTheme(wanted: Theme): void {
  try {
    localStorage.setItem(KEPT_AS, wanted);
  } catch {
    // Then the choice holds for this page only.
  }
  show(wanted);
}

function show(wanted: Theme): void {
  const { dataset } = document.documentElement;
  if (wanted === "system") delete dataset.theme;
  else dataset.theme = wanted;
}

show(theme());
