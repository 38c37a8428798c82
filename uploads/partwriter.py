"""The one writer of a part: bytes go to the end of the file and count once they are on disk."""

from __future__ import annotations

import dataclasses
import os
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Self

from uploads.checksums import Checksum, Hasher
from uploads.partfiles import PartFiles
from uploads.parts import (
    ChecksumError,
    DiskFullError,
    PartOverflowError,
    PartState,
    disk_errors,
)
from uploads.sums import Beside, RunningSums

_EARLY_BYTES = 512 * 1024
_WINDOW_BYTES = 16 * 1024 * 1024
"""Behind the newest byte, in which the disk is told again to let go what it has stored: on a slow
disk that takes longer than the next block. Measured for 1 GiB in blocks of 1 MiB: 0.8 s with the
window, 1.6 s when each block is named once, 3 s and more when none is."""


class PartWriter:
    """Adds bytes to a locked part; blocking, for one worker thread at a time.

    End with ``commit`` (all came), ``keep`` (the client is gone) or ``revert`` (as if nothing had
    come), and always with ``close``.

    Parameters
    ----------
    handle
        The part, open for writing and locked; it is closed with the writer.
    state
        The part as it is at the start.
    files
        Of the part. When there is a checksum, they say already that the next writer falls back to
        where this one started.
    lifetime
        How long the part waits for more bytes afterwards.
    limit
        How long the part may become, in bytes.
    check_room
        Raises DiskFullError when the disk cannot take so many more bytes.
    checksum
        What the bytes to come add up to, if the client says so.
    sums
        Where the SHA-256 of all bytes is kept from one request to the next.
    """

    def __init__(
        self,
        handle: int,
        state: PartState,
        *,
        files: PartFiles,
        lifetime: timedelta,
        limit: int,
        check_room: Callable[[int], None],
        checksum: Checksum | None,
        sums: RunningSums,
    ) -> None:
        self.state = state
        self._handle = handle
        self._at_work = threading.Lock()
        self._files = files
        self._offset = state.offset
        self._lifetime = lifetime
        self._limit = limit
        self._check_room = check_room
        self._checksum = checksum
        self._hasher = checksum.hasher() if checksum else None
        self._sums = sums
        self._sum = sums.begin(state.part_id, state.offset)
        wanted: list[Hasher | None] = [self._hasher, self._sum]
        self._beside = Beside(sums.threads, [hasher for hasher in wanted if hasher is not None])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(self, data: bytes | bytearray) -> None:
        """Add bytes; they count only after ``commit`` or ``keep``.

        Raises
        ------
        PartOverflowError
            They pass the length of the upload. Nothing of them is written.
        DiskFullError
            The disk is full, or down to its reserve. What fitted is written.
        """
        with self._at_work:
            if self._handle < 0:
                raise ValueError("this writer is closed")
            self._write(data)

    def _write(self, data: bytes | bytearray) -> None:
        if self._offset + len(data) > self._limit:
            raise PartOverflowError(
                f"more bytes came than the upload's length of {self._limit} bytes"
            )
        # Others fill the disk too: room that was there at the start may be gone.
        self._check_room(len(data))
        self._beside.feed(data)
        view = memoryview(data)
        try:
            with disk_errors():
                while view:
                    written = os.pwrite(self._handle, view, self._offset)
                    self._offset += written
                    view = view[written:]
        except BaseException:
            # More was summed up than is on disk.
            self._sum = None
            raise
        if len(data) >= _EARLY_BYTES:
            begin = max(self.state.offset, self._offset - _WINDOW_BYTES)
            _begin_to_store(self._handle, begin, self._offset - begin)

    def commit(self, now: datetime) -> PartState:
        """Check the checksum, wait until the bytes are on disk and return the new state.

        Raises
        ------
        ChecksumError
            The bytes are not what the client meant. They are gone.
        DiskFullError
            The disk could not take them. They are gone.
        """
        self._beside.wait()
        if self._checksum and self._hasher and not self._checksum.fits(self._hasher):
            self.revert()
            raise ChecksumError(
                f"the bytes do not have the {self._checksum.algorithm} that you sent"
            )
        try:
            with disk_errors():
                os.fsync(self._handle)
                self._files.mark(self._offset)
        except (OSError, DiskFullError):
            # After a failed fsync nobody knows which pages are on disk; the start is known good.
            self.revert()
            raise
        return self._settle(now)

    def keep(self, now: datetime) -> PartState:
        """Keep what has come so far, unless a checksum says that only all of it is worth having."""
        if self._checksum:
            self.revert()
            return self.state
        return self.commit(now)

    def revert(self) -> None:
        """Cut the part back to where, and when, this writer started."""
        os.ftruncate(self._handle, self.state.offset)
        last = (self.state.expires_at - self._lifetime).timestamp()
        os.utime(self._handle, (last, last))
        os.fsync(self._handle)
        self._offset = self.state.offset
        self._sum = None
        self._files.forget_undo()

    def close(self) -> None:
        """Let the part go; a second time does nothing.

        A request that is broken off leaves its last write behind in a thread: that comes to its
        end first, for the number of a closed file may stand for another file soon.
        """
        with self._at_work:
            if self._handle >= 0:
                os.close(self._handle)
                self._handle = -1

    def _settle(self, now: datetime) -> PartState:
        part_id = self.state.part_id
        self._files.forget_undo()
        if self._sum is not None:
            self._sums.keep(part_id, self._offset, self._sum)
        # The time of the last byte is the part's own; its end of life follows from it.
        os.utime(self._handle, (now.timestamp(), now.timestamp()))
        return dataclasses.replace(self.state, offset=self._offset, expires_at=now + self._lifetime)


def _begin_to_store(handle: int, offset: int, length: int) -> None:
    """Let the disk begin with new bytes, so that the fsync at the end is short; forget old ones.

    Memory that is let go is used again for the next bytes: that is faster than ever new memory, and
    gigabytes that nobody reads soon do not push slides out of the page cache.
    Source: posix_fadvise(2): of pages not stored yet, POSIX_FADV_DONTNEED "will attempt to write
    them back", and does not wait; of those that are, it frees the memory.
    """
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(handle, offset, length, os.POSIX_FADV_DONTNEED)
