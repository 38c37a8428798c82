/** The cores of a slide as they were found, and as they are put right by hand. */

import { ask, isObject } from "../../../api/http";
import { type CoreLayout, type CorePlace, layoutOf } from "../../../viewer/tma/layout";

export interface Found {
  layout: CoreLayout;
  isSure: boolean;
}

export async function readFound(slideId: number): Promise<Found> {
  const reply = await ask("GetTMACores", { imageId: slideId });
  const told = isObject(reply) ? reply : {};
  return { layout: layoutOf(told), isSure: told.isSure === true };
}

/** Level-0 pixels of a slide that is shown turned. */
export interface Turned {
  width: number;
  height: number;
  rotation: number;
}

/** Return how a slide's own pixels are drawn when it is turned clockwise. */
export function transformOf({ width, height, rotation }: Turned): string {
  if (rotation === 90) return `translate(${height} 0) rotate(90)`;
  if (rotation === 180) return `translate(${width} ${height}) rotate(180)`;
  if (rotation === 270) return `translate(0 ${width}) rotate(270)`;
  return "";
}

/** Return the box of the turned slide. */
export function boxOf({ width, height, rotation }: Turned): string {
  return rotation % 180 === 0 ? `0 0 ${width} ${height}` : `0 0 ${height} ${width}`;
}

/** Return a step on the screen as a step in the slide's own pixels. */
export function ownStep(rotation: number, x: number, y: number): { x: number; y: number } {
  if (rotation === 90) return { x: y, y: -x };
  if (rotation === 180) return { x: -x, y: -y };
  return rotation === 270 ? { x: -y, y: x } : { x, y };
}

/** Put a core elsewhere, within the slide. */
export function movedTo(
  core: CorePlace,
  x: number,
  y: number,
  { width, height }: Turned,
): CorePlace {
  const within = (value: number, most: number) => Math.round(Math.min(most, Math.max(0, value)));
  return { ...core, x: within(x, width), y: within(y, height) };
}

/** Write cores as the server reads them. */
export function coresText(cores: readonly CorePlace[]): string {
  return JSON.stringify(
    cores.map(({ row, column, x, y, isMissing }) => ({ row, col: column, x, y, isMissing })),
  );
}
