"""ASAP's annotations as marked shapes, and marked shapes as ASAP's annotations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from scoring import areas, shapes
from scoring.areas import Drawable
from scoring.formats import asap_xml
from scoring.formats.asap_xml import DEFAULT_COLOUR, AsapAnnotation, AsapGroup, Streamed
from scoring.formats.geojson_shapes import upright_rect
from scoring.marked import (
    Carrier,
    Losses,
    Marked,
    Packer,
    Piece,
    Traits,
)
from scoring.numbertext import Numbers
from scoring.shapes import (
    Brush,
    Coordinates,
    Ellipse,
    Points,
    Polygon,
    Polyline,
    Rect,
)

NAME = "ASAP XML"

HOLES = " (holes)"
"""What the group of holes adds to its group's name: ASAP knows no holes."""

_AT_ONCE = 2000
_SPLINE_STEPS = 16
_NUMBERED = re.compile(r"Annotation [0-9]+")
_KEEPS = ("group", "colour", "name")


def parse(stream: BinaryIO, losses: Losses) -> Iterator[Piece]:
    """Read ASAP's XML; consecutive polygons come packed.

    Polygons of a group ``X (holes)`` that follow a polygon of X and lie within its bounds are
    holes in it, as ``write`` puts them.

    Raises
    ------
    InputError
        It is no such XML.
    """
    packer, gathered = Packer(), _Gathered()
    for item in asap_xml.read(stream):
        if isinstance(item, AsapGroup):
            if item.parent is not None and not item.name.endswith(HOLES):
                losses.add("nesting of groups undone")
            continue
        if gathered.takes(item):
            continue
        gathered.move_to(packer)
        if item.kind == "Polygon":
            gathered.start(item)
            if len(packer) >= _AT_ONCE:
                yield from packer.packed()
            continue
        yield from packer.packed()
        if item.kind == "Spline":
            losses.add("spline read as the polygon of its curve")
        yield Marked(shape=to_shape(item.kept()), traits=_traits(item))
    gathered.move_to(packer)
    yield from packer.packed()


def write(pieces: Iterable[Piece], losses: Losses) -> Iterator[bytes]:
    """Write XML that ASAP loads, with a group for each class.

    Ellipses become polygons, and an open line one Measurement for each of its segments. A hole
    follows its outline, in a group of its own. ASAP has no heat maps and no masks.
    """
    carrier = Carrier(NAME, _KEEPS, losses)
    groups: dict[str, AsapGroup] = {}
    number = 0
    yield asap_xml.HEAD.encode()
    for piece in pieces:
        carrier.note(piece)
        for part, traits in _parts(piece, carrier):
            yield b"\n" + _text(part, traits, number, groups).encode()
            number += 1
    yield b"\n" + asap_xml.tail(groups.values()).encode() + b"\n"


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
            return upright_rect(places.array) or Polygon(outline=places)
        case "Spline":
            return Polygon(outline=Coordinates(_spline(places.array)))
        case _:
            return Polygon(outline=places)


class _Gathered:
    """A polygon and the holes that follow it."""

    def __init__(self) -> None:
        self._outline: Streamed | None = None
        self._holes: list[npt.NDArray[np.float64]] = []
        self._traits: dict[tuple[str | None, str], Traits] = {}

    def takes(self, item: Streamed) -> bool:
        """Keep an annotation that is a hole in the polygon before it."""
        outline = self._outline
        if outline is None or item.kind != "Polygon" or item.group is None:
            return False
        if item.group != (outline.group or "") + HOLES:
            return False
        if not areas.lies_within(item.places, outline.places):
            return False
        self._holes.append(item.places)
        return True

    def start(self, item: Streamed) -> None:
        """Begin with the next polygon."""
        self._outline = item

    def move_to(self, packer: Packer) -> None:
        """Hand the polygon on, and be empty."""
        item = self._outline
        if item is None:
            return
        packer.add([item.places, *self._holes], self._known(item))
        self._outline = None
        self._holes = []

    def _known(self, item: Streamed) -> Traits:
        """Return the traits of a polygon; those without a name of their own share them."""
        if not _NUMBERED.fullmatch(item.name):
            return _traits(item)
        key = (item.group, item.colour)
        traits = self._traits.get(key)
        if traits is None:
            traits = self._traits[key] = _traits(item)
        return traits


def _traits(item: Streamed) -> Traits:
    # ASAP numbers what nobody named.
    name = "" if _NUMBERED.fullmatch(item.name) else item.name
    return Traits(group=item.group or "", colour=item.colour, name=name)


@dataclass(frozen=True, slots=True)
class _Part:
    kind: str
    places: Numbers
    is_hole: bool = False


def _text(part: _Part, traits: Traits, number: int, groups: dict[str, AsapGroup]) -> str:
    """Return the lines of a part; its group becomes one of the groups."""
    colour = traits.colour or DEFAULT_COLOUR
    group = traits.group or None
    if group is not None and group not in groups:
        groups[group] = AsapGroup(name=group, colour=colour)
    if part.is_hole:
        holes = traits.group + HOLES
        groups.setdefault(holes, AsapGroup(name=holes, colour=colour, parent=group))
        group = holes
    return asap_xml.annotation_text(
        name=traits.name or f"Annotation {number}",
        kind=part.kind,
        colour=colour,
        group=group,
        places=part.places,
    )


def _parts(piece: Piece, carrier: Carrier) -> Iterator[tuple[_Part, Traits]]:
    for drawn in areas.drawable(piece, carrier):
        if isinstance(drawn, Drawable):
            for part in _shape_parts(drawn.shape, carrier.losses):
                yield part, drawn.traits
            continue
        for rings, traits in zip(drawn.plain_rings(), drawn.traits, strict=True):
            for place, ring in enumerate(rings):
                yield _Part("Polygon", ring, is_hole=place > 0), traits


def _shape_parts(
    shape: Points | Polyline | Rect | Polygon | Ellipse | Brush, losses: Losses
) -> Iterator[_Part]:
    match shape:
        case Points(places=places):
            yield _Part("Dot" if len(places) == 1 else "PointSet", places.array)
        case Polyline(line=line):
            losses.add("line written as one measurement for each of its segments", len(line) > 2)
            for start in range(len(line) - 1):
                yield _Part("Measurement", line.array[start : start + 2])
        case Brush():
            for place, ring in areas.brush_rings(shape, losses):
                yield _Part("Polygon", ring.array, is_hole=place > 0)
        case _:
            if isinstance(shape, Ellipse):
                losses.add("ellipse written as a polygon")
            kind = "Rectangle" if isinstance(shape, Rect) else "Polygon"
            yield _Part(kind, shapes.outline(shape).array)


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
