"""The layer keeper: makes the layers of large answers ahead, outside of any request.

It follows the numbers of answers, so nothing needs to be told to it, and a killed server loses no
work; a lock file sees to it that of all worker processes one does it. Whoever asks for a layer that
is not made yet makes it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import anyio
import anyio.to_thread
import structlog
from sqlalchemy.exc import SQLAlchemyError

from access.calls import Door
from records import filelock
from records.errors import AppError, BusyError
from records.filestore import FileStore
from scoring import annotation_layers
from scoring.annotation_layers import LayerShelf, LayerSource

log = structlog.get_logger(__name__)

_LOOK_S: Final = 2.0
_LOCK_S: Final = 5.0


class LayerKeeper:
    """Makes layers, as long as ``run`` is not cancelled.

    Parameters
    ----------
    door
        Reads the database.
    store
        Where annotation files lie.
    shelf
        Keeps the layers.
    lock
        A file that only this uses, made when missing.
    limiter
        Lets one layer be made at a time, also of those that requests wait for.
    """

    def __init__(
        self,
        *,
        door: Door,
        store: FileStore,
        shelf: LayerShelf,
        lock: Path,
        limiter: anyio.CapacityLimiter,
    ) -> None:
        self._door = door
        self._store = store
        self._shelf = shelf
        self._lock = lock
        self._limiter = limiter
        self._seen = 0

    async def run(self) -> None:
        """Work for ever, while no other process does; when database or disk fail, begin anew."""
        while True:
            try:
                with filelock.held(self._lock) as is_ours:
                    while is_ours:
                        if not await self.look():
                            await anyio.sleep(_LOOK_S)
            except (OSError, SQLAlchemyError, BusyError):
                log.exception("layer keeper failed")
            await anyio.sleep(_LOCK_S)

    async def look(self) -> bool:
        """Make the layers of the next large answers; tell whether there were answers at all."""
        sources, last = await self._door.reading(annotation_layers.find_large, after=self._seen)
        for source in sources:
            await self._make(source)
        moved, self._seen = last > self._seen, last
        return moved

    async def _make(self, source: LayerSource) -> None:
        if await self._door.in_thread(self._shelf.ready, source) is not None:
            return
        begun = anyio.current_time()
        try:
            answer = await self._door.reading(
                annotation_layers.read_answer, source=source, store=self._store
            )
            await anyio.to_thread.run_sync(self._shelf.make, source, answer, limiter=self._limiter)
        except (AppError, OSError) as error:
            # Whoever asks for it will hear it.
            log.info("layer not made", answer=source.answer_id, reason=type(error).__name__)
        else:
            seconds = round(anyio.current_time() - begun, 1)
            log.info("layer made", answer=source.answer_id, seconds=seconds)
