"""Unfinished uploads on disk: every part is a file whose size is its offset.

A part ``<id>.part`` has a sidecar ``<id>.info`` (JSON: length, metadata, owner), written once and
whole. While bytes with a checksum arrive, ``<id>.undo`` holds the offset to fall back to. A sidecar
without its part says that the part was moved into place. One writer at a time holds the part's file
lock, also among worker processes.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from records import filestore
from uploads.checksums import Checksum
from uploads.parts import (
    DiskFullError,
    OffsetError,
    PartExpiredError,
    PartIncompleteError,
    PartLockedError,
    PartMissingError,
    PartState,
    disk_errors,
)
from uploads.partwriter import PartWriter

_PART_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class _Info:
    length: int
    metadata: str
    owner: str


class PartStore:
    """A folder of unfinished uploads. Every method blocks and belongs in a worker thread.

    Parameters
    ----------
    folder
        Made when missing, readable by us alone.
    lifetime
        How long a part waits for more bytes before it is given up.
    reserve_bytes
        Room that must stay free on the disk.
    """

    def __init__(self, folder: Path, *, lifetime: timedelta, reserve_bytes: int = 0) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder.resolve()
        self._lifetime = lifetime
        self._reserve_bytes = reserve_bytes

    def create(
        self, part_id: str, *, length: int, metadata: str, owner: str, now: datetime
    ) -> PartState:
        """Make an empty part, durably.

        Parameters
        ----------
        part_id
            32 random hexadecimal digits; whoever knows them may send bytes.
        length
            Size of the whole file, in bytes.
        metadata, owner
            See ``PartState``.

        Raises
        ------
        DiskFullError
            The disk has no room for a file of this length.
        """
        if not _PART_ID.fullmatch(part_id):
            raise ValueError("a part's id is 32 hexadecimal digits")
        self._check_room(length)
        part = self._path(part_id, "part")
        times = (now.timestamp(), now.timestamp())
        with disk_errors():
            part.touch(exist_ok=False)
            os.utime(part, times)
            # The sidecar comes last: an upload exists when its sidecar does.
            with filestore.atomic_path(self._path(part_id, "info")) as sidecar:
                info = {"length": length, "metadata": metadata, "owner": owner}
                sidecar.write_text(json.dumps(info), encoding="utf-8")
                os.utime(sidecar, times)
        return self.state(part_id, now)

    def state(self, part_id: str, now: datetime) -> PartState:
        """Return how far an upload is; the bytes it counts are on disk.

        Raises
        ------
        PartMissingError, PartExpiredError
            There is no such upload, or no longer.
        """
        info = self._info(part_id)
        handle = self._open(part_id)
        try:
            size = os.fstat(handle).st_size
            # A writer may be at work: nothing is told that a power cut could take back.
            os.fsync(handle)
            undo = self._undo_offset(part_id)
            return self._state(part_id, info, handle, size if undo is None else undo, now)
        finally:
            os.close(handle)

    def writer(
        self, part_id: str, now: datetime, *, offset: int, checksum: Checksum | None = None
    ) -> PartWriter:
        """Become the one writer of a part, which the caller must ``close``.

        Parameters
        ----------
        offset
            Where the bytes to come begin; it must be the part's own offset.
        checksum
            What they add up to, if the client says so.

        Raises
        ------
        PartMissingError, PartExpiredError
            There is no such upload, or no longer.
        PartLockedError
            There is a writer already.
        OffsetError
            The part ends elsewhere.
        DiskFullError
            The disk is down to its reserve.
        """
        info = self._info(part_id)
        handle = self._lock(part_id)
        undo = self._path(part_id, "undo")
        try:
            state = self._state(part_id, info, handle, self._fall_back(part_id, handle), now)
            _check_offset(state, offset)
            self._check_room(0)
            if checksum is not None:
                with disk_errors(), filestore.atomic_path(undo) as new:
                    new.write_text(str(offset), encoding="ascii")
        except BaseException:
            os.close(handle)
            raise
        return PartWriter(handle, state, lifetime=self._lifetime, checksum=checksum, undo=undo)

    @contextlib.contextmanager
    def complete(self, part_id: str) -> Iterator[Path | None]:
        """Yield the path of a complete part, which nobody else can touch meanwhile.

        None says that the part was moved into place already.

        Raises
        ------
        PartMissingError
            There is no such upload.
        PartLockedError
            Bytes are arriving at this moment.
        PartIncompleteError
            Bytes are missing.
        """
        info = self._info(part_id)
        part = self._path(part_id, "part")
        if not part.exists():
            yield None
            return
        handle = self._lock(part_id)
        try:
            offset = self._fall_back(part_id, handle)
            if offset != info.length:
                raise PartIncompleteError(
                    f"the upload is not complete: {offset} of {info.length} bytes have arrived"
                )
            yield part
        finally:
            os.close(handle)

    def length(self, part_id: str) -> int:
        """Return the size of the whole file in bytes, also when it was moved into place.

        Raises
        ------
        PartMissingError
            There is no such upload.
        """
        return self._info(part_id).length

    def discard(self, part_id: str) -> None:
        """Remove an upload and its bytes.

        Raises
        ------
        PartMissingError
            There is no such upload.
        PartLockedError
            There is a writer.
        """
        self._info(part_id)
        self._discard(part_id)

    def sweep(self, now: datetime) -> int:
        """Remove what is expired and not being written; return how many uploads that were.

        This also removes what a killed server left half-made.
        """
        touched: dict[str, float] = {}
        for path in self._folder.iterdir():
            with contextlib.suppress(FileNotFoundError):
                touched[path.stem] = max(touched.get(path.stem, 0.0), path.stat().st_mtime)
        swept = 0
        for part_id, last in touched.items():
            if last + self._lifetime.total_seconds() <= now.timestamp():
                with contextlib.suppress(PartLockedError):
                    self._discard(part_id)
                    swept += 1
        return swept

    def _discard(self, part_id: str) -> None:
        with contextlib.ExitStack() as stack:
            with contextlib.suppress(PartMissingError):
                stack.callback(os.close, self._lock(part_id))
            # The sidecar goes first: a sidecar without a part means something else.
            for suffix in ("info", "undo", "part"):
                self._path(part_id, suffix).unlink(missing_ok=True)
            filestore.fsync_folder(self._folder)

    def _path(self, part_id: str, suffix: str) -> Path:
        return self._folder / f"{part_id}.{suffix}"

    def _info(self, part_id: str) -> _Info:
        missing = PartMissingError("there is no such upload, or it was finished or given up")
        if not _PART_ID.fullmatch(part_id):
            raise missing
        try:
            fields = json.loads(self._path(part_id, "info").read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise missing from None
        return _Info(fields["length"], fields["metadata"], fields["owner"])

    def _open(self, part_id: str) -> int:
        try:
            return os.open(self._path(part_id, "part"), os.O_RDWR)
        except FileNotFoundError:
            raise PartMissingError("this upload is finished or given up") from None

    def _lock(self, part_id: str) -> int:
        handle = self._open(part_id)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise PartLockedError("another request is writing to this upload") from None
        # Between opening and locking, the part may have been moved into place or removed.
        if not self._path(part_id, "part").exists():
            os.close(handle)
            raise PartMissingError("this upload is finished or given up")
        return handle

    def _state(
        self, part_id: str, info: _Info, handle: int, offset: int, now: datetime
    ) -> PartState:
        last = datetime.fromtimestamp(os.fstat(handle).st_mtime, UTC)
        expires_at = last + self._lifetime
        if expires_at <= now:
            raise PartExpiredError(f"this upload expired on {expires_at:%Y-%m-%d}")
        return PartState(
            part_id=part_id,
            length=info.length,
            offset=offset,
            metadata=info.metadata,
            owner=info.owner,
            expires_at=expires_at,
        )

    def _undo_offset(self, part_id: str) -> int | None:
        try:
            return int(self._path(part_id, "undo").read_text(encoding="ascii"))
        except FileNotFoundError:
            return None

    def _fall_back(self, part_id: str, handle: int) -> int:
        """Drop bytes whose checksum was never checked; return the offset. Needs the lock."""
        undo = self._undo_offset(part_id)
        if undo is not None:
            os.ftruncate(handle, undo)
            os.fsync(handle)
            self._path(part_id, "undo").unlink()
            filestore.fsync_folder(self._folder)
        return os.fstat(handle).st_size

    def _check_room(self, wanted_bytes: int) -> None:
        free = shutil.disk_usage(self._folder).free - self._reserve_bytes
        if free < max(wanted_bytes, 1):
            raise DiskFullError("the server's disk has no room for this; try again later")


def _check_offset(state: PartState, offset: int) -> None:
    if state.offset != offset:
        raise OffsetError(f"the upload stands at {state.offset} bytes, not at {offset}")
