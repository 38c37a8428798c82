"""Levels made ahead: for slides that were just added, before anybody looks at them."""

from __future__ import annotations

import contextlib
import fcntl
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import structlog
from sqlmodel import Session, col, select

from records.errors import AppError, BusyError, InputError
from records.filestore import FileStore
from records.tables import Slide
from tileserver import pool as pools
from tileserver.inspection import InspectionLimits, Inspections
from tileserver.pool import FileIdentity
from tileserver.readers.base import SlideError

log = structlog.get_logger(__name__)

LIMITS = InspectionLimits(time_s=4 * 3600)
"""A slide of 20 GB takes a quarter of an hour where nothing else is done."""

MAX_WAITING = 100_000

MAX_SEEN_IN_A_ROW = 200
"""So many slides that were there before tell that no further one is new: who adds slides to a large
study one by one must not have all of it looked at each time."""

LOCK = "large-levels.lock"
WAIT_S = 0.5
"""How often a process asks whether it is its turn."""


def names_of_study(session: Session, *, study_id: int, slide_id: int | None = None) -> list[str]:
    """Return where the slides of a study lie below the images root, the newest first.

    The caller was given a right to change the study.

    Parameters
    ----------
    slide_id
        The only slide that is wanted; None: all are.
    """
    slides = select(Slide.path).where(Slide.study_id == study_id)
    if slide_id is not None:
        slides = slides.where(Slide.id == slide_id)
    return list(session.exec(slides.order_by(col(Slide.id).desc())))


def paths_of(names: Iterable[str], files: FileStore) -> Iterator[Path]:
    """Yield the paths of slides; asking the disk for each, and leaving out what leads astray."""
    for name in names:
        with contextlib.suppress(InputError):
            yield files.resolve(name)


class LevelsAhead:
    """Has levels made in a helper process, one slide at a time.

    The small levels of all slides come first, for they take a fiftieth of the time. Large ones are
    made for one slide at a time by all server processes together. What is not made when the server
    ends is made when somebody looks at the slide.

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
        self._root = root
        self._order: dict[str, object] = {
            "task": "levels",
            "root": str(root),
            "capacity_bytes": capacity_bytes,
            "quality": quality,
        }
        self._small = ThreadPoolExecutor(max_workers=1, thread_name_prefix="small-levels")
        self._large = ThreadPoolExecutor(max_workers=1, thread_name_prefix="large-levels")
        self._with_large = with_large
        self._seen: set[FileIdentity] = set()
        self._is_closed = False

    def add(self, paths: Iterable[Path]) -> Future[None]:
        """Have the levels of slides made, where that was not done yet; does not wait.

        Parameters
        ----------
        paths
            Of the slides, those first that are likely to be looked at first; taken in a thread.

        Returns
        -------
        Future[None]
            Ends when they are made, as far as they can be.
        """
        small: Future[list[Path]] = self._small.submit(self._make_small, paths)
        return self._large.submit(self._make_large, small)

    def close(self) -> None:
        """Give up what is being made; what waits is not begun."""
        self._is_closed = True
        for threads in (self._small, self._large):
            threads.shutdown(wait=True, cancel_futures=True)

    def _make_small(self, paths: Iterable[Path]) -> list[Path]:
        """Make the small levels of slides not seen before; return those whose large ones follow."""
        made: list[Path] = []
        seen_in_a_row = 0
        for path in paths:
            seen_in_a_row = 0 if self._is_new(path) else seen_in_a_row + 1
            if seen_in_a_row > MAX_SEEN_IN_A_ROW:
                break
            if not seen_in_a_row and self._make(path, with_large=False):
                made.append(path)
        return made

    def _make_large(self, small: Future[list[Path]]) -> None:
        paths = small.result()
        for path in paths if self._with_large else []:
            with self._turn() as is_ours:
                if is_ours:
                    self._make(path, with_large=True)

    def _is_new(self, path: Path) -> bool:
        try:
            file = pools.identify(path)
        except SlideError:
            return False
        if file in self._seen:
            return False
        if len(self._seen) >= MAX_WAITING:
            self._seen.clear()
        self._seen.add(file)
        return True

    def _make(self, path: Path, *, with_large: bool) -> bool:
        """Have levels made; tell whether that went well."""
        if self._is_closed:
            return False
        order = {**self._order, "path": str(path), "with_large": with_large}
        try:
            self._inspections.run(order, path, LIMITS, self._told)
        except AppError as error:
            # Whoever looks at the slide will hear what is wrong with it.
            log.info("no levels made ahead", slide=path.name, reason=error.message)
            return False
        return True

    @contextlib.contextmanager
    def _turn(self) -> Iterator[bool]:
        """Wait until no other server process makes large levels; False when there is no turn."""
        try:
            lock = (self._root / LOCK).open("wb")
        except OSError:
            yield False
            return
        with lock:
            while not self._is_closed:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    time.sleep(WAIT_S)
                else:
                    break
            yield not self._is_closed

    def _told(self, message: dict[str, Any]) -> None:
        if self._is_closed:
            raise BusyError("the server is shutting down")
