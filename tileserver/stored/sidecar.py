"""Sidecars: the tiles of whole levels, made ahead of the first viewer and kept in a store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from records.errors import BusyError
from tileserver import render
from tileserver.readers.base import Pixels
from tileserver.stored.compose import Composer
from tileserver.stored.plans import LevelPlan
from tileserver.stored.tilestore import TileStore

Progress = Callable[[int, int], None]
"""Is told how many tiles are done, and of how many. Making stops with whatever it raises."""

_Tiles = dict[tuple[int, int], Pixels]

_TOP_TILES = 16
"""Tiles of the level that is shared out among threads, at least: enough for all to be busy, and few
enough to hold in memory as pixels."""


class SidecarMaker:
    """Makes the tiles of levels and puts them into a store.

    Levels up to three above a stored one are made tile by tile. A run of levels above is made from
    the bottom up, each tile as soon as the four below it are there, so that no tile is made twice
    and few are held.

    Parameters
    ----------
    composer
        Makes pixels.
    plans
        Of the levels to be made; runs of the composer as a whole.
    store
        Keeps the tiles.
    quality
        Of JPEG, 1 to 100.
    progress
        Is called now and then.
    grew
        Is told by how many bytes the store grew.
    """

    def __init__(
        self,
        composer: Composer,
        plans: Sequence[LevelPlan],
        store: TileStore,
        *,
        quality: int,
        progress: Progress,
        grew: Callable[[int], None],
    ) -> None:
        self._composer = composer
        self._plans = {plan.halvings: plan for plan in plans}
        self._store = store
        self._quality = quality
        self._progress = progress
        self._total = sum(plan.columns * plan.rows for plan in plans)
        self._grew = grew

    def make(self, threads: int) -> None:
        """Make every tile that is neither stored in the file nor kept already.

        Parameters
        ----------
        threads
            How many tiles are made at once.

        Raises
        ------
        SlideError
            A stored tile cannot be decoded.
        BusyError
            The store was deleted meanwhile, most likely for want of room.
        """
        runs = {run for h in self._plans if (run := self._composer.run(h)) is not None}
        in_runs = {halvings for run in runs for halvings in run}
        with ThreadPoolExecutor(threads, thread_name_prefix="sidecar") as pool:
            for halvings in sorted(self._plans.keys() - in_runs):
                self._make_level(self._plans[halvings], pool)
            for run in runs:
                self._make_run(run[0], run[-1], pool)
        self._progress(self._total, self._total)

    def _make_level(self, plan: LevelPlan, pool: ThreadPoolExecutor) -> None:
        def make(address: tuple[int, int]) -> None:
            if self._store.read(plan.slot(*address)) is not None:
                return
            if self._composer.is_blank(plan.halvings, *address):
                self._put(plan, address, b"")
            else:
                self._keep(plan, address, self._composer.pixels(plan.halvings, *address))

        before = sum(p.columns * p.rows for h, p in self._plans.items() if h < plan.halvings)
        for row in plan.made_rows():
            list(pool.map(make, row))
            self._progress(before + (row[0][1] + 1) * plan.columns, self._total)

    def _make_run(self, lowest: int, top: int, pool: ThreadPoolExecutor) -> None:
        """Make the levels from ``lowest``, whose tiles are made of stored ones, up to ``top``."""
        split = lowest
        while split < top and self._plans[split + 1].columns * self._plans[split + 1].rows >= (
            _TOP_TILES
        ):
            split += 1
        plan = self._plans[split]
        addresses = [(column, row) for row in range(plan.rows) for column in range(plan.columns)]

        def make(address: tuple[int, int]) -> Pixels:
            return self._branch(lowest, split, address)

        tiles: _Tiles = dict(zip(addresses, pool.map(make, addresses), strict=True))
        for halvings in range(split + 1, top + 1):
            plan = self._plans[halvings]
            above: _Tiles = {}
            for row in range(plan.rows):
                for column in range(plan.columns):
                    below = self._composer.below(halvings, column, row)
                    chosen = {address: tiles[address] for address in below}
                    above[column, row] = self._composer.halved(halvings, column, row, chosen)
                    self._keep(plan, (column, row), above[column, row])
            tiles = above

    def _branch(self, lowest: int, halvings: int, address: tuple[int, int]) -> Pixels:
        """Make a tile and all beneath it; where the slide is blank, those beneath are not made."""
        if self._composer.is_blank(halvings, *address):
            self._put(self._plans[halvings], address, b"")
            return self._composer.blank(halvings, *address)
        if halvings == lowest:
            pixels = self._composer.pixels(halvings, *address)
        else:
            below = {
                child: self._branch(lowest, halvings - 1, child)
                for child in self._composer.below(halvings, *address)
            }
            pixels = self._composer.halved(halvings, *address, below)
        plan = self._plans[halvings]
        if not plan.is_stored(*address):
            self._keep(plan, address, pixels)
        return pixels

    def _keep(self, plan: LevelPlan, address: tuple[int, int], pixels: Pixels) -> None:
        self._put(plan, address, render.encode_jpeg(pixels, self._quality))

    def _put(self, plan: LevelPlan, address: tuple[int, int], data: bytes) -> None:
        self._grew(self._store.put(plan.slot(*address), data))
        if self._store.is_deleted:
            raise BusyError("the cache folder has not enough room for the tiles of this slide")
