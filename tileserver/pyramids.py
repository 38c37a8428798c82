"""Pyramids: large pictures without smaller levels, turned into tiles once, in the background."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from records.errors import AppError, BusyError
from tileserver.inspection import InspectionLimits, Inspections
from tileserver.pool import FileIdentity
from tileserver.readers.base import SlideError
from tileserver.stored.cachefolder import CacheFolder, key_of

log = structlog.get_logger(__name__)

LIMITS = InspectionLimits(time_s=3600)

AGAIN_AFTER_S = 600.0
"""How long a failure is believed before the work is tried again."""

# Part of every key; to be raised when the same picture gives other tiles than before.
_MAKING = 2


@dataclass(slots=True)
class _Job:
    """A pyramid in the making: how much of it is done, 0 to 1, and what came of it."""

    done: float = 0.0
    failed_at: float | None = None
    future: Future[None] = field(default_factory=Future)


class Pyramids:
    """Has pyramids made, one at a time, and keeps them in the cache folder.

    A pyramid is a TIFF file that belongs to one version of one file; it may be deleted at any time,
    and is then made again. Of all server processes one makes it.

    Parameters
    ----------
    inspections
        Does the work in a process of its own.
    cache
        Keeps them.
    quality
        Of JPEG, 1 to 100.
    clock
        Seconds that only grow.
    """

    def __init__(
        self,
        inspections: Inspections,
        cache: CacheFolder,
        *,
        quality: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inspections = inspections
        self._cache = cache
        self._quality = quality
        self._clock = clock
        self._lock = threading.Lock()
        self._jobs: dict[FileIdentity, _Job] = {}
        self._threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pyramids")
        self._is_closed = False

    def find(self, file: FileIdentity) -> Path | None:
        """Return where the pyramid of a file lies, or None when there is none yet."""
        path = self._path(file)
        try:
            os.utime(path)  # It is in use: others go first when room is needed.
        except OSError:
            return None
        return path

    def is_there(self, file: FileIdentity) -> bool:
        """Tell whether a file's pyramid is made; takes microseconds."""
        return self._path(file).exists()

    def progress(self, file: FileIdentity) -> float | None:
        """Return how much of a pyramid is done, 0 to 1; None when nobody makes it here."""
        with self._lock:
            job = self._jobs.get(file)
        return None if job is None or job.failed_at is not None else job.done

    def start(self, file: FileIdentity) -> None:
        """Have a pyramid made, unless it is being made or just failed; does not wait."""
        self._job(file)

    def wait(self, file: FileIdentity, time_s: float) -> Path:
        """Return where a pyramid lies, waiting for it a little.

        Raises
        ------
        SlideError
            It cannot be made.
        BusyError
            It takes longer.
        """
        found = self.find(file)
        if found is not None:
            return found
        job = self._job(file)
        wait([job.future], time_s)
        if not job.future.done():
            raise BusyError(
                f"{file.path.name} is being prepared for viewing, {job.done:.0%} is done; "
                "ask again in a few seconds"
            )
        job.future.result()
        found = self.find(file)
        if found is None:
            raise BusyError(f"what was prepared of {file.path.name} is gone; ask again")
        return found

    def close(self) -> None:
        """Give up the one in the making; others are not begun."""
        self._is_closed = True
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _job(self, file: FileIdentity) -> _Job:
        with self._lock:
            job = self._jobs.get(file)
            if job is not None:
                is_over = job.future.done() and job.failed_at is None
                is_old = job.failed_at is not None and (
                    self._clock() - job.failed_at > AGAIN_AFTER_S
                )
                if not is_over and not is_old:
                    return job
            job = self._jobs[file] = _Job()
            job.future = self._threads.submit(self._make, file, job)
            return job

    def _make(self, file: FileIdentity, job: _Job) -> None:
        started = time.perf_counter()
        try:
            with self._cache.building(key_of(file, "pyramid")):
                if not self.is_there(file):
                    self._have_made(file, job)
        except AppError as error:
            job.failed_at = self._clock()
            log.warning("no pyramid", slide=file.path.name, reason=error.message)
            raise
        with self._lock:
            self._jobs.pop(file, None)
        job.done = 1.0
        seconds = round(time.perf_counter() - started, 1)
        log.info("pyramid", slide=file.path.name, seconds=seconds)

    def _have_made(self, file: FileIdentity, job: _Job) -> None:
        target = self._path(file)
        order = {
            "task": "pyramid",
            "path": str(file.path),
            "target": str(target),
            "quality": self._quality,
        }

        def told(message: dict[str, Any]) -> None:
            if self._is_closed:
                raise BusyError("the server is shutting down")
            job.done = float(message.get("done", job.done))

        self._inspections.run(order, file.path, LIMITS, told)
        with contextlib.suppress(OSError):
            self._cache.grew(target.stat().st_size)
        if not self.is_there(file):
            raise SlideError(f"what was prepared of {file.path.name} is gone")

    def _path(self, file: FileIdentity) -> Path:
        return self._cache.path(key_of(file, "pyramid", _MAKING, self._quality), "pyramid")
