"""Where the cores of a map lie on its slide: from core to pixel and back, also for QuPath.

Two frames: *map* rows and columns, as the ``.map`` file has them; and *level-0 pixels* of the
slide's file. A slide that is shown turned clockwise by its rotation lies as its map does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studyconfig.cores import lattice, tissue
from studyconfig.cores.lattice import Grid
from studyconfig.formats.tma_map import TmaMap

_LEAST_TISSUE = 0.15
"""Share of tissue in a core's disc below which the core is missing."""

_GREATEST_CORE = 1.05
"""Diameter of a core in distances between neighbours: they may touch."""

_LEAST_CORE = 0.15

_SET_DIAMETER = (0.85, 1.18)
"""How far a core's true diameter may be from the one that a person set."""

_USUAL_CORE = 0.7
"""Diameter in distances between neighbours, where none was seen or set."""

_NEAR_CORE = 0.75
"""How far from a core's centre a pixel may be to belong to it, in its diameters."""

_CORNER = 0.2
"""Diameter of what is looked at between four cores, in distances between neighbours."""

_MOST_AT_CORNERS = 0.3
"""Share of tissue between cores above which they are none: debris is less."""

OVERVIEW_SIDES = (600, 2000)
_OVERVIEW_PER_CORE = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class CorePlace:
    """One core of a map, and where it lies.

    Parameters
    ----------
    row, column
        In the map, from 0.
    sample
        Its sample id; empty where the map has no core.
    x, y
        Centre, in level-0 pixels.
    is_seen
        Whether tissue was found there; otherwise the grid tells the place.
    is_missing
        Whether the core is lost: the map has it, the slide has no tissue there.
    """

    row: int
    column: int
    sample: str
    x: float
    y: float
    is_seen: bool = False
    is_missing: bool = False
    is_control: bool = False
    is_ignored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreLayout:
    """Where the cores of a slide lie.

    Parameters
    ----------
    rows, columns
        Of the map.
    rotation
        Of the slide: degrees clockwise by which it is shown turned, to lie as its map does.
    diameter
        Of its cores, in level-0 pixels.
    is_sure
        Whether the cores were recognised; otherwise they are placed evenly over the tissue.
    places
        All of the map, row by row.
    """

    rows: int
    columns: int
    rotation: int
    diameter: float
    is_sure: bool
    places: tuple[CorePlace, ...]

    def place(self, row: int, column: int) -> CorePlace:
        """Return where the core at a row and column of the map lies.

        Raises
        ------
        IndexError
            The map has no such row or column.
        """
        if not (0 <= row < self.rows and 0 <= column < self.columns):
            raise IndexError(f"the map has {self.rows} rows and {self.columns} columns")
        return self.places[row * self.columns + column]

    def core_at(self, x: float, y: float) -> CorePlace | None:
        """Return the core that a level-0 pixel belongs to, None beside all of them."""
        held = [place for place in self.places if place.sample]
        if not held:
            return None

        def away(place: CorePlace) -> float:
            return math.hypot(place.x - x, place.y - y)

        nearest = min(held, key=away)
        return nearest if away(nearest) <= _NEAR_CORE * self.diameter else None


def overview_side(value: TmaMap) -> int:
    """Return the longest side, in pixels, of the picture that a map's cores are looked for in."""
    least, greatest = OVERVIEW_SIDES
    longest = max(len(value.rows), value.column_count)
    return min(greatest, max(least, _OVERVIEW_PER_CORE * longest))


def on_slide(row: int, column: int, *, rows: int, columns: int, rotation: int) -> tuple[int, int]:
    """Return row and column, counted on the slide as its file has it, of a place of the map.

    Parameters
    ----------
    rows, columns
        Of the map.
    rotation
        Of the slide: 0, 90, 180 or 270.
    """
    return {
        0: (row, column),
        90: (columns - 1 - column, row),
        180: (rows - 1 - row, columns - 1 - column),
        270: (column, rows - 1 - row),
    }[rotation]


