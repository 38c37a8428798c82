"""Even-odd: the area that rings enclose, also where they cross themselves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from records.errors import InputError

MAX_CROSSINGS = 10_000
"""Crossings of a ring with itself up to which it is repaired, about half a second's work: scribbles
of people have some dozens. A hostile ring of 500 corners has 30,000."""

_SAMPLE = 256
_NEIGHBOURS = 3
_CELLS = 10_000_000


class TangledError(InputError):
    """A ring crosses itself too often for its area to be worked out."""


def enclosed(ring: npt.NDArray[np.float64]) -> BaseGeometry:
    """Return the area within a ring, by the even-odd rule.

    GEOS's ``make_valid`` gives the same area; a ring of 500 random corners takes it minutes.

    Parameters
    ----------
    ring
        (n, 2) finite corners, at least three; the last joins the first.

    Raises
    ------
    TangledError
        The ring crosses itself too often.
    """
    polygon = shapely.Polygon(ring)
    if polygon.is_valid:
        return polygon
    if crossings(ring) > MAX_CROSSINGS:
        raise TangledError("crosses itself too often")
    lines = shapely.node(shapely.LineString(np.vstack((ring, ring[:1]))))
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    middles = shapely.get_coordinates(shapely.point_on_surface(faces))
    return shapely.union_all(faces[_are_inside(middles, ring)])


def less(outlines: Sequence[BaseGeometry], holes: Sequence[BaseGeometry]) -> BaseGeometry:
    """Return the area of outlines without that of holes.

    An outline within a hole that lies in another outline is an island in it, and stays.
    """
    inside = _within(outlines, holes)
    # The outlines that a hole lies in; one that is the hole itself is no other outline.
    owned = {hole: set(found) for hole, found in _within(holes, outlines).items()}
    islands = {
        outline: over
        for outline, found in inside.items()
        if (over := {hole for hole in found if owned.get(hole, set()) - {outline}})
    }
    cut = [outline for number, outline in enumerate(outlines) if number not in islands]
    area = shapely.union_all(cut).difference(shapely.union_all(list(holes)))
    if not islands:
        return area
    tree = shapely.STRtree(list(holes))
    parts = [area]
    for number, over in islands.items():
        near = set(tree.query(outlines[number]).tolist()) - over
        parts.append(outlines[number].difference(shapely.union_all([holes[n] for n in near])))
    return shapely.union_all(parts)


def _within(inner: Sequence[BaseGeometry], outer: Sequence[BaseGeometry]) -> dict[int, list[int]]:
    """Return the numbers of those geometries that lie in others, and of these."""
    found: dict[int, list[int]] = {}
    if len(inner) and len(outer):
        pairs = shapely.STRtree(list(outer)).query(list(inner), predicate="covered_by")
        for number, around in pairs.T.tolist():
            found.setdefault(number, []).append(around)
    return found


def crossings(ring: npt.NDArray[np.float64]) -> int:
    """Return about how often a ring meets itself, judged from some of its edges."""
    edges = np.asarray(shapely.linestrings(np.stack((ring, np.roll(ring, -1, axis=0)), axis=1)))
    chosen = np.unique(np.linspace(0, len(edges) - 1, _SAMPLE).astype(np.int64))
    hits = int(shapely.STRtree(edges).query(edges[chosen], predicate="intersects").shape[1])
    # Every edge meets itself and the two that it joins.
    excess = max(0, hits - _NEIGHBOURS * len(chosen))
    return round(excess * len(edges) / len(chosen) / 2)


def _are_inside(
    places: npt.NDArray[np.float64], ring: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Tell which places a ray to the right leaves through an odd number of the ring's edges."""
    inside = np.zeros(len(places), dtype=np.bool_)
    x1, y1 = ring.T
    x2, y2 = np.roll(ring, -1, axis=0).T
    rise = np.where(y2 == y1, 1, y2 - y1)
    rows = max(1, _CELLS // len(ring))
    for start in range(0, len(places), rows):
        x, y = places[start : start + rows, :, None].transpose(1, 0, 2)
        spans = (y1 > y) != (y2 > y)
        hit = spans & (x < (x2 - x1) * (y - y1) / rise + x1)
        inside[start : start + rows] = hit.sum(axis=1) % 2 == 1
    return inside
