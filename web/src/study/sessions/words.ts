/** The words of the tab "Sessions". */

import { counted } from "../../ui/format";

export const words = {
  title: "Sessions",
  list: "List of sessions",
  loading: "Waiting for the sessions",
  none: "No sessions yet",
  noneMore: "Who looked at which slide, when and for how long, appears here where it was recorded.",
  count: (count: number) => counted(count, "session", "sessions"),
  who: "Reader",
  everyone: "Everyone",
  slide: "Slide",
  when: "Began",
  length: "Length",
  choose: (email: string, slide: string) => `Show how ${email} looked at ${slide}`,
  minutes: (seconds: number) =>
    seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`,
  gone: "a slide that was removed",
  where: (slide: string) => `Where on ${slide}`,
  by: (email: string, count: number) => `${email}, ${counted(count, "view", "views")}`,
  heat: "Time that each place was in view",
  heatName: (share: number) => `Time in view: ${share} % of it in the most seen tenth of the slide`,
  little: "little",
  much: "much",
  noEvents: "This session recorded no views.",
  depth: "Magnification over time",
  depthName: (low: string, high: string) => `From ${low} to ${high} of the slide's full detail`,
  replay: "Replay",
  pause: "Pause",
  at: "Time in the session",
  speed: "Speed",
  times: (speed: number) => `${speed}×`,
  wide: "whole slide",
  close: "close",
} as const;
