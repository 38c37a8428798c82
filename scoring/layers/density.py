"""Density: how many items lie in each cell of a box, where they are too many to be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.layers import picking
from scoring.layers.flat import UNITS_PER_PX, Counts
from scoring.layers.layerfile import Layer
from scoring.layers.picking import Box, Pick

MAX_SIDE = 256
"""Columns and rows of a reply's cells, at most."""

DOT_PX = 4
"""What is smaller on the screen, in pixels of the zoom, is told as a dot; cells are no smaller."""

DENSE_ITEMS = 10_000
"""Items of a class from which on they are counted when the layer is built."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Density:
    """How many items lie in each cell of a grid over the box, level-0 pixels."""

    x: float
    y: float
    cell_px: float
    counts: npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Grid:
    """Square cells of 2^shift units; ``first`` is the column and row of the first."""

    shift: int
    first: Counts
    columns: int
    rows: int


def count(layer: Layer, picks: Sequence[Pick], box: Box, downsample: float) -> Density:
    """Count the items of some classes in the cells of a box.

    Cells are a power of two of units wide and start at multiples of that, so that neighbouring
    boxes have the same cells. Items that only reach into the box count at its edge.
    """
    units = np.array(box) * UNITS_PER_PX
    longest = max(units[2] - units[0], units[3] - units[1])
    least = max(longest / (MAX_SIDE - 1), DOT_PX * downsample * UNITS_PER_PX)
    shift = max(0, int(np.ceil(np.log2(least))))
    first = np.floor(units[:2]).astype(np.int64) >> shift
    columns, rows = ((np.ceil(units[2:]).astype(np.int64) >> shift) - first + 1).tolist()
    grid = _Grid(shift=shift, first=first, columns=columns, rows=rows)
    counts = np.zeros((rows, columns), dtype=np.int64)
    for pick in picks:
        counts += _of_class(layer, pick, grid)
    x, y = (first * 2.0**shift / UNITS_PER_PX).tolist()
    return Density(x=x, y=y, cell_px=2.0**shift / UNITS_PER_PX, counts=counts.astype(np.uint32))


def _of_class(layer: Layer, pick: Pick, grid: _Grid) -> npt.NDArray[np.int64]:
    told = layer.arrays.get(f"density_{pick.number}")
    if told is not None and int(told[0]) <= grid.shift and pick.count >= DENSE_ITEMS:
        return _of_counted(layer.arrays[f"density_counts_{pick.number}"], told, grid)
    cells = (picking.middles(layer, pick.items()) >> grid.shift) - grid.first
    cells = np.clip(cells, 0, [grid.columns - 1, grid.rows - 1])
    counts = np.bincount(
        cells[:, 1] * grid.columns + cells[:, 0], minlength=grid.columns * grid.rows
    )
    return counts.reshape(grid.rows, grid.columns)


def _of_counted(
    counts: npt.NDArray[np.generic], told: npt.NDArray[np.generic], grid: _Grid
) -> npt.NDArray[np.int64]:
    """Add up finer cells that were counted beforehand."""
    shift, column, row, columns, rows = (int(number) for number in told)
    down, across = _lines(row, rows, grid, axis=1, shift=shift)
    fine = counts.reshape(rows, columns)
    found = np.zeros((grid.rows, grid.columns), dtype=np.int64)
    right, below = _lines(column, columns, grid, axis=0, shift=shift)
    if not len(across) or not len(below):
        return found
    part = fine[down, right]
    sums = np.add.reduceat(part, below, axis=1, dtype=np.int64)
    sums = np.add.reduceat(sums, across, axis=0)
    row_cells = ((row + down.start + across) >> (grid.shift - shift)) - grid.first[1]
    column_cells = ((column + right.start + below) >> (grid.shift - shift)) - grid.first[0]
    found[np.ix_(row_cells, column_cells)] = sums
    return found


def _lines(
    start: int, count: int, grid: _Grid, *, axis: int, shift: int
) -> tuple[slice, npt.NDArray[np.int64]]:
    """Return which fine lines lie in the grid, and where among them a coarse one begins."""
    step = grid.shift - shift
    cells = grid.columns if axis == 0 else grid.rows
    first = int(grid.first[axis]) << step
    low, high = max(first, start), min(first + (cells << step), start + count)
    if low >= high:
        return slice(0, 0), np.empty(0, dtype=np.int64)
    lines = np.arange(low, high) >> step
    begins = np.flatnonzero(np.diff(lines, prepend=lines[0] - 1))
    return slice(low - start, high - start), begins
