"""Filling: areas in, how much of each pixel they cover out.

Along each of ``SCANS`` lines through a row of pixels, what an area covers begins and ends where
its edges cross the line; how much of the pixel there is covered is exact. Pillow's own polygons
are half a pixel too large all around, which small areas cannot bear.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely

SCANS = 8
"""Lines through each row of pixels: edges are right to a sixteenth of a pixel."""

Alpha = npt.NDArray[np.float32]


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
    x, y = corners.T
    row, place, turn = _crossings(
        x[:-1][together],
        (y[:-1][together] - top) * SCANS,
        x[1:][together],
        (y[1:][together] - top) * SCANS,
        height * SCANS,
    )
    place = np.clip(place, 0, width)
    cell = place.astype(np.int64)
    share = place - cell
    # Two more columns take what begins at or beyond the right edge.
    columns = width + 2
    first = (row // SCANS) * columns + cell
    sums = np.bincount(first, turn * (1 - share), height * columns)
    sums += np.bincount(first + 1, turn * share, height * columns)
    covered = sums.reshape(height, columns).cumsum(axis=1)[:, :width] / SCANS
    return np.clip(covered, 0, 1).astype(np.float32)


def _crossings(
    x1: npt.NDArray[np.float64],
    y1: npt.NDArray[np.float64],
    x2: npt.NDArray[np.float64],
    y2: npt.NDArray[np.float64],
    lines: int,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return where edges cross lines at half numbers: line, x, and 1 or -1 by direction."""
    begin = np.clip(np.ceil(np.minimum(y1, y2) - 0.5), 0, lines).astype(np.int64)
    end = np.clip(np.ceil(np.maximum(y1, y2) - 0.5), 0, lines).astype(np.int64)
    counts = end - begin
    edge = np.repeat(np.arange(len(counts)), counts)
    line = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts) + begin[edge]
    rise = (y2 - y1)[edge]
    x = x1[edge] + (line + 0.5 - y1[edge]) * (x2 - x1)[edge] / rise
    return line, x, np.where(rise > 0, 1.0, -1.0)
