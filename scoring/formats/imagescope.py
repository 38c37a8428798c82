"""Aperio ImageScope's XML: layers of regions, each with its vertices.

Source: files that ImageScope wrote, as published programs read and write them (no specification is
public): region types 0 to 4, ``NegativeROA`` for holes, ``LineColor`` as blue-green-red.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO
from xml.sax.saxutils import quoteattr

import numpy as np
import numpy.typing as npt

from records.errors import InputError
from scoring import areas, numbertext, shapes, xmlstream
from scoring.areas import Drawable
from scoring.formats import imagescope_layers
from scoring.formats.asap_xml import clean
from scoring.formats.geojson_shapes import upright_rect
from scoring.marked import (
    Carrier,
    Losses,
    Marked,
    Packer,
    Piece,
    Traits,
)
from scoring.problems import shown
from scoring.shapes import (
    Brush,
    Coordinates,
    Ellipse,
    Points,
    Polygon,
    Polyline,
    Rect,
    Shape,
)
from scoring.xmlpoints import PointGrammar
from scoring.xmlstream import Grammar, Opened, Outlined

NAME = "ImageScope XML"

FREEHAND, RECTANGLE, ELLIPSE, ARROW, RULER = "0", "1", "2", "3", "4"

_GRAMMAR = Grammar(
    shape="Region",
    points=PointGrammar(list_tag="Vertices", tags=frozenset({"Vertex", "V"})),
    told=frozenset({"Annotation", "Attribute"}),
)
_AT_ONCE = 2000
_KEEPS = ("group", "colour", "name")
_POINT_PX = 5
"""ImageScope has no points: each becomes an ellipse of this radius. Our choice."""


def parse(stream: BinaryIO, losses: Losses) -> Iterator[Piece]:
    """Read ImageScope's XML; consecutive freehand regions come packed.

    A region with ``NegativeROA`` is a hole in the freehand region before it that it lies in, as
    ImageScope and ``write`` order them; one that lies in none is left out.

    Raises
    ------
    InputError
        It is no such XML; the message names the region and its line.
    """
    reader = _Reader(losses)
    for event in xmlstream.read(stream, source=NAME, grammar=_GRAMMAR):
        yield from reader.taken(event)
    yield from reader.rest()


class _Reader:
    """Reads regions layer by layer."""

    def __init__(self, losses: Losses) -> None:
        self._losses = losses
        self._packer = Packer()
        self._number = 0
        self._has_root = False
        self._traits = Traits()
        self._named: dict[str, Traits] = {}
        self._gathered: list[npt.NDArray[np.float64]] = []
        self._gathered_traits = self._traits

    def taken(self, event: xmlstream.Event) -> Iterator[Piece]:
        """Yield what an event completes."""
        if isinstance(event, Outlined):
            self._number += 1
            try:
                yield from self._region(event)
            except InputError as error:
                raise InputError(
                    f"region {self._number:,}: {error.reason}", source=NAME, line=event.line
                ) from None
        elif isinstance(event, Opened):
            self._check_root(event)
            if event.tag == "Annotation":
                self._traits = imagescope_layers.parse(event.attributes)
                self._named = {}
            elif event.tag == "Attribute" and not self._traits.group:
                self._describe(event.attributes)
        elif event.tag == "Annotation":
            self._finish()

    def rest(self) -> Iterator[Piece]:
        """Yield what is still gathered."""
        self._finish()
        yield from self._packer.packed()

    def _check_root(self, event: Opened) -> None:
        if not self._has_root and event.tag != "Annotations":
            raise InputError(
                f"starts with the element {shown(event.tag)}; expected Annotations",
                source=NAME,
                line=event.line,
            )
        self._has_root = True

    def _describe(self, attributes: Mapping[str, str]) -> None:
        """Take a layer's description for its name, where it has no other."""
        if attributes.get("Name") == "Description" and attributes.get("Value"):
            self._traits = Traits(group=attributes["Value"], colour=self._traits.colour)

    def _region(self, event: Outlined) -> Iterator[Piece]:
        vertices = xmlstream.places(event, _GRAMMAR.points, source=NAME)
        kind = event.attributes.get("Type", FREEHAND)
        if event.attributes.get("NegativeROA", "0") == "1":
            self._hole(vertices)
            return
        self._finish()
        if len(vertices) == 0:
            self._losses.add("region without vertices left out")
            return
        traits = self._known(event.attributes.get("Text", ""))
        if kind in {FREEHAND, "Polygon"} and len(vertices) > 2:
            self._gathered, self._gathered_traits = [_opened(vertices)], traits
            if len(self._packer) >= _AT_ONCE:
                yield from self._packer.packed()
            return
        yield from self._packer.packed()
        yield Marked(shape=_shape(kind, vertices), traits=traits)

    def _known(self, name: str) -> Traits:
        """Return the layer's traits with a region's name; regions that say the same share them."""
        known = self._named.get(name)
        if known is None:
            known = Traits(group=self._traits.group, colour=self._traits.colour, name=name)
            if len(self._named) < _AT_ONCE:
                self._named[name] = known
        return known

    def _hole(self, vertices: npt.NDArray[np.float64]) -> None:
        outline = self._gathered[0] if self._gathered else np.empty((0, 2))
        if len(vertices) > 2 and areas.lies_within(vertices, outline):
            self._gathered.append(_opened(vertices))
        else:
            self._losses.add("negative region outside of the region before it left out")

    def _finish(self) -> None:
        if self._gathered:
            self._packer.add(self._gathered, self._gathered_traits)
        self._gathered = []


