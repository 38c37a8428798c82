"""Workloads: which tiles a viewer, a script or a newcomer asks for, in which order."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

TILE = 256
"""Side of a tile in pixels, the same for every server (OpenSlide's default grid has 254)."""

DEEPEST_K = 8
"""The smallest level that W3 asks for: 1/256 of the slide's sides."""

OVERVIEW_K = 6
"""The level of the first picture of a slide just opened (W4)."""

_VIEWPORT = (1280, 800)
_SPOTS = 7
_PAN_STEPS = 6


class Tile(NamedTuple):
    """Address of a tile: ``k`` is log2 of its level's downsample, 0 is full detail."""

    k: int
    column: int
    row: int


@dataclass(frozen=True, slots=True)
class Grid:
    """The tiles of a slide at every level.

    Parameters
    ----------
    width, height
        Of the slide, in level-0 pixels.
    """

    width: int
    height: int

    @property
    def max_dz_level(self) -> int:
        """Return the Deep Zoom level of full detail."""
        return math.ceil(math.log2(max(self.width, self.height)))

    def size(self, k: int) -> tuple[int, int]:
        """Return the width and height of a level in its own pixels."""
        return -(-self.width // 2**k), -(-self.height // 2**k)

    def counts(self, k: int) -> tuple[int, int]:
        """Return how many columns and rows of tiles a level has."""
        width, height = self.size(k)
        return -(-width // TILE), -(-height // TILE)

    def window(self, k: int, x: float, y: float) -> list[Tile]:
        """Return the tiles that a viewport around a level-0 point shows, row by row."""
        columns, rows = self.counts(k)
        left, top = x / 2**k - _VIEWPORT[0] / 2, y / 2**k - _VIEWPORT[1] / 2
        across = range(
            max(0, int(left // TILE)), min(columns, int((left + _VIEWPORT[0]) // TILE) + 1)
        )
        down = range(max(0, int(top // TILE)), min(rows, int((top + _VIEWPORT[1]) // TILE) + 1))
        return [Tile(k, column, row) for row in down for column in across]


def viewer_trace(grid: Grid, seed: int) -> list[Tile]:
    """Return what a viewer asks for (W1): the overview, seven spots zoomed into, then panned.

    A viewer keeps what it has seen, so no tile comes twice.

    Parameters
    ----------
    grid
        Of the slide.
    seed
        Each seed looks at other spots.
    """
    rng = np.random.default_rng(seed)
    fit_k = max(0, math.ceil(math.log2(max(grid.width / _VIEWPORT[0], grid.height / _VIEWPORT[1]))))
    asked: dict[Tile, None] = {}
    for k in range(min(DEEPEST_K, grid.max_dz_level), fit_k - 1, -1):
        asked |= dict.fromkeys(grid.window(k, grid.width / 2, grid.height / 2))
    for _ in range(_SPOTS):
        x, y = rng.uniform(0.1, 0.9) * grid.width, rng.uniform(0.1, 0.9) * grid.height
        for k in range(fit_k - 1, -1, -1):
            asked |= dict.fromkeys(grid.window(k, x, y))
        for k in (1, 0):
            dx, dy = rng.normal(0, 0.25, 2) * _VIEWPORT * 2**k
            for step in range(1, _PAN_STEPS // 2 + 1):
                asked |= dict.fromkeys(grid.window(k, x + step * dx, y + step * dy))
    return list(asked)


def uniform_native(grid: Grid, seed: int, count: int) -> list[Tile]:
    """Return ``count`` tiles of full detail, each as likely as any other (W2)."""
    rng = np.random.default_rng(seed)
    picks = rng.integers(0, grid.counts(0), (count, 2))
    return [Tile(0, int(column), int(row)) for column, row in picks]


def uniform_levels(grid: Grid, seed: int, count: int) -> list[Tile]:
    """Return ``count`` tiles, each level as likely, then each point of the slide (W3)."""
    rng = np.random.default_rng(seed)
    levels = rng.integers(0, min(DEEPEST_K, grid.max_dz_level) + 1, count)
    points = rng.random((count, 2))
    tiles = []
    for k, (x, y) in zip(levels.tolist(), points.tolist(), strict=True):
        columns, rows = grid.counts(k)
        tiles.append(
            Tile(
                k,
                min(columns - 1, int(x * grid.width / 2**k / TILE)),
                min(rows - 1, int(y * grid.height / 2**k / TILE)),
            )
        )
    return tiles
