"""Drawings: the shapes of one answer as one area, its objects and its points, in one unit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from records.errors import InputError
from scoring import shapes
from scoring.shapes import Heatmap, MaskPack, Pack, Points, PolygonPack, Polyline, Shape

MAX_OBJECTS = 50_000
"""Shapes of one answer up to which areas are compared: about ten seconds' work."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawing:
    """What a reader drew on one subject.

    Parameters
    ----------
    area
        All areas together.
    objects
        Each area.
    points
        (n, 2) marked places; of an area its middle.
    skipped
        Shapes that have no area: lines, heat maps, masks and what has no geometry.
    """

    area: BaseGeometry
    objects: npt.NDArray[np.object_]
    points: npt.NDArray[np.float64]
    skipped: int


def make_drawing(
    drawn: Iterable[Shape | Pack], *, unit_x: float = 1.0, unit_y: float = 1.0
) -> Drawing:
    """Return shapes as areas and points.

    Parameters
    ----------
    unit_x, unit_y
        What one level-0 pixel is in the unit of the result, such as µm.

    Raises
    ------
    InputError
        There are too many shapes to be compared.
    """
    scale = np.array([unit_x, unit_y])
    areas: list[BaseGeometry] = []
    places = [np.empty((0, 2))]
    skipped = 0
    for entry in drawn:
        if isinstance(entry, Points):
            sound = shapes.geometry(entry)
            if sound is not None:
                places.append(shapely.get_coordinates(sound) * scale)
            continue
        if isinstance(entry, PolygonPack) and len(entry) > MAX_OBJECTS:
            raise _too_many()
        for area in _areas(entry):
            if area is None:
                skipped += 1
                continue
            areas.append(shapely.transform(area, lambda corners: corners * scale))
        if len(areas) > MAX_OBJECTS:
            raise _too_many()
    objects = np.array(areas, dtype=object)
    middles = shapely.get_coordinates(shapely.centroid(objects)) if len(objects) else places[0]
    return Drawing(
        area=shapely.union_all(objects) if len(objects) else shapely.Polygon(),
        objects=objects,
        points=np.concatenate([*places, middles]),
        skipped=skipped,
    )


def _areas(entry: Shape | Pack) -> Iterator[BaseGeometry | None]:
    if isinstance(entry, PolygonPack):
        holes = {hole for indices in entry.holes.values() for hole in indices}
        for number in range(len(entry)):
            if number not in holes:
                yield _pack_area(entry, number)
    elif isinstance(entry, (Heatmap, MaskPack, Polyline)):
        yield None
    else:
        area = shapes.geometry(entry)
        yield None if area is None or area.is_empty else area


def _pack_area(pack: PolygonPack, number: int) -> BaseGeometry | None:
    def ring(place: int) -> npt.NDArray[np.float64]:
        return pack.corners[pack.starts[place] : pack.starts[place + 1]].astype(np.float64)

    if len(ring(number)) < 3:
        return None
    area = shapes.enclosed(ring(number))
    cut = [ring(hole) for hole in pack.holes.get(number, ()) if len(ring(hole)) >= 3]
    if cut:
        area = area.difference(shapely.union_all([shapes.enclosed(hole) for hole in cut]))
    return None if area.is_empty else area


def _too_many() -> InputError:
    return InputError(f"an answer of more than {MAX_OBJECTS:,} shapes is too large to be compared")
