"""Unfinished uploads on disk: every part is a file whose size is its offset.

A part ``<id>.part`` has a sidecar ``<id>.info`` (JSON: length, metadata, owner, concat), written
whole, and once more when a length is told late. While bytes with a checksum arrive, ``<id>.undo``
holds the offset to fall back to. A sidecar without its part says that the part was moved into
place. One writer at a time holds the part's file lock, also among worker processes;
``<id>.wanted`` tells it that another waits.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from records import filestore
from uploads import sidecar
from uploads.checksums import Checksum
from uploads.parts import (
    DiskFullError,
    OffsetError,
    PartExpiredError,
    PartIncompleteError,
    PartLengthError,
    PartLockedError,
    PartMissingError,
    PartOverflowError,
    PartState,
    disk_errors,
)
from uploads.partwriter import PartWriter
from uploads.sidecar import Info

_PART_ID = re.compile(r"[0-9a-f]{32}")


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
    max_bytes
        Size of the largest file.
    """

    def __init__(
        self,
        folder: Path,
        *,
        lifetime: timedelta,
        reserve_bytes: int = 0,
        max_bytes: int = 2**62,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder.resolve()
        self._lifetime = lifetime
        self._reserve_bytes = reserve_bytes
        self.max_bytes = max_bytes

    def create(
        self,
        part_id: str,
        *,
        length: int | None,
        metadata: str,
        owner: str,
        now: datetime,
        concat: str = "",
    ) -> PartState:
        """Make an empty part, durably.

        Parameters
        ----------
        part_id
            32 random hexadecimal digits; whoever knows them may send bytes.
        length, metadata, owner, concat
            See ``PartState``.

        Raises
        ------
        DiskFullError
            The disk has no room for a file of this length.
        """
        if not _PART_ID.fullmatch(part_id):
            raise ValueError("a part's id is 32 hexadecimal digits")
        self.check_room(length or 0)
        part = self._path(part_id, "part")
        times = (now.timestamp(), now.timestamp())
        with disk_errors():
            part.touch(exist_ok=False)
            os.utime(part, times)
            # The sidecar comes last: an upload exists when its sidecar does.
            info = Info(length=length, metadata=metadata, owner=owner, concat=concat)
            sidecar.write(self._path(part_id, "info"), info, now)
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
        self,
        part_id: str,
        now: datetime,
        *,
        offset: int,
        length: int | None = None,
        checksum: Checksum | None = None,
    ) -> PartWriter:
        """Become the one writer of a part, which the caller must ``close``.

        Parameters
        ----------
        offset
            Where the bytes to come begin; it must be the part's own offset.
        length
            Size of the whole file, if the client tells it now.
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
        PartLengthError, PartOverflowError
            The length is not the one told before, or shorter than the part, or too long.
        DiskFullError
            The disk is down to its reserve.
        """
        self._info(part_id)
        handle = self._lock(part_id)
        undo = self._path(part_id, "undo")
        try:
            # Only under the lock, for another writer may have told the length meanwhile.
            info = self._info(part_id)
            state = self._state(part_id, info, handle, self._fall_back(part_id, handle), now)
            _check_offset(state, offset)
            self.check_room(0)
            if length is not None:
                state = self._settle_length(state, info, length, now)
            if checksum is not None:
                with disk_errors(), filestore.atomic_path(undo) as new:
                    new.write_text(str(offset), encoding="ascii")
        except BaseException:
            os.close(handle)
            raise
        return PartWriter(
            handle,
            state,
            lifetime=self._lifetime,
            limit=self.max_bytes if state.length is None else state.length,
            check_room=self.check_room,
            checksum=checksum,
            undo=undo,
        )

    def want(self, part_id: str) -> None:
        """Tell the writer of a part, in whichever process, that another waits for it."""
        with contextlib.suppress(OSError):
            self._path(part_id, "wanted").touch()

    def unwant(self, part_id: str) -> None:
        """Say that nobody waits any more."""
        with contextlib.suppress(OSError):
            self._path(part_id, "wanted").unlink(missing_ok=True)

    def is_wanted(self, part_id: str) -> bool:
        """Tell whether another waits to write to a part."""
        return self._path(part_id, "wanted").exists()

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
                whole = "an unknown number of" if info.length is None else info.length
                raise PartIncompleteError(
                    f"the upload is not complete: {offset} of {whole} bytes have arrived"
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
        PartIncompleteError
            The client has not told it yet.
        """
        length = self._info(part_id).length
        if length is None:
            raise PartIncompleteError("the upload is not complete: its length was not told yet")
        return length

    def metadata(self, part_id: str) -> str:
        """Return the client's metadata, also when the part was moved into place.

        Raises
        ------
        PartMissingError
            There is no such upload.
        """
        return self._info(part_id).metadata

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
        for path in self.folder.iterdir():
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
            for suffix in ("info", "undo", "wanted", "progress", "part"):
                self._path(part_id, suffix).unlink(missing_ok=True)
            shutil.rmtree(self._path(part_id, "unpacked"), ignore_errors=True)
            filestore.fsync_folder(self.folder)

    def _path(self, part_id: str, suffix: str) -> Path:
        return self.folder / f"{part_id}.{suffix}"

    def _info(self, part_id: str) -> Info:
        missing = PartMissingError("there is no such upload, or it was finished or given up")
        if not _PART_ID.fullmatch(part_id):
            raise missing
        info = sidecar.read(self._path(part_id, "info"))
        if info is None:
            raise missing
        return info

    def _settle_length(self, state: PartState, info: Info, length: int, now: datetime) -> PartState:
        """Keep a length that is told late. Clause: once set, it must not change."""
        if info.length is not None:
            if length != info.length:
                raise PartLengthError(f"the upload's length is {info.length} bytes, not {length}")
            return state
        if length > self.max_bytes:
            raise PartOverflowError(f"the largest upload is {self.max_bytes} bytes")
        if length < state.offset:
            raise PartLengthError(f"{state.offset} bytes are here; the length is not {length}")
        self.check_room(length - state.offset)
        with disk_errors():
            known = dataclasses.replace(info, length=length)
            sidecar.write(self._path(state.part_id, "info"), known, now)
        return dataclasses.replace(state, length=length)

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
            raise PartLockedError(
                "another request is writing to this upload, or finishing it"
            ) from None
        # Between opening and locking, the part may have been moved into place or removed.
        if not self._path(part_id, "part").exists():
            os.close(handle)
            raise PartMissingError("this upload is finished or given up")
        return handle

    def _state(
        self, part_id: str, info: Info, handle: int, offset: int, now: datetime
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
            concat=info.concat,
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
            filestore.fsync_folder(self.folder)
        return os.fstat(handle).st_size

    def check_room(self, wanted_bytes: int) -> None:
        """Insist that the disk can take so many more bytes, and keep its reserve.

        Raises
        ------
        DiskFullError
            It cannot.
        """
        free = shutil.disk_usage(self.folder).free - self._reserve_bytes
        if free < max(wanted_bytes, 1):
            raise DiskFullError("the server's disk has no room for this; try again later")


def _check_offset(state: PartState, offset: int) -> None:
    if state.offset != offset:
        raise OffsetError(f"the upload stands at {state.offset} bytes, not at {offset}")
