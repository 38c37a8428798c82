"""Outlines: shapes as lines, areas and dots in the pixels of a picture, clipped to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from scoring import shapes
from scoring.shapes import Heatmap, MaskPack, Pack, Points, PolygonPack, Shape

Floats = npt.NDArray[np.float64]

MAX_OUTLINES = 30_000
"""Outlines in view, of one collection, that are drawn one by one (about a second); of more, a
picture of this size shows nothing but how dense they lie."""

MAX_DOTS = 5_000
"""Points in view that are drawn one by one."""

MARGIN_PX = 16
"""How far beyond the picture geometry is kept, so that no stroke shows where it was cut."""

_TOLERANCE_PX = 0.2
_LEAST_CORNERS = 3
_NOWHERE: Floats = np.empty((0, 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A part of a slide as a picture.

    Parameters
    ----------
    l0_x, l0_y
        The level-0 place of the picture's upper left corner.
    scale_x, scale_y
        Picture pixels per level-0 pixel.
    width, height
        Of the picture, in its own pixels.
    l0_width, l0_height
        Of the whole slide; a heat map without a size reaches to its far corner.
    """

    l0_x: float
    l0_y: float
    scale_x: float
    scale_y: float
    width: int
    height: int
    l0_width: int
    l0_height: int

    def to_picture(self, places: npt.NDArray[np.generic]) -> Floats:
        """Return (n, 2) places in level-0 pixels as places in the picture."""
        corner = np.array([self.l0_x, self.l0_y])
        result: Floats = (places - corner) * np.array([self.scale_x, self.scale_y])
        return result

    def contains(self, places: Floats, margin: float) -> npt.NDArray[np.bool_]:
        """Tell which places in the picture lie in it, or within a margin around it."""
        least, most = -margin, np.array([self.width, self.height]) + margin
        inside: npt.NDArray[np.bool_] = np.all((places >= least) & (places <= most), axis=1)
        return inside


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outlines:
    """What is to be painted in one colour, all in pixels of the picture.

    Parameters
    ----------
    areas
        Polygons, to be filled.
    lines
        (n, 2) corners of open or closed lines, to be stroked.
    dots
        (n, 2) places, to be marked one by one.
    crowd
        (n, 2) places, too many to be marked one by one.
    """

    areas: list[shapely.Polygon]
    lines: list[Floats]
    dots: Floats
    crowd: Floats


def trace(drawn: Iterable[Shape | Pack], view: View) -> Outlines:
    """Return the outlines of everything but heat maps and masks, which are pictures themselves.

    Shapes without geometry are left out (``shapes.problem``).
    """
    dots: list[Floats] = []
    crowds: list[Floats] = []
    geometries: list[BaseGeometry] = []
    for entry in drawn:
        match entry:
            case Heatmap() | MaskPack():
                continue
            case Points():
                dots.append(_dots(entry, view))
            case PolygonPack():
                crowds.append(_trace_pack(entry, view, geometries))
            case _:
                geometry = shapes.geometry(entry)
                if geometry is not None:
                    geometries.append(shapely.transform(geometry, view.to_picture))
    few, many = _shared_out(np.concatenate([_NOWHERE, *dots]), MAX_DOTS)
    areas, lines = _clipped(np.array(geometries, dtype=object), view)
    return Outlines(areas=areas, lines=lines, dots=few, crowd=np.concatenate([many, *crowds]))


def _dots(points: Points, view: View) -> Floats:
    places = view.to_picture(points.places.array)
    return places[view.contains(places, MARGIN_PX)]


def _shared_out(places: Floats, most: int) -> tuple[Floats, Floats]:
    return (places, _NOWHERE) if len(places) <= most else (_NOWHERE, places)


def _trace_pack(pack: PolygonPack, view: View, geometries: list[BaseGeometry]) -> Floats:
    """Add a collection's outlines in view; where they are too many, return their centres."""
    # Outlines without corners would shift what ``reduceat`` gives for those behind them.
    kept = np.flatnonzero(np.diff(pack.starts) >= 1)
    if not len(kept):
        return _NOWHERE
    starts, ends = pack.starts[kept], pack.starts[kept + 1]
    least = view.to_picture(np.minimum.reduceat(pack.corners, starts, axis=0))
    most = view.to_picture(np.maximum.reduceat(pack.corners, starts, axis=0))
    size = np.array([view.width, view.height])
    in_view = (most >= -MARGIN_PX).all(axis=1) & (least <= size + MARGIN_PX).all(axis=1)
    in_view &= ends - starts >= _LEAST_CORNERS
    holes = {hole for indices in pack.holes.values() for hole in indices}
    in_view &= ~np.isin(kept, list(holes))
    if np.count_nonzero(in_view) > MAX_OUTLINES:
        centres: Floats = (least[in_view] + most[in_view]) / 2
        return centres
    geometries += (_pack_area(pack, index, view) for index in kept[in_view].tolist())
    return _NOWHERE


def _pack_area(pack: PolygonPack, index: int, view: View) -> BaseGeometry:
    def ring(place: int) -> BaseGeometry:
        corners = pack.corners[pack.starts[place] : pack.starts[place + 1]]
        return shapes.enclosed(view.to_picture(corners))

    area = ring(index)
    holes = [
        ring(hole)
        for hole in pack.holes.get(index, ())
        if pack.starts[hole + 1] - pack.starts[hole] >= _LEAST_CORNERS
    ]
    return area.difference(shapely.union_all(holes)) if holes else area


def _clipped(
    geometries: npt.NDArray[np.object_], view: View
) -> tuple[list[shapely.Polygon], list[Floats]]:
    """Return the areas and the lines of geometries, near the picture and no finer than it."""
    if not len(geometries):
        return [], []
    simple = shapely.simplify(geometries, _TOLERANCE_PX)
    # Boundaries are cut themselves: the edge of a cut area is no line that anybody drew.
    edges = np.where(shapely.get_dimensions(simple) == 2, shapely.boundary(simple), simple)
    areas = [part for part in _parts(simple, view) if isinstance(part, shapely.Polygon)]
    lines = [
        shapely.get_coordinates(part)
        for part in _parts(edges, view)
        if isinstance(part, shapely.LineString)
    ]
    return areas, lines


def _parts(geometries: npt.NDArray[np.object_], view: View) -> Iterator[BaseGeometry]:
    """Yield the simple parts of geometries that lie in the picture or its margin."""
    frame = shapely.box(-MARGIN_PX, -MARGIN_PX, view.width + MARGIN_PX, view.height + MARGIN_PX)
    bounds = shapely.bounds(geometries)
    inside = (bounds[:, :2] >= -MARGIN_PX).all(axis=1)
    inside &= (bounds[:, 2:] <= np.array(frame.bounds[2:])).all(axis=1)
    cut = geometries.copy()
    cut[~inside] = shapely.intersection(geometries[~inside], frame)
    # Twice: the cut may have made collections of collections.
    for part in shapely.get_parts(shapely.get_parts(cut)):
        if not part.is_empty:
            yield part
