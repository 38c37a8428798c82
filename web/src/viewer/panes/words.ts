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
  byPoints: (angle: string, stretch: string) =>
    `by two points, ${angle}${stretch ? `, ${stretch}` : ""}`,
  none: "No slide lies beside this one. C opens the slides of the case.",
  pairing: {
    begin: (name: string) => `Lay ${name} by two points`,
    asked: (count: number, where: string | null) =>
      where === null
        ? `Point ${count} of 2: mark the same place in both slides`
        : `Point ${count} of 2: now the same place ${where}`,
    sides: { main: "in the scored slide", beside: "in the slide beside it" },
    byHand: "Click marks · Esc cancels",
    byKeys: "W A S D move · Enter marks · Esc cancels",
    back: "Take the last point back",
    cancel: "Leave the slides as they lay",
    refused: {
      near: "The two points lie too close together.",
      unlike: "These distances differ by more than half: they cannot be the same places.",
    },
  },
  keys: {
    align: "lay the slide beside by two points",
    compare: "slides of the case beside this one",
    sync: "sync all panes, or none",
  },
} as const;
