"""TIFF directories, looked over before a library reads them: their cost, and what is missing."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

MAX_DIRECTORIES = 4096
"""Directories of one file that are looked over; slides with many planes and channels have some
hundred."""

MAX_ENTRIES = 512
"""Entries of one directory; scanners write about 30."""

MAX_LOADED_BYTES = 64 * 2**20
"""Bytes of all values together: the offsets and byte counts of 4 million tiles. A library makes a
Python number of each, so this bounds its memory at some 300 MiB."""

_COMPRESSION, _UNCOMPRESSED, _SUB_DIRECTORIES, _NDPI_VERSION = 259, 1, 330, 65420
_STRIPS, _STRIP_COUNTS, _TILES, _TILE_COUNTS = 273, 279, 324, 325
_PLACES = frozenset({_STRIPS, _STRIP_COUNTS, _TILES, _TILE_COUNTS})
_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_BIG_TYPE_BYTES = _TYPE_BYTES | {16: 8, 17: 8, 18: 8}
_WHOLE_NUMBERS = {1: "u1", 3: "u2", 4: "u4", 13: "u4", 16: "u8", 18: "u8"}
_CLASSIC_LIMIT = 2**32


class DirectoryError(ValueError):
    """The file is no TIFF file, or its directories are damaged."""


class ExcessError(DirectoryError):
    """Nobody should load these directories."""


class EndsEarlyError(DirectoryError):
    """The file ends before what its directories point to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """How the numbers of a TIFF or BigTIFF file are stored, as formats of ``struct``."""

    order: str
    entry_count: str
    entry: str
    offset: str
    type_bytes: dict[int, int]


@dataclass(slots=True)
class _Directory:
    """What one directory makes a library load, and where it leads."""

    following: list[int]
    value_bytes: int = 0
    compression: int = _UNCOMPRESSED
    places: dict[int, NDArray[np.uint64]] = field(default_factory=dict)

    @property
    def end(self) -> int:
        """Return where the last of the tiles or strips ends; 0 when there is none."""
        kind, counts = (_TILES, _TILE_COUNTS) if _TILES in self.places else (_STRIPS, _STRIP_COUNTS)
        if kind not in self.places or counts not in self.places:
            return 0
        listed = min(self.places[kind].size, self.places[counts].size)
        starts, lengths = self.places[kind][:listed], self.places[counts][:listed]
        if kind == _STRIPS and self.compression == _UNCOMPRESSED:
            # Some writers of plain strips declare more bytes than the picture needs.
            lengths = np.minimum(lengths, 1)
        ends = (starts + lengths)[(starts > 0) & (lengths > 0)]
        return int(ends.max()) if ends.size else 0


def check_directories(descriptor: int) -> None:
    """Refuse files that would cost a TIFF library unreasonable time or memory, or are cut short.

    A few bytes can declare a tag of a billion values, or chain directories without end. A file that
    was cut while it was copied often has sound directories, and shows as far as it goes.

    Source: TIFF 6.0, section 2; for BigTIFF the design of Aware Systems.

    Parameters
    ----------
    descriptor
        Of the open file.

    Raises
    ------
    ExcessError
        It goes beyond the bounds above.
    EndsEarlyError
        It ends before its last tile, strip or directory.
    DirectoryError
        It is no TIFF file, or damaged otherwise.
    """
    size = os.fstat(descriptor).st_size
    layout, first = _header(descriptor)
    if size > _CLASSIC_LIMIT and layout.offset.endswith("I") and _is_ndpi(descriptor):
        return  # Its offsets have 64 bits where TIFF has 32. Source: openslide, tifflike.c.
    waiting, seen, loaded, end = [first], set[int](), 0, 0
    while waiting:
        offset = waiting.pop()
        if offset == 0 or offset in seen:
            continue
        seen.add(offset)
        if len(seen) > MAX_DIRECTORIES:
            raise ExcessError(f"has more than {MAX_DIRECTORIES} directories")
        if offset >= size:
            end = max(end, offset)
            continue
        found = _directory(descriptor, layout, offset)
        waiting += found.following
        loaded += found.value_bytes
        if loaded > MAX_LOADED_BYTES:
            raise ExcessError(f"has tags of more than {MAX_LOADED_BYTES} bytes")
        end = max(end, found.end)
    if end > size:
        raise _ends_early(size, end)