def _opened(vertices: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return a ring whose last corner does not repeat its first."""
    (first_x, first_y), (last_x, last_y) = vertices[[0, -1]].tolist()
    return vertices[:-1] if first_x == last_x and first_y == last_y else vertices


def _shape(kind: str, vertices: npt.NDArray[np.float64]) -> Shape:
    (left, top), (right, bottom) = vertices.min(axis=0).tolist(), vertices.max(axis=0).tolist()
    match kind:
        case "1" | "Rectangle":
            rect = upright_rect(_opened(vertices))
            if rect is not None or len(vertices) > 2:
                return rect or Polygon(outline=Coordinates(vertices))
            return Rect(x=left, y=top, width=right - left, height=bottom - top)
        case "2" | "Ellipse":
            # Two opposite corners of the box around it.
            return Ellipse(
                x=(left + right) / 2,
                y=(top + bottom) / 2,
                radius_x=(right - left) / 2,
                radius_y=(bottom - top) / 2,
            )
        case "0" | "3" | "4" | "Polygon" | "Ruler" | "Arrow":
            if len(vertices) == 1:
                return Points(places=Coordinates(vertices))
            return Polyline(line=Coordinates(vertices))
        case _:
            raise InputError(
                f"Type is {shown(kind)}; expected 0 (freehand), 1 (rectangle), 2 (ellipse), "
                "3 (arrow) or 4 (ruler)"
            )


@dataclass(frozen=True, slots=True)
class _Region:
    kind: str
    vertices: npt.NDArray[np.float64]
    is_hole: bool = False
    is_closed: bool = True


def write(pieces: Iterable[Piece], losses: Losses, *, mpp: float | None = None) -> Iterator[bytes]:
    """Write ImageScope's XML, with a layer for each run of shapes of one class and colour.

    Parameters
    ----------
    mpp
        µm per level-0 pixel; lengths and areas in µm are written when it is known.
    """
    carrier = Carrier(NAME, _KEEPS, losses)
    scale = "" if mpp is None else f' MicronsPerPixel="{mpp:.6f}"'
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<Annotations{scale}>'.encode()
    layer: tuple[str, str] | None = None
    layers = number = 0
    for piece in pieces:
        carrier.note(piece)
        for region, traits in _regions(piece, carrier):
            if layer != (traits.group, traits.colour):
                layers, number = layers + 1, 0
                yield imagescope_layers.END if layer else b""
                yield imagescope_layers.write(traits, layers)
                layer = (traits.group, traits.colour)
            number += 1
            yield _text(region, traits.name, number, mpp).encode()
    yield (imagescope_layers.END if layer else b"") + b"\n</Annotations>\n"


def _text(region: _Region, name: str, number: int, mpp: float | None) -> str:
    length, area = _measured(region)
    um = mpp or 0.0
    vertices = numbertext.written('<Vertex X="%s" Y="%s" Z="0"/>', region.vertices)
    # A hole names the region it lies in, which stands right before it.
    return (
        f'\n<Region Id="{number}" Type="{region.kind}" Zoom="1" Selected="0" ImageLocation="" '
        f'ImageFocus="-1" Length="{length:.1f}" Area="{area:.1f}" '
        f'LengthMicrons="{length * um:.1f}" AreaMicrons="{area * um * um:.1f}" '
        f'Text={quoteattr(clean(name))} NegativeROA="{int(region.is_hole)}" '
        f'InputRegionId="0" Analyze="1" DisplayId="{number}"><Attributes/>'
        f"<Vertices>{vertices}</Vertices></Region>"
    )


def _measured(region: _Region) -> tuple[float, float]:
    """Return the length of a region's outline, and the area in it, in pixels."""
    corners = region.vertices
    if region.kind == ELLIPSE:
        ring = shapes.outline(_box_ellipse(corners)).array
    elif region.is_closed:
        ring = corners
    else:
        return float(np.hypot(*np.diff(corners, axis=0).T).sum()), 0.0
    ahead = np.roll(ring, -1, axis=0)
    area = abs(float((ring[:, 0] * ahead[:, 1] - ahead[:, 0] * ring[:, 1]).sum())) / 2
    return float(np.hypot(*(ahead - ring).T).sum()), area


def _box_ellipse(corners: npt.NDArray[np.float64]) -> Ellipse:
    x, y = corners.mean(axis=0).tolist()
    radius_x, radius_y = (np.ptp(corners, axis=0) / 2).tolist()
    return Ellipse(x=x, y=y, radius_x=radius_x, radius_y=radius_y)


def _regions(piece: Piece, carrier: Carrier) -> Iterator[tuple[_Region, Traits]]:
    for drawn in areas.drawable(piece, carrier):
        if isinstance(drawn, Drawable):
            for region in _shape_regions(drawn.shape, carrier.losses):
                yield region, drawn.traits
            continue
        for index in _by_layer(drawn.traits):
            for place, ring in enumerate(drawn.rings(index)):
                yield _Region(FREEHAND, ring, is_hole=place > 0), drawn.traits[index]


def _by_layer(traits: Sequence[Traits]) -> list[int]:
    """Return the numbers of a pack's polygons, those of one layer together."""
    ranks: dict[tuple[str, str], int] = {}
    found = [ranks.setdefault((each.group, each.colour), len(ranks)) for each in traits]
    return sorted(range(len(found)), key=found.__getitem__)


def _shape_regions(
    shape: Points | Polyline | Rect | Polygon | Ellipse | Brush, losses: Losses
) -> Iterator[_Region]:
    match shape:
        case Points(places=places):
            losses.add("point written as a small ellipse", len(places))
            for place in places.array:
                yield _Region(ELLIPSE, np.array([place - _POINT_PX, place + _POINT_PX]))
        case Polyline(line=line):
            losses.add("line written as one ruler for each of its segments", len(line) > 2)
            for start in range(len(line) - 1):
                yield _Region(RULER, line.array[start : start + 2], is_closed=False)
        case Ellipse():
            centre, radius = (shape.x, shape.y), (shape.radius_x, shape.radius_y)
            box = np.array([np.subtract(centre, radius), np.add(centre, radius)])
            yield _Region(ELLIPSE, box)
        case Brush():
            for place, ring in areas.brush_rings(shape, losses):
                yield _Region(FREEHAND, ring.array, is_hole=place > 0)
        case _:
            kind = RECTANGLE if isinstance(shape, Rect) else FREEHAND
            yield _Region(kind, shapes.outline(shape).array)
