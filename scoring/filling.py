"""Filling: areas in, how much of each pixel they cover out.

Along each of ``SCANS`` lines through a row of pixels, what an area covers begins and ends where
its edges cross the line; how much of the pixel there is covered is exact. Pillow's own polygons
are half a pixel too large all around, which small areas cannot bear.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import shapely

SCANS = 8
"""Lines through each row of pixels: edges are right to a sixteenth of a pixel."""

Alpha = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

_AT_ONCE = 1_000_000
"""Crossings that are in memory at once, some 100 MB; an edge has at most a strip's lines."""


def coverage(areas: Sequence[shapely.Polygon], *, width: int, top: int, height: int) -> Alpha:
    """Return (height, width), 0 to 1, how much of each pixel areas cover.

    Parameters
    ----------
    areas
        Valid polygons, in pixels. Where they overlap, they cover no more than one of them.
    top
        The row of pixels with which the result begins.
    """
    # All outlines run one way around and all holes the other, so that crossings can be summed.
    rings = shapely.get_rings(shapely.orient_polygons(np.array(areas), exterior_cw=True))
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    together = ring[1:] == ring[:-1]
    x, y = corners.T[0], (corners.T[1] - top) * SCANS
    edges = np.column_stack((x[:-1], y[:-1], x[1:], y[1:]))[together]
    # Two more columns take what begins at or beyond the right edge.
    columns = width + 2
    sums = np.zeros(height * columns)
    for part, begin, counts in _parts(edges, height * SCANS):
        row, place, turn = _crossings(part, begin, counts)
        place = np.clip(place, 0, width)
        cell = place.astype(np.int64)
        share = place - cell
        first = (row // SCANS) * columns + cell
        sums += np.bincount(first, turn * (1 - share), height * columns)
        sums += np.bincount(first + 1, turn * share, height * columns)
    covered = sums.reshape(height, columns).cumsum(axis=1)[:, :width] / SCANS
    return np.clip(covered, 0, 1).astype(np.float32)


def _parts(edges: Floats, lines: int) -> Iterator[tuple[Floats, Counts, Counts]]:
    """Yield edges that cross lines, with the first line and how many, a bounded number at once."""
    ends = np.ceil(edges[:, 1::2] - 0.5)
    begin = np.clip(ends.min(axis=1), 0, lines).astype(np.int64)
    counts = np.clip(ends.max(axis=1), 0, lines).astype(np.int64) - begin
    crossing = np.flatnonzero(counts)
    edges, begin, counts = edges[crossing], begin[crossing], counts[crossing]
    splits = np.flatnonzero(np.diff(np.cumsum(counts) // _AT_ONCE)) + 1
    parts = (np.split(array, splits) for array in (edges, begin, counts))
    yield from zip(*parts, strict=True)


def _crossings(edges: Floats, begin: Counts, counts: Counts) -> tuple[Counts, Floats, Floats]:
    """Return where edges cross lines at half numbers: line, x, and 1 or -1 by direction."""
    edge = np.repeat(np.arange(len(counts)), counts)
    line = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts) + begin[edge]
    x1, y1, x2, y2 = edges.T
    rise = y2 - y1
    slope = (x2 - x1) / rise
    x = x1[edge] + (line + 0.5 - y1[edge]) * slope[edge]
    return line, x, np.where(rise > 0, 1.0, -1.0)[edge]
