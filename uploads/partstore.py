"""Unfinished uploads on disk: every part is a file whose size is its offset.

A part ``<id>.part`` has a sidecar ``<id>.info`` (JSON: length, metadata, owner, concat), written
whole, and once more when a length is told late. ``<id>.mark`` says how many bytes were
acknowledged: after a power cut only those count. While bytes with a checksum arrive, ``<id>.undo``
holds the offset to fall back to. A sidecar without its part says that the part was moved into
place. One writer at a time holds the part's file lock, also among worker processes;
``<id>.wanted`` tells it that another waits.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from uploads import marks, sidecar
from uploads.checksums import Checksum
from uploads.partfiles import PART_ID, PartFiles
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
    check_complete,
    disk_errors,
)
from uploads.partwriter import PartWriter
from uploads.sidecar import Info
from uploads.sums import RunningSums

log = structlog.get_logger(__name__)


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
    boot
        Which run of the machine this is; see ``uploads.marks``. None: asked of the machine.
    """

    def __init__(
        self,
        folder: Path,
        *,
        lifetime: timedelta,
        reserve_bytes: int = 0,
        max_bytes: int = 2**62,
        boot: str | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder.resolve()
        self._lifetime = lifetime
        self._reserve_bytes = reserve_bytes
        self.max_bytes = max_bytes
        self._boot = marks.this_boot() if boot is None else boot
        self.sums = RunningSums()

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
        if not PART_ID.fullmatch(part_id):
            raise ValueError("a part's id is 32 hexadecimal digits")
        self.check_room(length or 0)
        files = self._files(part_id)
        times = (now.timestamp(), now.timestamp())
        with disk_errors():
            files.part.touch(exist_ok=False)
            os.utime(files.part, times)
            files.mark(0)
            # The sidecar comes last: an upload exists when its sidecar does.
            info = Info(length=length, metadata=metadata, owner=owner, concat=concat)
            sidecar.write(files.path("info"), info, now)
        return self.state(part_id, now)

    def state(self, part_id: str, now: datetime) -> PartState:
        """Return how far an upload is; the bytes it counts are on disk.

        Raises
        ------
        PartMissingError, PartExpiredError
            There is no such upload, or no longer.
        """
        return self._look(part_id, now, is_durable=True)

    def glance(self, part_id: str, now: datetime) -> PartState:
        """Return how far an upload is, for people to see: some bytes may not be on disk yet.

        Raises
        ------
        PartMissingError, PartExpiredError
            There is no such upload, or no longer.
        """
        return self._look(part_id, now, is_durable=False)

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
        files = self._files(part_id)
        files.info()
        handle = files.lock()
        try:
            # Only under the lock, for another writer may have told the length meanwhile.
            info = files.info()
            state = self._state(part_id, info, handle, files.fall_back(handle), now)
            _check_offset(state, offset)
            self.check_room(0)
            if length is not None:
                state = self._settle_length(state, info, length, now)
            if checksum is not None:
                with disk_errors():
                    files.note_undo(offset)
        except BaseException:
            os.close(handle)
            raise
        return PartWriter(
            handle,
            state,
            files=files,
            lifetime=self._lifetime,
            limit=self.max_bytes if state.length is None else state.length,
            check_room=self.check_room,
            checksum=checksum,
            sums=self.sums,
        )

    def want(self, part_id: str) -> None:
        """Tell the writer of a part, in whichever process, that another waits for it."""
        with contextlib.suppress(OSError):
            self._files(part_id).path("wanted").touch()

    def unwant(self, part_id: str) -> None:
        """Say that nobody waits any more."""
        with contextlib.suppress(OSError):
            self._files(part_id).path("wanted").unlink(missing_ok=True)

    def is_wanted(self, part_id: str) -> bool:
        """Tell whether another waits to write to a part."""
        return self._files(part_id).path("wanted").exists()

    @contextlib.contextmanager
    def ending(self, part_id: str) -> Iterator[None]:
        """Be the only request, in whichever process, that brings an upload to its end.

        Raises
        ------
        PartMissingError, PartLockedError
            There is no such upload; another request is at it.
        """
        handle = self._files(part_id).lock_ending()
        try:
            yield
        finally:
            os.close(handle)

    @contextlib.contextmanager
    def complete(self, part_id: str) -> Iterator[Path | None]:
        """Yield the path of a complete part, which nobody else can touch meanwhile.

        None says that the part was moved into place already.

        Raises
        ------
        PartMissingError
            There is no such upload.
        PartIncompleteError
            Bytes are missing; they may be arriving.
        PartLockedError
            The last ones are being put on disk at this moment.
        """
        files = self._files(part_id)
        info = files.info()
        if not files.part.exists():
            yield None
            return
        try:
            handle = files.lock()
        except PartLockedError:
            check_complete(files.glance(), info.length)
            raise
        try:
            check_complete(files.fall_back(handle), info.length)
            yield files.part
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
        length = self._files(part_id).info().length
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
        return self._files(part_id).info().metadata

    def discard(self, part_id: str) -> None:
        """Remove an upload and its bytes.

        Raises
        ------
        PartMissingError
            There is no such upload.
        PartLockedError
            There is a writer.
        """
        self._files(part_id).info()
        self._discard(part_id)

    def sweep(self, now: datetime) -> int:
        """Remove what is expired and not being written; return how many uploads that were.

        This also removes what a killed server left half-made.
        """
        touched: dict[str, float] = {}
        # Marks come last: they have the disk's own time, the others the time of the last byte.
        for path in sorted(self.folder.iterdir(), key=lambda path: path.suffix == ".mark"):
            if path.suffix == ".mark" and path.stem in touched:
                continue
            with contextlib.suppress(FileNotFoundError):
                touched[path.stem] = max(touched.get(path.stem, 0.0), path.stat().st_mtime)
        swept = 0
        for part_id, last in touched.items():
            if last + self._lifetime.total_seconds() > now.timestamp():
                continue
            try:
                self._discard(part_id)
                swept += 1
            except PartLockedError:
                continue
            except OSError:
                # One part that the disk does not let go must not keep the others.
                log.exception("part not swept", part=part_id)
        return swept

    def _files(self, part_id: str) -> PartFiles:
        return PartFiles(self.folder, part_id, self._boot)

    def _discard(self, part_id: str) -> None:
        files = self._files(part_id)
        with contextlib.ExitStack() as stack:
            with contextlib.suppress(PartMissingError):
                stack.callback(os.close, files.lock())
            files.remove()
        self.sums.forget(part_id)

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
            sidecar.write(self._files(state.part_id).path("info"), known, now)
        return dataclasses.replace(state, length=length)

    def _look(self, part_id: str, now: datetime, *, is_durable: bool) -> PartState:
        files = self._files(part_id)
        info = files.info()
        handle = files.open()
        try:
            offset = files.offset(handle)
            if is_durable:
                # A writer may be at work: nothing is told that a power cut could take back.
                os.fsync(handle)
            return self._state(part_id, info, handle, offset, now)
        finally:
            os.close(handle)

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
