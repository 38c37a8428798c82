"""Shapes: what readers and models draw on a slide, as values in level-0 pixels."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from scoring import evenodd

FARTHEST_PX = 1e8
"""No slide is this wide: what lies farther out is a mistake, and would overflow while drawing."""

MAX_CORNERS = 1_000_000
"""Corners of one outline up to which it has a geometry: GEOS takes a second for so many."""

ELLIPSE_CORNERS = 128
"""Corners of the polygon that stands for an ellipse; its area is then 0.04 % too small."""

UM2_PER_MM2 = 1e6

_SLIVER = 1e-6

CROSSED = "crosses itself"
TANGLED = "crosses itself too often"
HOLE_OUTSIDE = "has a hole that leaves its outline"
REPAIRED = frozenset({None, CROSSED, HOLE_OUTSIDE})
"""Problems of shapes that have a geometry all the same."""


class _Array:
    """A read-only array that compares by value, with NaN equal to NaN."""

    __slots__ = ("array",)

    array: npt.NDArray[np.generic]

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return np.array_equal(self.array, other.array, equal_nan=self.array.dtype.kind == "f")

    def __hash__(self) -> int:
        # Adding zero makes -0.0 and 0.0, which are equal, hash alike.
        return hash((type(self), self.array.shape, (self.array + 0).tobytes()))

    def __len__(self) -> int:
        return len(self.array)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.array.tolist()!r})"


class Coordinates(_Array):
    """Places on a slide.

    Parameters
    ----------
    places
        (n, 2) numbers: x and y in level-0 pixels; NaN where a client sent null.
    """

    __slots__ = ()

    array: npt.NDArray[np.float64]

    def __init__(self, places: npt.ArrayLike | Sequence[Sequence[float]]) -> None:
        self.array = np.array(places, dtype=np.float64).reshape(-1, 2)
        self.array.setflags(write=False)


class Levels(_Array):
    """The values of a heat map.

    Parameters
    ----------
    rows
        (rows, columns) numbers 0 to 255; 0 is transparent.
    """

    __slots__ = ()

    array: npt.NDArray[np.uint8]

    def __init__(self, rows: npt.ArrayLike | Sequence[Sequence[int]]) -> None:
        self.array = np.array(rows, dtype=np.uint8)
        self.array.setflags(write=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A text that belongs to a shape; the font size is in level-0 pixels."""

    text: str
    x: float
    y: float
    always: bool = True
    font_size: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    """What every drawn shape may carry besides its geometry, as its client wrote it."""

    labels: tuple[Label, ...] = ()
    modified_on: str = ""
    area: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Marked places, such as counted cells."""

    places: Coordinates


@dataclass(frozen=True, slots=True, kw_only=True)
class Polygon(_Shape):
    """A closed outline; the last corner joins the first."""

    outline: Coordinates


@dataclass(frozen=True, slots=True, kw_only=True)
class Polyline(_Shape):
    """An open line."""

    line: Coordinates


@dataclass(frozen=True, slots=True, kw_only=True)
class Ellipse(_Shape):
    """An ellipse by its centre and its radii."""

    x: float
    y: float
    radius_x: float
    radius_y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rect(_Shape):
    """A rectangle by its upper left corner and its size."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Brush(_Shape):
    """A painted area: outlines less holes; an outline in the hole of another is an island in it."""

    positive: tuple[Coordinates, ...]
    negative: tuple[Coordinates, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Heatmap(_Shape):
    """A grid of values laid over the slide.

    Its size is ``width`` × ``height``, or ``downscale`` level-0 pixels per value; a missing width
    or height follows from the other one, and without any it reaches to the slide's far corner.
    """

    levels: Levels
    x: float = 0
    y: float = 0
    width: float | None = None
    height: float | None = None
    downscale: float | None = None


@dataclass(frozen=True, slots=True)
class FileLink:
    """Shapes kept in an annotation file (anno2) instead of the answer's text."""

    uuid: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PolygonPack:
    """Many polygons in few arrays, as models make them by the million.

    Parameters
    ----------
    corners
        (n, 2) int32 or float64: the corners of all outlines, one outline after the other, level-0
        pixels.
    starts
        (polygons + 1,) int64: where each outline starts in ``corners``, and the end of the last.
    holes
        Index of an outline -> indices of those outlines that are holes in it.
    labels
        Texts that belong to single polygons.
    """

    corners: npt.NDArray[np.int32] | npt.NDArray[np.float64]
    starts: npt.NDArray[np.int64]
    holes: Mapping[int, tuple[int, ...]]
    labels: tuple[Label, ...] = ()

    def __len__(self) -> int:
        return len(self.starts) - 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MaskPack:
    """Marked pixels, as a segmentation makes them by the billion.

    Parameters
    ----------
    tile_px
        Width and height of a tile, in level-0 pixels.
    tiles
        Column and row of a tile -> its picture, a PNG in which every pixel but 0 is marked.
    pixel_count
        How many pixels are marked.
    """

    tile_px: int
    tiles: Mapping[tuple[int, int], bytes]
    pixel_count: int


TypedShape = Polygon | Polyline | Ellipse | Rect | Brush | Heatmap
Shape = Points | TypedShape
Pack = PolygonPack | MaskPack


def problem(shape: Shape) -> str | None:
    """Tell what is wrong with a shape, or None when it can be drawn and measured as it is.

    Our rule (docs/annotations.md): a shape with a missing, infinite or absurd coordinate, without
    size, or with too few or too many corners has no geometry: it is kept as sent, and neither drawn
    nor measured; so is one that crosses itself without end. Of points each stands for itself. One
    that crosses itself encloses what the even-odd rule says, and a hole cuts only what it covers,
    less the islands in it.
    """
    if isinstance(shape, Heatmap):
        sizes = (shape.width, shape.height, shape.downscale)
        numbers = [shape.x, shape.y, *(size for size in sizes if size is not None)]
        return _bad_number(numbers) or (
            "has no size" if any(size is not None and size <= 0 for size in sizes) else None
        )
    if isinstance(shape, (Ellipse, Rect)):
        return _box_problem(shape)
    parts = _parts(shape)
    wrong = next((found for part in parts if (found := _bad_number(part.array))), None)
    if wrong is None and (not parts or min(map(len, parts)) < _least_corners(shape)):
        wrong = "has too few corners"
    if isinstance(shape, Points):
        return wrong
    if wrong is None and max(map(len, parts)) > MAX_CORNERS:
        wrong = f"has more than {MAX_CORNERS:,} corners"
    if wrong is not None or isinstance(shape, Polyline):
        return wrong
    return _ring_problem(shape, parts)


def geometry(shape: Shape) -> BaseGeometry | None:
    """Return the shape as a valid geometry in level-0 pixels, or None when it has none.

    What is repaired, and how, is told at ``problem``.
    """
    if isinstance(shape, Points):
        return _sound_places(shape)
    if isinstance(shape, Heatmap) or problem(shape) not in REPAIRED:
        return None
    match shape:
        case Polyline():
            return shapely.LineString(shape.line.array)
        case Brush():
            return evenodd.less(
                [enclosed(ring.array) for ring in shape.positive],
                [enclosed(ring.array) for ring in shape.negative],
            )
        case Polygon():
            return enclosed(shape.outline.array)
        case Ellipse() | Rect():
            return enclosed(outline(shape).array)


def outline(shape: Polygon | Ellipse | Rect) -> Coordinates:
    """Return the corners of a closed shape; an ellipse becomes a polygon of many corners."""
    match shape:
        case Polygon():
            return shape.outline
        case Rect(x=x, y=y, width=width, height=height):
            return Coordinates(
                [[x, y], [x + width, y], [x + width, y + height], [x, y + height]],
            )
        case Ellipse():
            angle = np.linspace(0, 2 * math.pi, ELLIPSE_CORNERS, endpoint=False)
            return Coordinates(
                np.column_stack(
                    (
                        shape.x + shape.radius_x * np.cos(angle),
                        shape.y + shape.radius_y * np.sin(angle),
                    )
                )
            )


def enclosed(ring: npt.NDArray[np.float64]) -> BaseGeometry:
    """Return the area within a ring of at least three corners; none of one tangled without end."""
    try:
        return evenodd.enclosed(ring)
    except evenodd.TangledError:
        return shapely.Polygon()


def area_px2(shape: Shape) -> float | None:
    """Return the enclosed area in square level-0 pixels.

    Points and lines enclose 0; a heat map and a shape without geometry have no area.
    """
    if isinstance(shape, Ellipse) and problem(shape) is None:
        return math.pi * abs(shape.radius_x * shape.radius_y)
    found = geometry(shape)
    return None if found is None else float(found.area)


def area_mm2(shape: Shape, *, mpp_x: float, mpp_y: float) -> float | None:
    """Return the enclosed area in mm², from the slide's µm per level-0 pixel."""
    area = area_px2(shape)
    return None if area is None else area * mpp_x * mpp_y / UM2_PER_MM2


def _parts(shape: Points | Polygon | Polyline | Brush) -> tuple[Coordinates, ...]:
    match shape:
        case Points():
            return (shape.places,)
        case Polygon():
            return (shape.outline,)
        case Polyline():
            return (shape.line,)
        case Brush():
            return shape.positive + shape.negative


def _ring_problem(shape: Polygon | Brush, parts: Sequence[Coordinates]) -> str | None:
    crossed = [part for part in parts if not shapely.is_valid(shapely.Polygon(part.array))]
    if any(evenodd.crossings(part.array) > evenodd.MAX_CROSSINGS for part in crossed):
        return TANGLED
    if crossed:
        return CROSSED
    if isinstance(shape, Brush) and shape.negative:
        outlines = shapely.union_all([shapely.Polygon(ring.array) for ring in shape.positive])
        holes = shapely.union_all([shapely.Polygon(ring.array) for ring in shape.negative])
        # A hole may touch its outline from within, so rounding must not count.
        if holes.difference(outlines).area > _SLIVER * holes.area:
            return HOLE_OUTSIDE
    return None


def _sound_places(points: Points) -> BaseGeometry | None:
    places = points.places.array
    # NaN compares as false, so that a place without a coordinate is left out too.
    sound = places[(np.abs(places) <= FARTHEST_PX).all(axis=1)]
    return shapely.MultiPoint(sound) if len(sound) else None


def _least_corners(shape: Points | Polygon | Polyline | Brush) -> int:
    match shape:
        case Points():
            return 1
        case Polyline():
            return 2
        case _:
            return 3


def _box_problem(shape: Ellipse | Rect) -> str | None:
    if isinstance(shape, Ellipse):
        numbers = [shape.x, shape.y, shape.radius_x, shape.radius_y]
    else:
        numbers = [shape.x, shape.y, shape.width, shape.height]
    return _bad_number(numbers) or ("has no size" if 0 in numbers[2:] else None)


def _bad_number(numbers: npt.NDArray[np.float64] | Iterable[float]) -> str | None:
    array = np.asarray(numbers, dtype=np.float64)
    if np.isnan(array).any():
        return "lacks a coordinate"
    if (np.abs(array) > FARTHEST_PX).any():
        return "has a coordinate beyond any slide"
    return None
