"""Stored slides: any Deep Zoom tile of a slide whose file holds tiles that browsers can show."""

from __future__ import annotations

import contextlib
import functools
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from records.errors import BusyError
from tileserver import render
from tileserver.deepzoom import DeepZoomPyramid
from tileserver.pool import FileIdentity
from tileserver.readers import base
from tileserver.readers.base import SlideError
from tileserver.stored import index as indexes, plans, tilestore
from tileserver.stored.cachefolder import CacheFolder, key_of
from tileserver.stored.compose import Composer
from tileserver.stored.files import PagedFile
from tileserver.stored.index import MISSING, StoredIndex
from tileserver.stored.passthrough import LevelTiles
from tileserver.stored.plans import Kept, LevelPlan
from tileserver.stored.sidecar import Progress, SidecarMaker
from tileserver.stored.streams import StreamError
from tileserver.stored.tilestore import TileStore

MAX_WAIT_MS = 100
"""How long it may roughly take to decode all that a tile of an overview is made of. Where it takes
longer, the other tiles of overviews, which are made of the same, are made along with it."""

# Part of every key in the cache; to be raised when the same file gives other tiles than before.
_MAKING = 1


def _ignore(done: int, total: int) -> None:
    """Be told of progress."""


class StoredSlide:
    """An open slide of which most tiles are sent as the file has them.

    Any number of threads may ask at once. It holds the slide's file open, and up to two files in
    the cache folder; they close with ``close``, or when the last user lets go of the slide.

    Parameters
    ----------
    file
        The open file.
    index
        Of its tiles, at least one level.
    cache
        Keeps what is made.
    key
        Stands for the file and the quality.
    quality
        Of tiles that are made, 1 to 100.
    """

    def __init__(
        self, file: PagedFile, index: StoredIndex, cache: CacheFolder, key: bytes, quality: int
    ) -> None:
        self.pyramid = DeepZoomPyramid(index.size, index.tile_size)
        """The Deep Zoom levels under which the slide is served."""
        self.tag = key.hex()[:24]
        """Stands for the file and how tiles are made of it, in ETags."""
        self._file = file
        self._cache = cache
        self._key = key
        self._quality = quality
        tiles = [LevelTiles(file, level, index.tile_size) for level in index.levels]
        self._composer = Composer(tiles, self.pyramid)
        self._plans = plans.plan_levels(self.pyramid, tiles)
        self._blank = _blank_tile(index.tile_size, index.tile_size, quality)
        self._lock = threading.Lock()
        self._failures: dict[Kept, str] = {}
        self._stores: list[TileStore | None] = [
            tilestore.open_store_if_there(self._path(kept), key, self._slot_count(kept))
            for kept in Kept
        ]

    @classmethod
    def open(cls, file: FileIdentity, cache: CacheFolder, *, quality: int) -> Self | None:
        """Open a slide; to be called in a thread.

        Parameters
        ----------
        file
            The slide's.
        cache
            Keeps its index and the tiles that are made.
        quality
            Of tiles that are made, 1 to 100.

        Returns
        -------
        StoredSlide | None
            None when the slide is not of this kind, and a reader must show it.

        Raises
        ------
        SlideError
            The file is not there, may not be read, or is being replaced.
        """
        opened = PagedFile.open(file)
        try:
            index = _find_index(opened, file, cache)
            if index.levels:
                return cls(opened, index, cache, key_of(file, _MAKING, quality), quality)
        except BaseException:
            opened.close()
            raise
        opened.close()
        return None

    def fast(self, dz_level: int, column: int, row: int) -> bytes | None:
        """Return a tile as JPEG when that takes microseconds, else None: safe on an event loop.

        That is so for tiles that the file stores, or the cache folder keeps, while the system has
        them in memory. It never raises; ``slow`` tells what is wrong.
        """
        if not 0 <= dz_level < len(self._plans):
            return None
        plan = self._plans[dz_level]
        if not (0 <= column < plan.columns and 0 <= row < plan.rows):
            return None
        if plan.native is not None and plan.is_stored(column, row):
            if plan.native.byte_count(column, row) == MISSING:
                return self._blank
            return plan.native.try_read(column, row)
        store = self._stores[plan.kept]
        data = None if store is None else store.try_read(plan.slot(column, row))
        return data or (None if data is None else self._blank_at(plan, column, row))

    def is_stored(self, dz_level: int, column: int, row: int) -> bool:
        """Tell whether a tile is sent as the file has it; False also where there is no tile."""
        if not 0 <= dz_level < len(self._plans):
            return False
        plan = self._plans[dz_level]
        is_there = 0 <= column < plan.columns and 0 <= row < plan.rows
        return is_there and plan.is_stored(column, row)

    def slow(self, dz_level: int, column: int, row: int) -> bytes:
        """Return any tile as JPEG, reading and making what that needs; to be called in a thread.

        Raises
        ------
        TileOutsideLevelError
            There is no such tile.
        SlideError
            The file is cut short or damaged there.
        """
        self.pyramid.tile_region(dz_level, column, row)
        plan = self._plans[dz_level]
        if plan.native is not None and plan.is_stored(column, row):
            return self._stored(plan.native, column, row)
        slot = plan.slot(column, row)
        store = self._open_store(plan.kept)
        data = None if store is None else store.read(slot)
        if data is None:
            data = self._made(plan, column, row, store)
        return data or self._blank_at(plan, column, row)

    def is_filled(self, kept: Kept) -> bool:
        """Tell whether all tiles of the small (or the large) levels are kept; a file is read."""
        store = self._stores[kept]
        return store is not None and not store.is_deleted and store.is_filled

    def fill(self, kept: Kept, *, threads: int = 2, progress: Progress = _ignore) -> None:
        """Make all tiles of the small (or the large) levels ahead; to be called in a thread.

        Of all threads and processes one makes them, while others who call wait for it. A slide of
        60000 x 45000 pixels takes a third of a second for the small levels, five for the large.

        Parameters
        ----------
        kept
            Which levels.
        threads
            How many tiles are made at once.
        progress
            Is told how many tiles are done, and of how many. Making stops with what it raises, and
            goes on from there the next time.

        Raises
        ------
        SlideError
            A stored tile cannot be decoded.
        BusyError
            The cache folder cannot be written, or has not enough room.
        """
        with self._cache.building(self._key):
            store = self._open_store(kept)
            if store is None or store.is_filled:
                return
            if kept in self._failures:
                raise SlideError(self._failures[kept])
            wanted = [plan for plan in self._plans if plan.kept is kept]
            maker = self._maker(wanted, store, progress)
            try:
                maker.make(threads)
            except SlideError as error:
                self._failures[kept] = error.message
                raise
            with contextlib.suppress(OSError):
                store.mark_filled()

    def close(self) -> None:
        """Close the slide's file and those in the cache folder. Nobody may be using it."""
        for store in self._stores:
            if store is not None:
                store.close()
        self._file.close()

    def _made(self, plan: LevelPlan, column: int, row: int, store: TileStore | None) -> bytes:
        """Return a tile that is made now and kept; ``b""`` for plain background."""
        address = (plan.halvings, column, row)
        slot = plan.slot(column, row)
        if self._composer.is_blank(*address):
            data = b""
        else:
            run = self._composer.run(plan.halvings)
            if store is not None and run and self._composer.expected_ms(*address) > MAX_WAIT_MS:
                # Without room to keep them, the others need not be made.
                with contextlib.suppress(BusyError):
                    self._make_run(store, slot, [self._plans[-1 - h] for h in run])
                kept = store.read(slot)
                if kept is not None:
                    return kept
            data = render.encode_jpeg(self._composer.pixels(*address), self._quality)
        if store is not None:
            self._cache.grew(store.put(slot, data))
        return data

    def _make_run(self, store: TileStore, slot: int, wanted: Sequence[LevelPlan]) -> None:
        """Make all tiles of some levels, or wait for who does, unless one of them is there."""
        with self._cache.building(self._key):
            if store.read(slot) is None:
                self._maker(wanted, store, _ignore).make(threads=1)

    def _maker(
        self, wanted: Sequence[LevelPlan], store: TileStore, progress: Progress
    ) -> SidecarMaker:
        return SidecarMaker(
            self._composer,
            wanted,
            store,
            quality=self._quality,
            progress=progress,
            grew=self._cache.grew,
        )

    def _stored(self, native: LevelTiles, column: int, row: int) -> bytes:
        if native.byte_count(column, row) == MISSING:
            return self._blank
        data = native.read(column, row)
        try:
            whole = native.as_file(data, only_whole=True)
        except StreamError as error:
            raise native.damaged(column, row, error) from error
        if whole is None:
            raise native.damaged(column, row, StreamError("it is smaller than a tile"))
        return whole

    def _blank_at(self, plan: LevelPlan, column: int, row: int) -> bytes:
        dz_level = self.pyramid.max_level - plan.halvings
        region = self.pyramid.tile_region(dz_level, column, row)
        return _blank_tile(region.width, region.height, self._quality)

    def _open_store(self, kept: Kept) -> TileStore | None:
        """Return a store, made anew when it was deleted; None when the disk does not allow one."""
        with self._lock:
            store = self._stores[kept]
            if store is None or store.is_deleted:
                # The old one closes itself as soon as nobody reads from it any more.
                path = self._path(kept)
                store = tilestore.open_store(path, self._key, self._slot_count(kept))
                self._stores[kept] = store
            return store

    def _path(self, kept: Kept) -> Path:
        return self._cache.path(self._key, kept.name.lower())

    def _slot_count(self, kept: Kept) -> int:
        return plans.slot_count(self._plans, kept)


@functools.lru_cache(maxsize=256)
def _blank_tile(width: int, height: int, quality: int) -> bytes:
    return render.encode_jpeg(base.filled(width, height, base.WHITE), quality)


def _find_index(opened: PagedFile, file: FileIdentity, cache: CacheFolder) -> StoredIndex:
    """Return the index of a slide: the one that was saved, else a new one."""
    key = key_of(file)
    path = cache.path(key, "index")
    index = indexes.load_index(path, key)
    with contextlib.suppress(OSError):
        if index is not None:
            os.utime(path)  # It is in use: others go first when room is needed.
            return index
        index = indexes.build_index(opened.descriptor, opened.name)
        indexes.save_index(path, key, index)
    return index if index is not None else indexes.NO_INDEX
