"""Tile stores: files on disk that collect a slide's made tiles, shared by all server processes."""

from __future__ import annotations

import contextlib
import fcntl
import os
import struct
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

from tileserver.readers.base import SlideError
from tileserver.stored.files import PagedFile

MAX_RECORD_BYTES = 2**24 - 1

_MAGIC = b"CSTILES\n"
_FORMAT = 1
_HEAD = struct.Struct("<8sII16sQQ")  # magic, format, checksum of the rest, key, slots, filled
_TABLE = 64
_ENTRY = struct.Struct("<Q")
_BLANK = 1  # An entry that no tile has, for it would lie in the head.
_CHECKSUM = struct.Struct("<I")
_LENGTH_BITS = 24


class TileStore:
    """A file with a numbered place ("slot") for each tile that may come to be kept.

    After a head, the file holds a table with one number per slot: where the tile lies and how long
    it is, or 0. Tiles are appended, each with a checksum, and then entered in the table: readers
    in all processes see a tile whole or not at all, and what a crash left half-written is taken as
    missing. The table has holes where nothing is entered, so an empty store takes no room.

    The file may be deleted at any time; those who have it open go on reading from it.

    Parameters
    ----------
    path
        Of the file.
    key
        16 bytes that stand for the slide's file as it is now and for how tiles are made.
    slot_count
        How many tiles there are at most.

    Raises
    ------
    OSError
        The file cannot be made: the disk is full, or may not be written.
    """

    def __init__(self, path: Path, key: bytes, slot_count: int) -> None:
        self._key = key
        self._slot_count = slot_count
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        self._file = PagedFile(descriptor, path.name)
        try:
            # The time tells which stores were not used for longest.
            os.utime(self._file.descriptor)
            with self._locked():
                if self._read_head() is None:
                    self._clear()
        except OSError:
            self._file.close()
            raise

    @property
    def is_filled(self) -> bool:
        """Tell whether every tile was put in that should be."""
        return bool(self._read_head())

    @property
    def is_deleted(self) -> bool:
        """Tell whether the file has no name any more, so that what is put in is lost."""
        return os.fstat(self._file.descriptor).st_nlink == 0

    def try_read(self, slot: int) -> bytes | None:
        """Return a tile if it is there and needs no waiting for the disk, else None.

        Nothing, ``b""``, stands for a tile of plain background.

        Measured: 3 microseconds for 10 KB, of which the checksum takes 1.
        """
        entry = self._file.try_read(_TABLE + slot * _ENTRY.size, _ENTRY.size)
        if entry is None:
            return None
        (place,) = _ENTRY.unpack(entry)
        if place <= _BLANK:
            return b"" if place else None
        length = place & MAX_RECORD_BYTES
        record = self._file.try_read(place >> _LENGTH_BITS, _CHECKSUM.size + length)
        return None if record is None else _checked(slot, record)

    def read(self, slot: int) -> bytes | None:
        """Return a tile, or ``b""`` for background, waiting for the disk; None when not there."""
        try:
            (place,) = _ENTRY.unpack(self._file.read(_TABLE + slot * _ENTRY.size, _ENTRY.size))
            if place <= _BLANK:
                return b"" if place else None
            length = place & MAX_RECORD_BYTES
            return _checked(slot, self._file.read(place >> _LENGTH_BITS, _CHECKSUM.size + length))
        except SlideError:
            return None

    def put(self, slot: int, data: bytes) -> int:
        """Keep a tile, unless it is there or the disk fails: then it will be made again.

        Parameters
        ----------
        slot
            Its place.
        data
            The tile; or ``b""`` for plain background, which takes no room.

        Returns
        -------
        int
            How many bytes the file grew by.
        """
        if len(data) > MAX_RECORD_BYTES:
            return 0
        record = _CHECKSUM.pack(zlib.crc32(data, slot)) + data
        try:
            with self._locked():
                if self.read(slot) is not None:
                    return 0
                if not data:
                    self._enter(slot, _BLANK)
                    return 0
                end = os.fstat(self._file.descriptor).st_size
                if os.pwrite(self._file.descriptor, record, end) < len(record):
                    return 0
                self._enter(slot, end << _LENGTH_BITS | len(data))
        except OSError:
            return 0
        return len(record)

    def _enter(self, slot: int, entry: int) -> None:
        place = _TABLE + slot * _ENTRY.size
        os.pwrite(self._file.descriptor, _ENTRY.pack(entry), place)

    def mark_filled(self) -> None:
        """Remember, durably, that every tile was put in.

        Raises
        ------
        OSError
            The disk fails.
        """
        os.fsync(self._file.descriptor)
        with self._locked():
            self._write_head(filled=True)
        os.fsync(self._file.descriptor)

    def close(self) -> None:
        """Close the file. Nobody may be reading."""
        self._file.close()

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep out other threads and, by a lock on the file, other processes."""
        with self._lock:
            fcntl.flock(self._file.descriptor, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._file.descriptor, fcntl.LOCK_UN)

    def _read_head(self) -> bool | None:
        """Return whether the store is filled; None when it has no head of ours."""
        data = os.pread(self._file.descriptor, _HEAD.size, 0)
        if len(data) < _HEAD.size or os.fstat(self._file.descriptor).st_size < self._end_of_table:
            return None
        filled = bool(data[-8])
        return filled if data == self._head(filled=filled) else None

    @property
    def _end_of_table(self) -> int:
        return _TABLE + self._slot_count * _ENTRY.size

    def _head(self, *, filled: bool) -> bytes:
        rest = struct.pack("<16sQQ", self._key, self._slot_count, filled)
        return _HEAD.pack(_MAGIC, _FORMAT, zlib.crc32(rest), self._key, self._slot_count, filled)

    def _write_head(self, *, filled: bool) -> None:
        os.pwrite(self._file.descriptor, self._head(filled=filled), 0)

    def _clear(self) -> None:
        os.ftruncate(self._file.descriptor, 0)
        os.ftruncate(self._file.descriptor, self._end_of_table)
        self._write_head(filled=False)


def open_store(path: Path, key: bytes, slot_count: int) -> TileStore | None:
    """Open or make a store; return None when the disk does not allow it."""
    try:
        return TileStore(path, key, slot_count)
    except OSError:
        return None


def open_store_if_there(path: Path, key: bytes, slot_count: int) -> TileStore | None:
    """Open a store, unless nothing was put in yet; return None then."""
    return open_store(path, key, slot_count) if path.exists() else None


def _checked(slot: int, record: bytes | bytearray) -> bytes | None:
    """Return a record's tile, or None when it is not what was put into that slot."""
    view = memoryview(record)[_CHECKSUM.size :]
    if zlib.crc32(view, slot) != _CHECKSUM.unpack_from(record)[0]:
        return None
    return bytes(view)
