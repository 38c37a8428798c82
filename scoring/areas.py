"""Shapes as formats of outlines hold them: what can be drawn, and the rings of areas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from scoring import marked as marking, shapes
from scoring.marked import Carrier, Losses, MarkedPack, Piece, Traits
from scoring.shapes import (
    Brush,
    Coordinates,
    Ellipse,
    Heatmap,
    MaskPack,
    Points,
    Polygon,
    PolygonPack,
    Polyline,
    Rect,
)

_NAMES = {MaskPack: "mask", Heatmap: "heat map", Polyline: "line"}


class Drawable(NamedTuple):
    """A shape that has a geometry, and what a tool says of it."""

    shape: Points | Polygon | Polyline | Ellipse | Rect | Brush
    traits: Traits


def drawable(
    piece: Piece, carrier: Carrier, *, has_lines: bool = True
) -> Iterator[MarkedPack | Drawable]:
    """Yield what of a piece a format of outlines can hold; the carrier is told of the rest.

    Parameters
    ----------
    has_lines
        Whether the format has lines. None of these formats has masks or heat maps.
    """
    if isinstance(piece, MarkedPack):
        yield piece
        return
    shape = piece.shape
    if isinstance(shape, PolygonPack):
        yield from marking.parts_of(shape, piece.traits)
    elif isinstance(shape, (MaskPack, Heatmap)) or (isinstance(shape, Polyline) and not has_lines):
        carrier.leave_out(_NAMES[type(shape)])
    elif isinstance(shape, Points):
        sound = sound_points(shape, carrier.losses)
        if sound is not None:
            yield Drawable(sound, piece.traits)
    elif shapes.geometry(shape) is None:
        carrier.losses.add(f"shape left out: it {shapes.problem(shape)}")
    else:
        yield Drawable(shape, piece.traits)


def sound_points(points: Points, losses: Losses) -> Points | None:
    """Return the points that have both coordinates, or None when none has; each stands for itself.

    Parameters
    ----------
    losses
        Takes note of those left out.
    """
    problem = shapes.problem(points)
    if problem is None:
        return points
    places = points.places.array
    # NaN compares as false.
    sound = places[(np.abs(places) <= shapes.FARTHEST_PX).all(axis=1)]
    losses.add(f"point left out: it {problem}", len(places) - len(sound))
    return Points(places=Coordinates(sound)) if len(sound) else None


def closed(
    corners: npt.NDArray[np.float64], ring_starts: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Return rings with the first corner repeated at the end of each, and where they start."""
    firsts = ring_starts[:-1]
    places = np.insert(np.arange(len(corners)), ring_starts[1:], firsts)
    return np.ascontiguousarray(corners[places]), ring_starts + np.arange(len(ring_starts))


def brush_polygons(brush: Brush) -> tuple[list[list[Coordinates]], bool]:
    """Return the polygons of a painted area, each as its outline and its holes.

    Returns
    -------
    list of list of Coordinates
        Empty when the brush has no geometry.
    bool
        Whether outlines and holes are as they were; else they were computed anew, for a hole lies
        in no outline or in several, or outlines cross.
    """
    if shapes.geometry(brush) is None:
        return [], True
    outlines = [shapely.Polygon(ring.array) for ring in brush.positive]
    holes = [shapely.Polygon(ring.array) for ring in brush.negative]
    found = [[ring] for ring in brush.positive]
    for hole, ring in zip(holes, brush.negative, strict=True):
        owners = [index for index, outline in enumerate(outlines) if _covers(outline, hole)]
        if len(owners) != 1:
            return _computed(brush), False
        found[owners[0]].append(ring)
    return found, True


def brush_rings(brush: Brush, losses: Losses) -> Iterator[tuple[int, Coordinates]]:
    """Yield the rings of a painted area's polygons with their number: 0 for an outline.

    Parameters
    ----------
    losses
        Takes note of what the area becomes where a format has polygons only.
    """
    polygons, is_kept = brush_polygons(brush)
    losses.add("brush computed anew: its holes or outlines overlap", not is_kept)
    losses.add("brush of several areas written as several polygons", len(polygons) > 1)
    for rings in polygons:
        yield from enumerate(rings)


def lies_within(places: npt.NDArray[np.float64], ring: npt.NDArray[np.float64]) -> bool:
    """Tell whether places lie within the box around a ring; neither may be empty."""
    if not len(places) or not len(ring):
        return False
    return bool((places >= ring.min(axis=0)).all() and (places <= ring.max(axis=0)).all())


def _covers(outline: shapely.Polygon, hole: shapely.Polygon) -> bool:
    return outline.is_valid and hole.is_valid and bool(outline.covers(hole))


def _computed(brush: Brush) -> list[list[Coordinates]]:
    area = shapes.geometry(brush)
    parts = [part for part in shapely.get_parts(area) if isinstance(part, shapely.Polygon)]
    return [
        [Coordinates(np.asarray(ring.coords)[:-1]) for ring in (part.exterior, *part.interiors)]
        for part in parts
        if not part.is_empty
    ]