def _header(descriptor: int) -> tuple[_Layout, int]:
    head = os.pread(descriptor, 16, 0)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None or len(head) < 8:
        raise DirectoryError("no TIFF file")
    (version,) = struct.unpack_from(order + "H", head, 2)
    if version == 42:
        layout = _Layout(
            order=order,
            entry_count=order + "H",
            entry=order + "HHII",
            offset=order + "I",
            type_bytes=_TYPE_BYTES,
        )
        return layout, struct.unpack_from(order + "I", head, 4)[0]
    if version == 43 and len(head) == 16:
        layout = _Layout(
            order=order,
            entry_count=order + "Q",
            entry=order + "HHQQ",
            offset=order + "Q",
            type_bytes=_BIG_TYPE_BYTES,
        )
        return layout, struct.unpack_from(order + "Q", head, 8)[0]
    raise DirectoryError("no TIFF file")


def _is_ndpi(descriptor: int) -> bool:
    """Tell whether the header leads, by 64 bits, to a directory with Hamamatsu's own tag."""
    head = os.pread(descriptor, 12, 0)
    if len(head) < 12 or head[:2] != b"II":
        return False
    (offset,) = struct.unpack_from("<Q", head, 4)
    table = os.pread(descriptor, 2 + MAX_ENTRIES * 12, offset) if offset < 2**63 else b""
    return any(
        struct.unpack_from("<H", table, place)[0] == _NDPI_VERSION
        for place in range(2, len(table) - 11, 12)
    )


def _directory(descriptor: int, layout: _Layout, offset: int) -> _Directory:
    """Read one directory."""
    (entries,) = _unpacked(descriptor, layout.entry_count, offset)
    if entries > MAX_ENTRIES:
        raise ExcessError(f"has a directory of more than {MAX_ENTRIES} entries")
    offset += struct.calcsize(layout.entry_count)
    entry_bytes, offset_bytes = struct.calcsize(layout.entry), struct.calcsize(layout.offset)
    table = _read(descriptor, offset, entries * entry_bytes)
    (following,) = _unpacked(descriptor, layout.offset, offset + len(table), missing=0)
    found = _Directory([following])
    for start in range(0, len(table), entry_bytes):
        tag, kind, count, value = struct.unpack_from(layout.entry, table, start)
        value_bytes = count * layout.type_bytes.get(kind, 1)
        found.value_bytes += value_bytes
        if tag not in {_COMPRESSION, _SUB_DIRECTORIES, *_PLACES} or kind not in _WHOLE_NUMBERS:
            continue
        if found.value_bytes > MAX_LOADED_BYTES:
            return found
        if value_bytes <= offset_bytes:
            data = table[start + entry_bytes - offset_bytes :][:value_bytes]
        else:
            data = _read(descriptor, value, value_bytes)
        numbers = np.frombuffer(data, layout.order + _WHOLE_NUMBERS[kind]).astype(np.uint64)
        if tag == _SUB_DIRECTORIES:
            found.following += numbers[: MAX_DIRECTORIES + 1].tolist()
        elif tag == _COMPRESSION and numbers.size:
            found.compression = int(numbers[0])
        else:
            found.places[tag] = numbers
    return found


def _unpacked(
    descriptor: int, form: str, offset: int, missing: int | None = None
) -> tuple[int, ...]:
    data = os.pread(descriptor, struct.calcsize(form), offset) if offset < 2**63 else b""
    if len(data) < struct.calcsize(form):
        if missing is not None:
            return (missing,)
        raise _ends_early(os.fstat(descriptor).st_size, offset + struct.calcsize(form))
    return struct.unpack(form, data)


def _read(descriptor: int, offset: int, count: int) -> bytes:
    data = os.pread(descriptor, count, offset) if offset < 2**63 else b""
    if len(data) < count:
        raise _ends_early(os.fstat(descriptor).st_size, offset + count)
    return data


def _ends_early(size: int, end: int) -> EndsEarlyError:
    return EndsEarlyError(
        f"ends early: {size} bytes arrived, but its directory points to byte {end}"
    )