def find_cores(
    overview: NDArray[np.uint8],
    value: TmaMap,
    *,
    size: tuple[int, int],
    rotation: int = 0,
    diameter: float | None = None,
) -> CoreLayout:
    """Return where the cores of a map lie on a slide.

    Parameters
    ----------
    overview
        Picture of the whole slide, not turned; shape (height, width, 3).
    value
        The map, with at least one row.
    size
        Width and height of the slide, in level-0 pixels.
    rotation
        Of the slide: 0, 90, 180 or 270.
    diameter
        Of a core as a person set it, in level-0 pixels; None: it is found.
    """
    scale = size[0] / overview.shape[1], size[1] / overview.shape[0]
    share = tissue.tissue_share(overview)
    # On the slide, rows and columns of a map that is turned by 90 or 270 change places.
    weights = np.rot90(_weights(value), k=rotation // 90)
    wished = None if diameter is None else min(diameter / scale[0], _most(share, weights))
    grid, found = _grid(share, weights, wished)
    seen = wished or found
    places = []
    for row, samples in enumerate(value.rows):
        for column, sample in enumerate(samples):
            address = on_slide(
                row, column, rows=len(value.rows), columns=value.column_count, rotation=rotation
            )
            x, y = grid.place(*address)
            has_tissue = tissue.share_around(share, x, y, seen) >= _LEAST_TISSUE
            places.append(
                CorePlace(
                    row=row,
                    column=column,
                    sample=sample,
                    x=round((x + 0.5) * scale[0], 1),
                    y=round((y + 0.5) * scale[1], 1),
                    is_seen=bool(sample) and grid.is_sure and has_tissue,
                    is_missing=bool(sample) and grid.is_sure and not has_tissue,
                    is_control=value.is_control(sample),
                    is_ignored=value.is_ignored(sample),
                )
            )
    return CoreLayout(
        rows=len(value.rows),
        columns=value.column_count,
        rotation=rotation,
        diameter=diameter or round(found * scale[0], 1),
        is_sure=grid.is_sure,
        places=tuple(places),
    )


def _weights(value: TmaMap) -> NDArray[np.int_]:
    """Return 1 where there must be a core, 0 where an ignored one may be, -1 where is none."""
    return np.array(
        [
            [(0 if value.is_ignored(sample) else 1) if sample else -1 for sample in row]
            for row in value.rows
        ]
    )


def _most(share: tissue.Field, weights: NDArray[np.int_]) -> float:
    """Return the diameter above which the cores of a map find no room on the slide.

    Larger ones, as a wrong size of pixels makes them, would take memory and time without bound.
    """
    (height, width), (rows, columns) = share.shape, weights.shape
    return _GREATEST_CORE * float(min(width / columns, height / rows))


def _grid(
    share: tissue.Field, weights: NDArray[np.int_], wished: float | None
) -> tuple[Grid, float]:
    """Return the grid and the diameter of a core, in pixels of the overview."""
    height, width = share.shape
    rows, columns = weights.shape
    distance = min(width / columns, height / rows)
    tried = (distance * _LEAST_CORE, _most(share, weights))
    if wished is not None:
        tried = (wished * _SET_DIAMETER[0], wished * _SET_DIAMETER[1])
    spots = tissue.find_spots(
        share, expected_count=max(1, int((weights > 0).sum())), diameters=tried
    )
    grid = None
    if spots is not None:
        grid = lattice.fit_grid(
            spots.centres, weights, diameter=spots.diameter, size=(width, height)
        )
        if grid is not None and grid.is_sure and _is_parted(share, grid):
            return grid, spots.diameter
    return _even(share, rows, columns, wished)


def _is_parted(share: tissue.Field, grid: Grid) -> bool:
    """Tell whether there is glass between cores: at the corners where four of them meet.

    A section of whole tissue can be cut into squares, too, but has no glass there.
    """
    side = min(float(np.hypot(*grid.along_row)), float(np.hypot(*grid.along_column)))
    corners = {
        (row + down, column + right)
        for row, column in grid.spots
        for down in (-0.5, 0.5)
        for right in (-0.5, 0.5)
    }
    shares = [
        tissue.share_around(share, *grid.expected(row, column), side * _CORNER)
        for row, column in corners
    ]
    return float(np.mean(shares)) <= _MOST_AT_CORNERS


def _even(share: tissue.Field, rows: int, columns: int, wished: float | None) -> tuple[Grid, float]:
    """Return the map's grid, laid evenly over the tissue."""
    down, across = (np.nonzero((share > 0.5).any(axis=axis))[0] for axis in (1, 0))
    top, bottom = (int(down[0]), int(down[-1]) + 1) if len(down) else (0, share.shape[0])
    left, right = (int(across[0]), int(across[-1]) + 1) if len(across) else (0, share.shape[1])
    grid = lattice.even_grid(rows, columns, left, top, right - left, bottom - top)
    distance = min((right - left) / columns, (bottom - top) / rows)
    return grid, wished or max(1.0, _USUAL_CORE * distance)
