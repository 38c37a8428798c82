"""TIFF directories, looked over before a library reads them: how much they make one load."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass

MAX_DIRECTORIES = 4096
"""Directories of one file that are looked over; slides with many planes and channels have some
hundred."""

MAX_ENTRIES = 512
"""Entries of one directory; scanners write about 30."""

MAX_LOADED_BYTES = 64 * 2**20
"""Bytes of all values together: the offsets and byte counts of 4 million tiles. A library makes a
Python number of each, so this bounds its memory at some 300 MiB."""

_SUB_DIRECTORIES = 330
_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_BIG_TYPE_BYTES = _TYPE_BYTES | {16: 8, 17: 8, 18: 8}


class DirectoryError(ValueError):
    """The file is no TIFF file, or one whose directories nobody should load."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """How the numbers of a TIFF or BigTIFF file are stored, as formats of ``struct``."""

    entry_count: str
    entry: str
    offset: str
    type_bytes: dict[int, int]


def check_directories(descriptor: int) -> None:
    """Refuse files that would cost a TIFF library unreasonable time or memory.

    A few bytes can declare a tag of a billion values, or chain directories without end.

    Source: TIFF 6.0, section 2; for BigTIFF the design of Aware Systems.

    Parameters
    ----------
    descriptor
        Of the open file.

    Raises
    ------
    DirectoryError
        It is no TIFF file, or goes beyond the bounds above.
    """
    layout, first = _header(descriptor)
    waiting, seen, loaded = [first], set[int](), 0
    while waiting:
        offset = waiting.pop()
        if offset == 0 or offset in seen:
            continue
        seen.add(offset)
        if len(seen) > MAX_DIRECTORIES:
            raise DirectoryError(f"more than {MAX_DIRECTORIES} directories")
        found, value_bytes = _directory(descriptor, layout, offset)
        waiting += found
        loaded += value_bytes
        if loaded > MAX_LOADED_BYTES:
            raise DirectoryError(f"tags of more than {MAX_LOADED_BYTES} bytes")


def _header(descriptor: int) -> tuple[_Layout, int]:
    head = os.pread(descriptor, 16, 0)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None or len(head) < 8:
        raise DirectoryError("no TIFF file")
    (version,) = struct.unpack_from(order + "H", head, 2)
    if version == 42:
        layout = _Layout(
            entry_count=order + "H",
            entry=order + "HHII",
            offset=order + "I",
            type_bytes=_TYPE_BYTES,
        )
        return layout, struct.unpack_from(order + "I", head, 4)[0]
    if version == 43 and len(head) == 16:
        layout = _Layout(
            entry_count=order + "Q",
            entry=order + "HHQQ",
            offset=order + "Q",
            type_bytes=_BIG_TYPE_BYTES,
        )
        return layout, struct.unpack_from(order + "Q", head, 8)[0]
    raise DirectoryError("no TIFF file")


def _directory(descriptor: int, layout: _Layout, offset: int) -> tuple[list[int], int]:
    """Return the directories that one names, and how many bytes its values take."""
    (entries,) = _unpacked(descriptor, layout.entry_count, offset)
    if entries > MAX_ENTRIES:
        raise DirectoryError(f"a directory of more than {MAX_ENTRIES} entries")
    offset += struct.calcsize(layout.entry_count)
    entry_bytes = struct.calcsize(layout.entry)
    table = _read(descriptor, offset, entries * entry_bytes)
    (following,) = _unpacked(descriptor, layout.offset, offset + len(table), missing=0)
    found, total = [following], 0
    for tag, kind, count, value in struct.iter_unpack(layout.entry, table):
        value_bytes = count * layout.type_bytes.get(kind, 1)
        total += value_bytes
        if tag != _SUB_DIRECTORIES or kind not in {4, 13, 16, 18}:
            continue
        if count == 1:
            found.append(value)
        elif count <= MAX_DIRECTORIES:
            name = layout.offset if kind in {16, 18} else layout.offset[0] + "I"
            if value_bytes <= struct.calcsize(layout.offset):
                continue  # Two short offsets in the place of a long one: not worth following.
            found += (n for (n,) in struct.iter_unpack(name, _read(descriptor, value, value_bytes)))
    return found, total


def _unpacked(
    descriptor: int, form: str, offset: int, missing: int | None = None
) -> tuple[int, ...]:
    data = os.pread(descriptor, struct.calcsize(form), offset) if offset < 2**63 else b""
    if len(data) < struct.calcsize(form):
        if missing is not None:
            return (missing,)
        raise DirectoryError("a directory beyond the end of the file")
    return struct.unpack(form, data)


def _read(descriptor: int, offset: int, count: int) -> bytes:
    data = os.pread(descriptor, count, offset) if offset < 2**63 else b""
    if len(data) < count:
        raise DirectoryError("a directory beyond the end of the file")
    return data
