/** What is said about pictures of the view, and of the slide's label. */

export const shotWords = {
  title: "Picture of this view",
  open: "Picture of this view",
  shapes: "With shapes and layers",
  bar: "With a scale bar",
  seen: "As it is seen, PNG",
  seenNote: (width: number, height: number) =>
    `${width} × ${height} px, adjusted and turned as here`,
  full: "In full detail, JPEG",
  fullNote: (size: string) => `${size} px, from the scanner's own pixels, upright`,
  tooLarge: "In full detail this view is larger than 50 million pixels. Go closer.",
  save: "Save picture",
  cancel: "Cancel",
  failed: (why: string) => `The picture was not made. ${why}`,
  label: "Label",
  macro: "Macro picture",
  picture: (name: string) => `${name} of the slide`,
  openFull: "Open in full size",
} as const;
