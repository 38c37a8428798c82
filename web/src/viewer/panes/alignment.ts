/**
 * How slides lie over each other: each is scaled to µm, turned and shifted into one common plane.
 *
 * Common plane: µm where every slide tells its µm per pixel; else parts of each slide's width.
 */

import { type Point, turn } from "../geometry";
import { normaliseAngle, type View } from "../viewurl";

/** From level-0 pixels of one slide to the common plane. */
export interface Placing {
  /** Common units per level-0 pixel. */
  scale: number;
  /** Degrees clockwise by which the slide is turned. */
  angle: number;
  /** Where the slide's corner lies. */
  offset: Point;
}

/** What of the leader's view the others follow. */
export interface Sync {
  pan: boolean;
  zoom: boolean;
  rotation: boolean;
}

export interface SlideExtent {
  width: number;
  height: number;
  mpp: number | null;
}

// Common units of a slide's width where scales are not known.
const WIDTH_UNITS = 10_000;

/** Return how a slide lies over a first one before anybody moved it: centre on centre. */
export function centred(first: SlideExtent, other: SlideExtent): [Placing, Placing] {
  const isScaled = first.mpp !== null && other.mpp !== null;
  const scaleOf = ({ mpp, width }: SlideExtent) =>
    isScaled && mpp !== null ? mpp : WIDTH_UNITS / width;
  const [one, two] = [scaleOf(first), scaleOf(other)];
  const offset = {
    x: (first.width * one - other.width * two) / 2,
    y: (first.height * one - other.height * two) / 2,
  };
  return [
    { scale: one, angle: 0, offset: { x: 0, y: 0 } },
    { scale: two, angle: 0, offset },
  ];
}

/** Return how two places of one slide come to lie on each other. */
export function pinned(first: Point, other: Point, mpp: number): [Placing, Placing] {
  const offset = { x: (first.x - other.x) * mpp, y: (first.y - other.y) * mpp };
  return [
    { scale: mpp, angle: 0, offset: { x: 0, y: 0 } },
    { scale: mpp, angle: 0, offset },
  ];
}

export function toCommon({ scale, angle, offset }: Placing, place: Point): Point {
  const turned = turn({ x: place.x * scale, y: place.y * scale }, angle);
  return { x: turned.x + offset.x, y: turned.y + offset.y };
}

export function fromCommon({ scale, angle, offset }: Placing, place: Point): Point {
  const turned = turn({ x: place.x - offset.x, y: place.y - offset.y }, -angle);
  return { x: turned.x / scale, y: turned.y / scale };
}

/** Return a placing within a slide that has a placing itself. */
export function composed(outer: Placing, inner: Placing): Placing {
  return {
    scale: outer.scale * inner.scale,
    angle: signed(outer.angle + inner.angle),
    offset: toCommon(outer, inner.offset),
  };
}

/** Return how the common plane lies over a slide: the way back. */
export function inverted({ scale, angle, offset }: Placing): Placing {
  const { x, y } = turn(offset, -angle);
  return { scale: 1 / scale, angle: -angle, offset: { x: -x / scale, y: -y / scale } };
}

/** Two places of a slide, in level-0 pixels. */
export type TwoPlaces = readonly [Point, Point];

/**
 * Return the placing with which two places of a slide lie on two of another one that is placed:
 * turned, shifted, and scaled as far as the places tell, for sections stretch on the glass.
 */
export function matched(first: Placing, on: TwoPlaces, places: TwoPlaces): Placing {
  const [from, to] = [toCommon(first, on[0]), toCommon(first, on[1])];
  const [wanted, own] = [vector(from, to), vector(...places)];
  const scale = wanted.length / own.length;
  const angle = signed(wanted.angle - own.angle);
  const turned = turn({ x: places[0].x * scale, y: places[0].y * scale }, angle);
  return { scale, angle, offset: { x: from.x - turned.x, y: from.y - turned.y } };
}

function vector(from: Point, to: Point): { length: number; angle: number } {
  const [x, y] = [to.x - from.x, to.y - from.y];
  return { length: Math.hypot(x, y), angle: (Math.atan2(y, x) * 180) / Math.PI };
}

/** A view, and the width of the window that it is seen in. */
export interface Seen {
  view: View;
  width: number;
}

/** Return the view of a slide that shows what the leader shows, in the respects that are synced. */
export function followed(
  leader: Seen & { placing: Placing },
  own: Seen,
  placing: Placing,
  sync: Sync,
): View {
  const centre = fromCommon(placing, toCommon(leader.placing, leader.view));
  // One common unit is as long on both screens.
  const perPx = (leader.view.width * leader.placing.scale) / leader.width;
  const { x, y } = sync.pan ? centre : own.view;
  return {
    x,
    y,
    width: sync.zoom ? (perPx * own.width) / placing.scale : own.view.width,
    rotation: sync.rotation
      ? normaliseAngle(leader.view.rotation - leader.placing.angle + placing.angle)
      : own.view.rotation,
  };
}

/** Return the placing with which a slide, as it is seen now, lies under what the leader sees. */
export function aligned(
  leader: { view: View; placing: Placing },
  own: View,
  placing: Placing,
): Placing {
  const angle = signed(own.rotation - leader.view.rotation + leader.placing.angle);
  const target = toCommon(leader.placing, leader.view);
  const turned = turn({ x: own.x * placing.scale, y: own.y * placing.scale }, angle);
  return {
    scale: placing.scale,
    angle,
    offset: { x: target.x - turned.x, y: target.y - turned.y },
  };
}

function signed(degrees: number): number {
  const angle = normaliseAngle(degrees);
  return angle > 180 ? angle - 360 : angle;
}
