"""ASAP's annotations as shapes, and shapes as ASAP's annotations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring import shapes
from scoring.formats.asap_xml import AsapAnnotation, AsapFile, AsapGroup
from scoring.shapes import (
    Brush,
    Coordinates,
    Ellipse,
    Heatmap,
    MaskPack,
    Pack,
    Points,
    Polygon,
    PolygonPack,
    Polyline,
    Rect,
    Shape,
)

HOLES = " (holes)"
"""What the group of holes adds to its question's name: ASAP knows no holes."""

_SPLINE_STEPS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """The shapes that answer one question, with its colour."""

    question: str
    colour: str
    drawn: Sequence[Shape | Pack]


def to_shape(annotation: AsapAnnotation) -> Points | Polygon | Polyline | Rect:
    """Return an annotation of ASAP as a shape.

    A spline becomes the polygon of the curve that ASAP draws through its points; a rectangle whose
    sides lie askew becomes a polygon.
    """
    places = annotation.places
    match annotation.kind:
        case "Dot" | "PointSet":
            return Points(places=places)
        case "Measurement":
            return Polyline(line=places)
        case "Rectangle":
            return _upright(places.array) or Polygon(outline=places)
        case "Spline":
            return Polygon(outline=Coordinates(_spline(places.array)))
        case _:
            return Polygon(outline=places)


def to_file(layers: Sequence[Layer]) -> AsapFile:
    """Return a file for ASAP with a group for each question.

    Ellipses become polygons, and an open line one Measurement for each of its segments. Holes go
    into a group of their own. Heat maps, masks and shapes without geometry are left out: ASAP has
    no such annotation.
    """
    annotations: list[AsapAnnotation] = []
    groups: list[AsapGroup] = []
    for layer in layers:
        groups.append(AsapGroup(name=layer.question, colour=layer.colour))
        found = [piece for entry in layer.drawn for piece in _pieces(entry)]
        if any(piece.is_hole for piece in found):
            groups.append(
                AsapGroup(name=layer.question + HOLES, colour=layer.colour, parent=layer.question)
            )
        for piece in found:
            annotations.append(
                AsapAnnotation(
                    name=f"Annotation {len(annotations)}",
                    kind=piece.kind,
                    colour=layer.colour,
                    group=layer.question + (HOLES if piece.is_hole else ""),
                    places=piece.places,
                )
            )
    return AsapFile(tuple(annotations), tuple(groups))


@dataclass(frozen=True, slots=True)
class _Piece:
    kind: str
    places: Coordinates
    is_hole: bool = False


def _pieces(drawn: Shape | Pack) -> Iterator[_Piece]:
    if isinstance(drawn, PolygonPack):
        yield from _pack_pieces(drawn)
    elif not isinstance(drawn, (MaskPack, Heatmap)) and shapes.geometry(drawn) is not None:
        yield from _shape_pieces(drawn)


def _shape_pieces(
    shape: Points | Polyline | Rect | Polygon | Ellipse | Brush,
) -> Iterator[_Piece]:
    match shape:
        case Points(places=places):
            yield _Piece("Dot" if len(places) == 1 else "PointSet", places)
        case Polyline(line=line):
            for start in range(len(line) - 1):
                yield _Piece("Measurement", Coordinates(line.array[start : start + 2]))
        case Brush():
            yield from (_Piece("Polygon", ring) for ring in shape.positive)
            yield from (_Piece("Polygon", ring, is_hole=True) for ring in shape.negative)
        case _:
            kind = "Rectangle" if isinstance(shape, Rect) else "Polygon"
            yield _Piece(kind, shapes.outline(shape))


def _pack_pieces(pack: PolygonPack) -> Iterator[_Piece]:
    holes = {hole for indices in pack.holes.values() for hole in indices}
    for index, (start, end) in enumerate(zip(pack.starts[:-1], pack.starts[1:], strict=True)):
        yield _Piece("Polygon", Coordinates(pack.corners[start:end]), is_hole=index in holes)


def _upright(corners: npt.NDArray[np.float64]) -> Rect | None:
    """Return four corners as a rectangle when its sides are level and plumb."""
    if corners.shape != (4, 2):
        return None
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    expected = {(left, top), (right, top), (right, bottom), (left, bottom)}
    steps = np.abs(np.diff(corners, axis=0, append=corners[:1])) > 0
    if {tuple(corner) for corner in corners.tolist()} != expected or (steps.sum(axis=1) != 1).any():
        return None
    return Rect(x=left, y=top, width=right - left, height=bottom - top)


def _spline(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return corners along the closed centripetal Catmull-Rom curve through points.

    Source: ASAP, annotation/PolyQtAnnotation.cpp draws that curve, with Bézier pieces.
    """
    kept = points[np.any(points != np.roll(points, 1, axis=0), axis=1)]
    if len(kept) < 3:
        return points
    before, start = np.roll(kept, 1, axis=0), kept
    end, after = np.roll(kept, -1, axis=0), np.roll(kept, -2, axis=0)
    # Knots: distances along the curve, each the square root of a chord.
    first, second, third = (
        np.sqrt(np.linalg.norm(to - origin, axis=1))[:, None]
        for origin, to in ((before, start), (start, end), (end, after))
    )
    leave = _control(start, end, before, second, first)
    arrive = _control(end, start, after, second, third)
    t = np.linspace(0, 1, _SPLINE_STEPS, endpoint=False)[None, :, None]
    curve = (
        (1 - t) ** 3 * start[:, None]
        + 3 * (1 - t) ** 2 * t * leave[:, None]
        + 3 * (1 - t) * t**2 * arrive[:, None]
        + t**3 * end[:, None]
    )
    return curve.reshape(-1, 2)


def _control(
    point: npt.NDArray[np.float64],
    ahead: npt.NDArray[np.float64],
    behind: npt.NDArray[np.float64],
    to_ahead: npt.NDArray[np.float64],
    to_behind: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Return the Bézier control point next to a point, on the side of the point ahead of it."""
    weight = 2 * to_behind**2 + 3 * to_behind * to_ahead + to_ahead**2
    moved = to_behind**2 * ahead - to_ahead**2 * behind + weight * point
    result: npt.NDArray[np.float64] = moved / (3 * to_behind * (to_behind + to_ahead))
    return result
