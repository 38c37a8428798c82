/** What is said about showing a slide to somebody without an account. */

export const shareWords = {
  open: "Show to a guest",
  title: "Show this slide to a guest",
  note: (name: string) =>
    `Whoever has the link sees ${name}, at this view, and nothing else: no answers, no other slides.`,
  holds: "The link holds for",
  days: (days: number) => (days === 365 ? "a year" : `${days} days`),
  make: "Make link",
  link: "Link for the guest",
  copy: "Copy link",
  copied: "Link copied.",
  until: (day: string) => `Holds until ${day}, or until the study shares its slides no more.`,
  cancel: "Close",
  failed: (why: string) => `There is no link. ${why}`,
} as const;
