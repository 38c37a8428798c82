/** Words of the adjusting of brightness, contrast and gamma. */

export const adjustWords = {
  title: "Adjust",
  brightness: "Brightness",
  contrast: "Contrast",
  gamma: "Gamma",
  reset: "As scanned",
  chip: "adjusted",
  chipLong: "Brightness, contrast or gamma are not as scanned: show as scanned",
};
