"""The checker: looks at every file that arrived, one after the other, outside of any request.

What waits is kept in the database, so a killed server goes on with it; a lock file sees to it that
of all worker processes one does the work.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Final

import anyio
import anyio.to_thread
import structlog

from access.calls import Door
from records import filelock
from records.errors import AppError
from records.filestore import FileStore
from uploads import checks, digests
from uploads.checks import Check, SlideCheck
from uploads.inspection import InspectionLimits, inspect_slide

log = structlog.get_logger(__name__)

_LOOK_S: Final = 1.0
_LOCK_S: Final = 5.0


class Checker:
    """Looks at files that arrived, as long as ``run`` is not cancelled.

    Parameters
    ----------
    door
        Runs deeds in the database.
    files
        The images root.
    lock
        A file that only this uses, made when missing.
    limits
        What looking at one slide may take.
    """

    def __init__(
        self, *, door: Door, files: FileStore, lock: Path, limits: InspectionLimits
    ) -> None:
        self._door = door
        self._files = files
        self._lock = lock
        self._limits = limits
        # Hashing reads whole slides: a thread of its own keeps the others free for requests.
        self._disk = anyio.CapacityLimiter(1)

    async def run(self) -> None:
        """Work for ever, while no other process does."""
        while True:
            with filelock.held(self._lock) as is_ours:
                while is_ours:
                    if not await self.check_next():
                        await anyio.sleep(_LOOK_S)
            await anyio.sleep(_LOCK_S)

    async def check_next(self) -> bool:
        """Look at the oldest upload that waits; tell whether there was one."""
        check = await self._door.reading(checks.next_check)
        if check is None:
            return False
        found = [await self._check_slide(path, check) for path in check.slides]
        sha256 = check.sha256 or await self._sha256(check, found)
        await self._door.in_database(
            checks.record_check, check=check, found=found, sha256=sha256, now=self._door.clock()
        )
        problems = sum(1 for slide in found if slide.problem)
        log.info("checked", upload=check.upload_id, slides=len(found), unreadable=problems)
        return True

    async def _check_slide(self, relative: str, check: Check) -> SlideCheck:
        is_itself = relative == check.target.relative and check.stands
        known = check.sha256 if is_itself else None
        try:
            path = self._files.resolve(relative)
            found = await inspect_slide(path, self._limits)
            byte_count = path.stat().st_size
            sha256 = known or await self._hash(path)
        except (AppError, OSError):
            return SlideCheck(
                path=relative, problem="the file is gone", sha256=None, byte_count=0, facts={}
            )
        return SlideCheck(
            path=relative,
            problem=found.problem,
            sha256=sha256,
            byte_count=byte_count,
            facts=found.facts,
        )

    async def _sha256(self, check: Check, found: list[SlideCheck]) -> str | None:
        for slide in found:
            if slide.path == check.target.relative:
                return slide.sha256
        with contextlib.suppress(AppError, OSError):
            return await self._hash(self._files.resolve(check.target.relative))
        return None

    async def _hash(self, path: Path) -> str:
        return await anyio.to_thread.run_sync(digests.sha256_of, path, limiter=self._disk)
