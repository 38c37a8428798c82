/** Icons: strokes on a 16-pixel grid, in the colour of the text around them. */

const SHAPES = {
  back: "M10 3 5 8l5 5",
  forward: "m6 3 5 5-5 5",
  down: "m3 6 5 5 5-5",
  up: "m3 10 5-5 5 5",
  check: "m3 8.5 3.2 3.2L13 4.8",
  close: "m4 4 8 8M12 4l-8 8",
  search: "M11.5 7a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0ZM10.3 10.3 14 14",
  home: "m2 8 6-5.5L14 8M3.8 6.8v6.7h8.4V6.8",
  folder: "M1.8 12.5v-9h4.4l1.6 1.8h6.4v7.2z",
  draft: "m3 13 .6-3L11 2.6l2.4 2.4L6 12.4z",
  warning: "M8 2.2 14.5 13.5h-13zM8 6.5v3.2M8 11.6v.1",
  link: "M6.5 9.5a2.6 2.6 0 0 0 3.8.2l2-2a2.7 2.7 0 0 0-3.8-3.8l-.8.8M9.5 6.5a2.6 2.6 0 0 0-3.8-.2l-2 2a2.7 2.7 0 0 0 3.8 3.8l.8-.8",
  full: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
  keyboard:
    "M2.7 4h10.6q1.2 0 1.2 1.2v6.1q0 1.2-1.2 1.2H2.7q-1.2 0-1.2-1.2V5.2q0-1.2 1.2-1.2zM4 6.8h.1M6.7 6.8h.1M9.3 6.8h.1M12 6.8h.1M4.5 10h7",
  undo: "M5.5 3 2.5 6l3 3M2.5 6h6.7a3.6 3.6 0 0 1 0 7.2H6",
  redo: "m10.5 3 3 3-3 3M13.5 6H6.8a3.6 3.6 0 0 0 0 7.2H10",
  key: "M9.8 6.2a3.4 3.4 0 1 0-3.2 4.4l.9-.9h1.3V8.4h1.3zM5.3 9.3v.1M8.6 7.4 13.8 2.2M11.6 4.4l1.6 1.6",
  people:
    "M8.2 5.2a2.4 2.4 0 1 1-4.8 0 2.4 2.4 0 0 1 4.8 0ZM1.5 13.2a4.3 4.3 0 0 1 8.6 0M10.6 3a2.3 2.3 0 0 1 0 4.4M11.6 9.4a4.2 4.2 0 0 1 2.9 3.8",
  trail: "M3.5 2.5h9v11h-9zM6 5.5h4M6 8h4M6 10.5h2.5",
  more: "M3.5 8h.1M8 8h.1M12.5 8h.1",
  download: "M8 2.5v8M4.8 7.5 8 10.7l3.2-3.2M2.5 13.5h11",
  edit: "m3 13 .6-3L11 2.6l2.4 2.4L6 12.4z",
  copy: "M5.5 5.5h8v8h-8zM3.5 10.5h-1v-8h8v1",
  lock: "M3.5 7.2h9v6.3h-9zM5.5 7.2V5a2.5 2.5 0 0 1 5 0v2.2",
  saving: "M13 8a5 5 0 0 1-8.8 3.2M3 8a5 5 0 0 1 8.8-3.2M12 2.2v2.8H9.2M4 13.8V11h2.8",
  kept: "M2.5 3.5h11v7h-11zM5.5 13h5M8 10.5V13",
  adjust: "M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0ZM8 2v12M8 4.5h4.5M8 8h6M8 11.5h4.5",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  fit: "M2.5 4.5h11v7h-11zM5 7v2M11 7v2M5 8h2M9 8h2",
  native: "M4 4.5v7M4 4.5 2.8 5.3M12 4.5v7M12 4.5l-1.2.8M8 6.4v.1M8 9.5v.1",
  turnRight: "M13 8a5 5 0 1 1-1.6-3.7M13.5 2v3h-3",
  turnLeft: "M3 8a5 5 0 1 0 1.6-3.7M2.5 2v3h3",
  only: "M2.5 3h11v10h-11zM2.5 3l11 10M13.5 3l-11 10",
  strip: "M2 4.5h12v5H2zM5.3 4.5v5M8.7 4.5v5M2 12.5h12",
  panel: "M2.5 3h11v10h-11zM10 3v10",
  camera: "M2 5h3l1.2-1.8h3.6L11 5h3v8H2zM10.2 8.8a2.2 2.2 0 1 1-4.4 0 2.2 2.2 0 0 1 4.4 0Z",
  beside: "M2 3h5v10H2zM9 3h5v10H9z",
  match: "M2.5 5h5M5 2.5v5M8.5 11h5M11 8.5v5M6.8 6.8l2.4 2.4",
  info: "M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0ZM8 7.3V11M8 5v.1",
  slides: "M2.5 2.5h4v4h-4zM9.5 2.5h4v4h-4zM2.5 9.5h4v4h-4zM9.5 9.5h4v4h-4z",
  upload: "M8 10.5V2.8M5 5.5l3-3 3 3M2.5 10.5v3h11v-3",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  play: "M5 3v10l8-5z",
  letter: "M2 3.8h12v8.4H2zM2.4 4.4 8 8.8l5.6-4.4",
  gear: "M10.2 8a2.2 2.2 0 1 1-4.4 0 2.2 2.2 0 0 1 4.4 0ZM8 1.8v2M8 12.2v2M1.8 8h2M12.2 8h2M3.6 3.6 5 5M11 11l1.4 1.4M3.6 12.4 5 11M11 5l1.4-1.4",
  clock: "M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0ZM8 4.8V8l2.2 1.6",
  leave: "M9.5 2.5H3v11h6.5M6.5 8H14M11.5 5.5 14 8l-2.5 2.5",
} as const;

export type IconName = keyof typeof SHAPES;

export function Icon({ name, small = false }: { name: IconName; small?: boolean }) {
  return (
    <svg class={small ? "icon small" : "icon"} viewBox="0 0 16 16" aria-hidden="true">
      <path d={SHAPES[name]} />
    </svg>
  );
}

/** The sign of the product: a slide and the coverslip on it. */
export function Logo() {
  return (
    <svg class="logo-sign" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M3.1 7h17.8q1.6 0 1.6 1.6v6.8q0 1.6-1.6 1.6H3.1q-1.6 0-1.6-1.6V8.6Q1.5 7 3.1 7zM5.6 7v10" />
      <rect class="logo-glass" x="10" y="4.5" width="9.5" height="15" rx="1" />
    </svg>
  );
}
