"""Tile plans: which tiles of each Deep Zoom level are stored, and where others are kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from tileserver.deepzoom import DeepZoomPyramid
from tileserver.stored.index import COMPOSED
from tileserver.stored.passthrough import LevelTiles

FIRST_SMALL = 3
"""Halvings from which levels are small: all together are 2 % of a usual slide's bytes, against 30 %
for the half alone, where the file lacks it."""


class Kept(IntEnum):
    """Which store of a slide keeps a level's tiles."""

    LARGE = 0
    SMALL = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelPlan:
    """How the tiles of one Deep Zoom level come about.

    Parameters
    ----------
    halvings
        Of level 0 that give the level.
    columns, rows
        Of its tiles.
    kept
        Which store keeps those that are made.
    first_slot
        Of the level in that store.
    native
        The stored tiles of this very level, when the file has it.
    """

    halvings: int
    columns: int
    rows: int
    kept: Kept
    first_slot: int
    native: LevelTiles | None

    def is_stored(self, column: int, row: int) -> bool:
        """Tell whether a tile is sent as the file has it: as it is, or as plain background."""
        native = self.native
        return (
            native is not None
            and column < native.inner_columns
            and row < native.inner_rows
            and native.byte_count(column, row) != COMPOSED
        )

    def slot(self, column: int, row: int) -> int:
        """Return the place of a tile in the store."""
        return self.first_slot + row * self.columns + column

    def made_rows(self) -> Iterator[list[tuple[int, int]]]:
        """Yield, row by row, the columns and rows of the tiles that are made."""
        for row in range(self.rows):
            made = [(c, row) for c in range(self.columns) if not self.is_stored(c, row)]
            if made:
                yield made


def plan_levels(pyramid: DeepZoomPyramid, tiles: Sequence[LevelTiles]) -> list[LevelPlan]:
    """Return the plan of each Deep Zoom level, by its number.

    Parameters
    ----------
    pyramid
        Of the slide.
    tiles
        Of its stored levels.
    """
    native = {level.level.halvings: level for level in tiles}
    slots = dict.fromkeys(Kept, 0)
    plans = []
    for halvings in range(pyramid.max_level + 1):
        grid = pyramid.tile_grid(pyramid.max_level - halvings)
        kept = Kept.SMALL if halvings >= FIRST_SMALL else Kept.LARGE
        plan = LevelPlan(
            halvings=halvings,
            columns=grid.width,
            rows=grid.height,
            kept=kept,
            first_slot=slots[kept],
            native=native.get(halvings),
        )
        slots[kept] += grid.area
        plans.append(plan)
    return plans[::-1]


def slot_count(plans: Sequence[LevelPlan], kept: Kept) -> int:
    """Return how many tiles a store is to have room for."""
    return sum(plan.columns * plan.rows for plan in plans if plan.kept is kept)
