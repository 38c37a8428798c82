/** What is said about slides side by side. */

export const paneWords = {
  compare: "Compare with other slides",
  title: "Side by side",
  sync: "Sync",
  pan: "Pan",
  zoom: "Zoom",
  rotation: "Rotation",
  add: "Add a slide",
  close: (name: string) => `Close ${name}`,
  choose: "Slide of this pane",
  link: (name: string) => `Let ${name} move on its own`,
  unlinked: (name: string) => `Keep ${name} where it lies now, and let it follow`,
  reset: "Back to where it lay at first",
  score: (name: string) => `Score ${name}`,
  scored: "scored",
  offset: (length: string, angle: string) => `offset ${length}, ${angle}`,
  region: (name: string) => `Slide ${name}, beside`,
  failed: "This slide cannot be shown.",
  keys: { compare: "slides of the case beside this one", sync: "sync all panes, or none" },
} as const;
