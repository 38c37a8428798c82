"""Overlap: two areas in, how much they share and how far their edges lie apart out."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

MAX_SAMPLES = 5_000
"""Places on one edge from which distances are taken, besides its corners."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """How two areas agree.

    Parameters
    ----------
    shared, first, second
        Areas: of what both hold, and of each; in the square of the coordinates' unit.
    """

    shared: float
    first: float
    second: float

    @property
    def dice(self) -> float:
        """Twice the shared area by the sum of both: 1 when both are empty."""
        total = self.first + self.second
        return 2 * self.shared / total if total > 0 else 1.0

    @property
    def iou(self) -> float:
        """The shared area by that of both together: 1 when both are empty."""
        united = self.first + self.second - self.shared
        return self.shared / united if united > 0 else 1.0


def overlap(first: BaseGeometry, second: BaseGeometry) -> Overlap:
    """Return how two valid areas overlap."""
    shared = shapely.intersection(first, second).area
    return Overlap(shared=float(shared), first=float(first.area), second=float(second.area))


def edge_distances(first: BaseGeometry, second: BaseGeometry) -> tuple[Floats, Floats]:
    """Return how far places along each edge lie from the other edge.

    Places are the corners and, between them, points at even steps; distances are to the other edge
    as a whole, not to its corners.

    Returns
    -------
    from_first, from_second
        (places,) each; empty when an area has no edge.
    """
    edges = [shapely.boundary(area) for area in (first, second)]
    if any(edge.is_empty for edge in edges):
        return np.empty(0), np.empty(0)
    return _nearest(edges[0], edges[1]), _nearest(edges[1], edges[0])


def hausdorff(distances: tuple[Floats, Floats]) -> float:
    """Return the greatest of the distances, or NaN when there are none."""
    return max((float(one.max()) for one in distances if len(one)), default=math.nan)


def hausdorff_share(distances: tuple[Floats, Floats], share: float = 0.95) -> float:
    """Return the distance that a share of the places of either edge keeps, or NaN.

    Source: Maier-Hein et al., Metrics reloaded, Nature Methods 21 (2024) 195-212: the greater of
    both directions' percentiles.
    """
    found = (float(np.quantile(one, share)) for one in distances if len(one))
    return max(found, default=math.nan)


def _nearest(edge: BaseGeometry, other: BaseGeometry) -> Floats:
    step = edge.length / MAX_SAMPLES
    places = shapely.points(shapely.get_coordinates(shapely.segmentize(edge, max(step, 1e-9))))
    tree = shapely.STRtree(_segments(other))
    _, distances = tree.query_nearest(places, return_distance=True, all_matches=False)
    return np.asarray(distances, dtype=np.float64)


def _segments(edge: BaseGeometry) -> npt.NDArray[np.object_]:
    """Return the straight pieces of lines, so that a tree finds the nearest quickly."""
    lines = shapely.get_parts(edge)
    corners, owner = shapely.get_coordinates(lines, return_index=True)
    together = owner[1:] == owner[:-1]
    pairs = np.stack((corners[:-1], corners[1:]), axis=1)[together]
    return np.asarray(shapely.linestrings(pairs), dtype=object)
