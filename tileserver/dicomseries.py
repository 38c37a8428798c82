"""DICOM files told apart by series: one whole-slide image is a series of files in one folder."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

_HEAD_BYTES: Final = 64 * 1024
_PREAMBLE = 128
_IMPLICIT_VR = b"1.2.840.10008.1.2"
_BIG_ENDIAN = b"1.2.840.10008.1.2.2"
_DEFLATED = b"1.2.840.10008.1.2.1.99"
_TRANSFER_SYNTAX = (0x0002, 0x0010)
_SERIES = (0x0020, 0x000E)
_ITEM = (0xFFFE, 0xE000)
_UNDEFINED = 0xFFFFFFFF
_MAX_DEPTH = 16
# Source: DICOM PS3.5 7.1.2: these representations have a 32-bit length after two reserved bytes.
_LONG = frozenset(
    {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}
)


def series_of(path: Path) -> str | None:
    """Return the Series Instance UID of a DICOM file, or None when it cannot be read."""
    with path.open("rb") as file:
        return read_series(file.read(_HEAD_BYTES))


def read_series(head: bytes) -> str | None:
    """Return the Series Instance UID in the first bytes of a DICOM file, or None.

    Only explicit little-endian files are read, which all compressed slides are.
    Source: DICOM PS3.10 7.1 (file), PS3.5 7.1.2 (elements), PS3.5 7.5 (sequences).
    """
    if head[_PREAMBLE : _PREAMBLE + 4] != b"DICM":
        return None
    try:
        return _find_series(head)
    except struct.error:
        # The file, or what was read of it, ends within an element.
        return None


def _find_series(head: bytes) -> str | None:
    place = _PREAMBLE + 4
    while place < len(head):
        tag, length, place = _element(head, place)
        if tag > _SERIES:
            return None
        value = head[place : place + length].rstrip(b"\0 ")
        if tag == _TRANSFER_SYNTAX and value in {_IMPLICIT_VR, _BIG_ENDIAN, _DEFLATED}:
            return None
        if tag == _SERIES:
            return value.decode("ascii", errors="replace")
        place = _end_of_sequence(head, place, 0) if length == _UNDEFINED else place + length
    return None


def _element(head: bytes, place: int) -> tuple[tuple[int, int], int, int]:
    """Return tag, length and where the value begins."""
    group, element = struct.unpack_from("<HH", head, place)
    if group == 0xFFFE:
        (length,) = struct.unpack_from("<I", head, place + 4)
        return (group, element), length, place + 8
    if head[place + 4 : place + 6] in _LONG:
        (length,) = struct.unpack_from("<I", head, place + 8)
        return (group, element), length, place + 12
    (length,) = struct.unpack_from("<H", head, place + 6)
    return (group, element), length, place + 8


def _end_of_sequence(head: bytes, place: int, depth: int) -> int:
    """Return where a sequence or item of undefined length, whose value begins here, ends.

    Both hold elements (a sequence holds items) and end with a delimiter of their own.
    """
    if depth > _MAX_DEPTH:
        return len(head)
    while place < len(head):
        tag, length, place = _element(head, place)
        if tag[0] == 0xFFFE and tag != _ITEM:
            return place
        place = _end_of_sequence(head, place, depth + 1) if length == _UNDEFINED else place + length
    return place
