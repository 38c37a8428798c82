"""Levels made ahead: for slides that were just added, before anybody looks at them."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import structlog
from sqlmodel import Session, select

from records.errors import AppError, BusyError
from records.filestore import FileStore
from records.tables import Slide
from tileserver import pool as pools
from tileserver.inspection import InspectionLimits, Inspections
from tileserver.pool import FileIdentity

log = structlog.get_logger(__name__)

LIMITS = InspectionLimits(time_s=4 * 3600)
"""A slide of 20 GB takes a quarter of an hour where nothing else is done."""

MAX_WAITING = 100_000


def paths_of_study(session: Session, *, files: FileStore, study_id: int) -> list[Path]:
    """Return where the slides of a study lie; the caller was given a right to change it."""
    found = session.exec(select(Slide.path).where(Slide.study_id == study_id).order_by(Slide.path))
    return [files.resolve(path) for path in found]


class LevelsAhead:
    """Has levels made in a helper process, one slide at a time.

    What is not made when the server ends is made when somebody looks at the slide.

    Parameters
    ----------
    inspections
        Does the work in processes of its own.
    root
        The cache folder.
    capacity_bytes
        Room that it may take.
    quality
        Of tiles, 1 to 100.
    with_large
        Whether the large levels are made, too.
    """

    def __init__(
        self,
        inspections: Inspections,
        root: Path,
        *,
        capacity_bytes: int,
        quality: int,
        with_large: bool,
    ) -> None:
        self._inspections = inspections
        self._order: dict[str, object] = {
            "task": "levels",
            "root": str(root),
            "capacity_bytes": capacity_bytes,
            "quality": quality,
            "with_large": with_large,
        }
        self._threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="levels")
        self._lock = threading.Lock()
        self._seen: set[FileIdentity] = set()
        self._is_closed = False

    def add(self, paths: Iterable[Path]) -> Future[None]:
        """Have the levels of slides made, where that was not done yet; does not wait.

        Returns
        -------
        Future[None]
            Ends when they are made, as far as they can be.
        """
        return self._threads.submit(self._make, list(paths))

    def close(self) -> None:
        """Give up what is being made; what waits is not begun."""
        self._is_closed = True
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _make(self, paths: Sequence[Path]) -> None:
        for path in paths:
            if self._is_closed:
                return
            try:
                self._make_one(path)
            except AppError as error:
                # Whoever looks at the slide will hear what is wrong with it.
                log.info("no levels made ahead", slide=path.name, reason=error.message)

    def _make_one(self, path: Path) -> None:
        file = pools.identify(path)
        with self._lock:
            if file in self._seen:
                return
            if len(self._seen) >= MAX_WAITING:
                self._seen.clear()
            self._seen.add(file)
        self._inspections.run({**self._order, "path": str(path)}, path, LIMITS, self._told)

    def _told(self, message: dict[str, Any]) -> None:
        if self._is_closed:
            raise BusyError("the server is shutting down")
