"""Flat shapes: any number of shapes as a handful of arrays, in sixteenths of a level-0 pixel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt
import shapely

from scoring import shapes
from scoring.shapes import (
    Brush,
    Ellipse,
    Heatmap,
    Label,
    MaskPack,
    Pack,
    Points,
    Polygon,
    PolygonPack,
    Polyline,
    Rect,
    Shape,
)

UNITS_PER_PX = 16
"""Whole numbers of a 16th of a pixel reach beyond any slide in 32 bits, and nobody sees less."""

Ints = npt.NDArray[np.int32]
Counts = npt.NDArray[np.int64]


class Kind(IntEnum):
    """What an item is; the numbers are part of the wire's binary form."""

    POINT = 0
    POLYGON = 1
    POLYLINE = 2
    ELLIPSE = 3
    RECT = 4
    BRUSH = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Flat:
    """Items, each of one or more rings of corners.

    Parameters
    ----------
    kinds
        (items,) uint8, of ``Kind``. The corners of an ellipse are its centre and its radii.
    indices
        (items,) uint32, the place of each in its answer, counted from 0; each point counts.
    item_rings
        (items + 1,) where each item's rings start.
    ring_corners
        (rings + 1,) where each ring's corners start.
    corners
        (corners, 2) int32, in 1 / ``UNITS_PER_PX`` of a level-0 pixel.
    skipped
        How many shapes have no geometry, by ``shapes.problem``.
    """

    kinds: npt.NDArray[np.uint8]
    indices: npt.NDArray[np.uint32]
    item_rings: Counts
    ring_corners: Counts
    corners: Ints
    skipped: int

    def __len__(self) -> int:
        return len(self.kinds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A label, and the place in the answer of the shape it belongs to; -1 for none of them."""

    index: int
    label: Label


def flatten(drawn: Iterable[Shape | Pack]) -> Flat:
    """Lay out points, polygons, lines, ellipses, rectangles and brushes; rasters are left out."""
    parts = list(_parts(drawn)) or [_of_singles([], 0)]
    return parts[0] if len(parts) == 1 else _joined(parts)


def labels(drawn: Iterable[Shape | Pack]) -> list[Labelled]:
    """Return the labels of shapes."""
    found = []
    index = 0
    for entry in drawn:
        if isinstance(entry, PolygonPack):
            found += [Labelled(index=-1, label=label) for label in entry.labels]
        elif not isinstance(entry, (Points, MaskPack)):
            found += [Labelled(index=index, label=label) for label in entry.labels]
        index += _slots(entry)
    return found


def _slots(entry: Shape | Pack) -> int:
    """Return how many places of the answer an entry takes."""
    match entry:
        case Points():
            return len(entry.places)
        case PolygonPack():
            return len(entry)
        case _:
            return 1


def _parts(drawn: Iterable[Shape | Pack]) -> Iterator[Flat]:
    single: list[tuple[Kind, int, list[npt.NDArray[np.float64]]]] = []
    index = skipped = 0
    for entry in drawn:
        match entry:
            case Heatmap() | MaskPack():
                pass
            case Points():
                yield _of_points(entry, index)
            case PolygonPack():
                yield _of_pack(entry, index)
            case _:
                kind, rings = _of_shape(entry)
                if rings:
                    single.append((kind, index, rings))
                else:
                    skipped += 1
        index += _slots(entry)
    if single or skipped:
        yield _of_singles(single, skipped)


def _of_points(points: Points, first: int) -> Flat:
    places = points.places.array
    sound = (np.abs(places) <= shapes.FARTHEST_PX).all(axis=1)
    kept = np.flatnonzero(sound)
    steps = np.arange(len(kept) + 1, dtype=np.int64)
    return Flat(
        kinds=np.full(len(kept), Kind.POINT, dtype=np.uint8),
        indices=(kept + first).astype(np.uint32),
        item_rings=steps,
        ring_corners=steps,
        corners=to_units(places[kept]),
        skipped=len(places) - len(kept),
    )


def _of_pack(pack: PolygonPack, first: int) -> Flat:
    """Lay out a collection; without holes, as most are, nothing is moved."""
    lengths = np.diff(pack.starts)
    holes = np.zeros(len(lengths), dtype=np.bool_)
    for indices in pack.holes.values():
        holes[list(indices)] = True
    wrong = (lengths < 3) | (lengths > shapes.MAX_CORNERS)
    wrong[_owners_of_bad_corners(pack)] = True
    if not (holes.any() or wrong.any()):
        return Flat(
            kinds=np.full(len(pack), Kind.POLYGON, dtype=np.uint8),
            indices=np.arange(first, first + len(pack), dtype=np.uint32),
            item_rings=np.arange(len(pack) + 1, dtype=np.int64),
            ring_corners=np.asarray(pack.starts, dtype=np.int64),
            corners=to_units(pack.corners),
            skipped=0,
        )
    outlines = np.flatnonzero(~holes & ~wrong)
    order: list[int] = []
    counts = np.ones(len(outlines), dtype=np.int64)
    for place, outline in enumerate(outlines.tolist()):
        order.append(outline)
        if outline in pack.holes:
            cut = [hole for hole in pack.holes[outline] if not wrong[hole]]
            order += cut
            counts[place] += len(cut)
    rings = np.array(order, dtype=np.int64)
    taken = ranges(pack.starts[rings], lengths[rings])
    return Flat(
        kinds=np.full(len(outlines), Kind.POLYGON, dtype=np.uint8),
        indices=(outlines + first).astype(np.uint32),
        item_rings=starts_of(counts),
        ring_corners=starts_of(lengths[rings]),
        corners=to_units(pack.corners[taken]),
        skipped=int((wrong & ~holes).sum()),
    )


def _owners_of_bad_corners(pack: PolygonPack) -> npt.NDArray[np.int64]:
    """Return which outlines have a corner that is missing or out of reach."""
    if not pack.corners.size:
        return np.empty(0, dtype=np.int64)
    # Almost always none; NaN is not smaller than anything.
    if pack.corners.min() >= -shapes.FARTHEST_PX and pack.corners.max() <= shapes.FARTHEST_PX:
        return np.empty(0, dtype=np.int64)
    bad = np.flatnonzero(~(np.abs(pack.corners) <= shapes.FARTHEST_PX).all(axis=1))
    return np.searchsorted(pack.starts, bad, side="right") - 1


def _of_shape(shape: Shape) -> tuple[Kind, list[npt.NDArray[np.float64]]]:
    if shapes.problem(shape) not in shapes.REPAIRED:
        return Kind.POLYGON, []
    match shape:
        case Polygon():
            return Kind.POLYGON, [shape.outline.array]
        case Polyline():
            return Kind.POLYLINE, [shape.line.array]
        case Rect():
            return Kind.RECT, [shapes.outline(shape).array]
        case Ellipse():
            radii = [abs(shape.radius_x), abs(shape.radius_y)]
            return Kind.ELLIPSE, [np.array([[shape.x, shape.y], radii])]
        case Brush():
            return Kind.BRUSH, _brush_rings(shape)
    return Kind.POLYGON, []


def _brush_rings(brush: Brush) -> list[npt.NDArray[np.float64]]:
    """Return rings that enclose the brush by the even-odd rule, as every program can fill it."""
    if len(brush.positive) == 1 and not brush.negative:
        return [brush.positive[0].array]
    parts = shapely.get_parts(shapely.get_parts(shapes.geometry(brush)))
    return [
        shapely.get_coordinates(ring)[:-1]
        for part in parts
        if isinstance(part, shapely.Polygon)
        for ring in (part.exterior, *part.interiors)
    ]


def _of_singles(
    single: Sequence[tuple[Kind, int, list[npt.NDArray[np.float64]]]], skipped: int
) -> Flat:
    rings = [ring for _, _, of_item in single for ring in of_item]
    corners = np.concatenate(rings) if rings else np.empty((0, 2))
    return Flat(
        kinds=np.array([kind for kind, _, _ in single], dtype=np.uint8),
        indices=np.array([index for _, index, _ in single], dtype=np.uint32),
        item_rings=starts_of(np.array([len(of_item) for _, _, of_item in single], dtype=np.int64)),
        ring_corners=starts_of(np.array([len(ring) for ring in rings], dtype=np.int64)),
        corners=to_units(corners),
        skipped=skipped,
    )


def _joined(parts: Sequence[Flat]) -> Flat:
    return Flat(
        kinds=np.concatenate([part.kinds for part in parts]),
        indices=np.concatenate([part.indices for part in parts]),
        item_rings=starts_of(np.concatenate([np.diff(part.item_rings) for part in parts])),
        ring_corners=starts_of(np.concatenate([np.diff(part.ring_corners) for part in parts])),
        corners=np.concatenate([part.corners for part in parts]),
        skipped=sum(part.skipped for part in parts),
    )


def to_units(places: npt.NDArray[np.float64] | Ints) -> Ints:
    """Return places in level-0 pixels as whole units."""
    if places.dtype.kind == "i":
        return places.astype(np.int32, copy=False) * np.int32(UNITS_PER_PX)
    return np.rint(places * UNITS_PER_PX).astype(np.int32)


def starts_of(counts: Counts) -> Counts:
    """Return where parts of so many elements start, and the end of the last."""
    return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.int64)


def ranges(starts: Counts, counts: Counts) -> Counts:
    """Return ``starts[0], starts[0] + 1, …`` for each start, as many as its count."""
    ends = np.cumsum(counts, dtype=np.int64)
    if not len(ends):
        return np.empty(0, dtype=np.int64)
    result: Counts = np.arange(ends[-1]) + np.repeat(starts - (ends - counts), counts)
    return result
