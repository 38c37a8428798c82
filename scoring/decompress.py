"""Compressed bytes from outside, unpacked within bounds: brotli, gzip, tar and zip."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, BinaryIO

# The package has no type annotations.
import brotli  # type: ignore[import-untyped]

from records.errors import InputError

if TYPE_CHECKING:
    from typing_extensions import Buffer

MAX_ENTRIES = 64

_STEP_BYTES = 1 << 20
_END_BYTES = 22
_LOCATOR_BYTES = 20


def unbrotli(data: bytes, *, most_bytes: int, name: str) -> bytes:
    """Return what a brotli stream holds.

    Raises
    ------
    InputError
        It is damaged, cut off, or holds more than ``most_bytes``.
    """
    decoder = brotli.Decompressor()
    chunks: list[bytes] = []
    size = 0
    given = data
    while True:
        try:
            chunk = decoder.process(given, output_buffer_limit=_STEP_BYTES)
        except brotli.error:
            raise InputError(f"{name} is no valid brotli stream") from None
        given = b""
        size += len(chunk)
        if size > most_bytes:
            raise _too_large(name, most_bytes)
        chunks.append(chunk)
        if decoder.is_finished():
            return b"".join(chunks)
        if not chunk:
            raise InputError(f"{name} is cut off")


def gunzip(data: BinaryIO, *, most_bytes: int, name: str) -> Iterator[bytes]:
    """Yield what a gzip stream holds, piece by piece.

    Raises
    ------
    InputError
        It is damaged, cut off, or holds more than ``most_bytes``.
    """
    decoder = zlib.decompressobj(wbits=31)
    size = 0
    pending = data.read(_STEP_BYTES)
    while not decoder.eof:
        try:
            piece = decoder.decompress(pending, _STEP_BYTES)
        except zlib.error:
            raise InputError(f"{name} is no valid gzip stream") from None
        size += len(piece)
        if size > most_bytes:
            raise _too_large(name, most_bytes)
        if piece:
            yield piece
        pending = decoder.unconsumed_tail or data.read(_STEP_BYTES)
        if not (pending or piece or decoder.eof):
            raise InputError(f"{name} is cut off")


def gunzipped(data: BinaryIO, *, most_bytes: int, name: str = "the file") -> BinaryIO:
    """Return what a gzip stream holds as a stream, read onwards or again from its start.

    Parameters
    ----------
    data
        Seekable, at its start.

    Raises
    ------
    InputError
        While it is read, as ``gunzip`` does.
    """
    return io.BufferedReader(_Gunzipped(data, most_bytes, name), _STEP_BYTES)


class _Gunzipped(io.RawIOBase):
    def __init__(self, data: BinaryIO, most_bytes: int, name: str) -> None:
        self._data = data
        self._most_bytes = most_bytes
        self._name = name
        self.seek(0)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if offset or whence:
            raise io.UnsupportedOperation("only the start can be gone back to")
        self._data.seek(0)
        self._pieces = gunzip(self._data, most_bytes=self._most_bytes, name=self._name)
        self._rest = b""
        self._place = 0
        return 0

    def readinto(self, buffer: Buffer, /) -> int:
        view = memoryview(buffer).cast("B")
        if not self._rest:
            self._rest = next(self._pieces, b"")
        taken = self._rest[: len(view)]
        view[: len(taken)] = taken
        self._rest = self._rest[len(taken) :]
        self._place += len(taken)
        return len(taken)


def tar_files(
    pieces: Iterator[bytes], *, most_bytes: int, name: str
) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of each file in a tar, one at a time.

    The standard library's reader believes a header that says how much to read at once; here each
    file has at most ``most_bytes``.

    Raises
    ------
    InputError
        It is damaged, cut off, or holds a file that is too large.
    """
    stream = _Stream(pieces)
    while header := stream.take(tarfile.BLOCKSIZE):
        if not header.strip(b"\0"):
            return
        try:
            info = tarfile.TarInfo.frombuf(header, "utf-8", "replace")
        except tarfile.TarError:
            raise InputError(f"{name} is damaged") from None
        if not 0 <= info.size <= most_bytes:
            raise _too_large(f"a file in {name}", most_bytes)
        data = stream.take(-(-info.size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE)
        if len(data) < info.size:
            raise InputError(f"{name} is cut off")
        # Folders and extended headers hold nothing that is needed.
        if info.isreg():
            yield info.name, data[: info.size]


class _Stream:
    """Takes exact numbers of bytes from pieces of any size."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._buffer = bytearray()

    def take(self, count: int) -> bytes:
        """Return so many bytes; fewer at the end."""
        while len(self._buffer) < count:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._buffer += piece
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken


class Archive:
    """A zip whose entries are read only by known names, each up to a size.

    Parameters
    ----------
    stream
        The file, seekable.
    limits
        Name of an entry -> the most bytes it may hold. Others are never opened.

    Raises
    ------
    InputError
        It is no plain zip: damaged, encrypted, in several parts, with too many entries, or with an
        entry that is too large.
    """

    def __init__(self, stream: BinaryIO, limits: Mapping[str, int]) -> None:
        _check_directory(stream)
        try:
            self._zip = zipfile.ZipFile(stream)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error):
            raise InputError("the file is a damaged zip") from None
        self._limits = MappingProxyType(dict(limits))
        names = [info.filename for info in self._zip.infolist()]
        if len(names) != len(set(names)):
            raise InputError("the zip names an entry twice")
        for info in self._zip.infolist():
            limit = self._limits.get(info.filename)
            if limit is not None and info.file_size > limit:
                raise _too_large(info.filename, limit)
        self._names = frozenset(names)

    def __contains__(self, name: str) -> bool:
        return name in self._names and name in self._limits

    def read(self, name: str) -> bytes:
        """Return the bytes of an entry.

        Raises
        ------
        InputError
            It is not there, damaged, or holds more than it says or may.
        """
        limit = self._limits[name]
        if name not in self:
            raise InputError(f"the zip has no {name}")
        try:
            with self._zip.open(name) as entry:
                data = entry.read(limit + 1)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            RuntimeError,
            ValueError,
            struct.error,
        ):
            # NotImplementedError: a compression we do not know; RuntimeError: encrypted.
            raise InputError(f"{name} in the zip is damaged or encrypted") from None
        if len(data) > limit:
            raise _too_large(name, limit)
        return data


def _check_directory(stream: BinaryIO) -> None:
    """Refuse a zip whose list of entries would fill the memory, before it is read as a whole.

    The end record must stand at the very end (no comment), so that no other reader can be led to
    another list than the one checked here; zip64 is for files of 4 GiB, which none of these is.
    """
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, size - _END_BYTES - _LOCATOR_BYTES))
    tail = stream.read()
    end = tail[-_END_BYTES:]
    if len(end) < _END_BYTES or end[:4] != b"PK\x05\x06":
        raise InputError("the file is no zip, is cut off, or has something behind its end")
    _, disk, first_disk, _, count, directory_bytes, _, comment = struct.unpack("<4s4H2LH", end)
    if disk or first_disk or comment or b"PK\x06\x07" in tail[:-_END_BYTES]:
        raise InputError("the zip is in several parts, has a comment or is a zip64")
    if count > MAX_ENTRIES or directory_bytes > MAX_ENTRIES * 4096:
        raise InputError(f"the zip has more than {MAX_ENTRIES} entries")
    stream.seek(0)


def _too_large(name: str, most_bytes: int) -> InputError:
    return InputError(f"{name} holds more than {most_bytes:,} bytes")
