"""DICOM files: where the encoded frames of a whole-slide image lie, read with bounds of our own."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tileserver.geometry import Size

MAX_ELEMENTS = 200_000
"""Elements that are walked over; files with more are left to a library."""

MAX_FRAMES = 4 * 2**20
MAX_DEPTH = 16
_MAX_VALUE_BYTES = 64 * 2**20

_PREAMBLE, _MAGIC = 128, b"DICM"
_BLOCK = 64 * 1024
_UNDEFINED = 0xFFFFFFFF
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
# Source: DICOM PS3.5 7.1.2: these representations have a 32-bit length after two reserved bytes.
_LONG = frozenset(
    {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}
)
# Source: DICOM PS3.6.
TRANSFER_SYNTAX, SOP_CLASS, IMAGE_TYPE, SERIES = 0x00020010, 0x00080016, 0x00080008, 0x0020000E
CONCATENATION, ORGANISATION = 0x00209161, 0x00209311
SAMPLES, PHOTOMETRIC, FRAMES, ROWS, COLUMNS = (
    0x00280002,
    0x00280004,
    0x00280008,
    0x00280010,
    0x00280011,
)
BITS, SIGNED, TOTAL_COLUMNS, TOTAL_ROWS = 0x00280100, 0x00280103, 0x00480006, 0x00480007
_OFFSETS, _LENGTHS, _PIXELS = 0x7FE00001, 0x7FE00002, 0x7FE00010
_KEPT = frozenset(
    {
        TRANSFER_SYNTAX,
        SOP_CLASS,
        IMAGE_TYPE,
        SERIES,
        CONCATENATION,
        ORGANISATION,
        SAMPLES,
        PHOTOMETRIC,
        FRAMES,
        ROWS,
        COLUMNS,
        BITS,
        SIGNED,
        TOTAL_COLUMNS,
        TOTAL_ROWS,
        _OFFSETS,
        _LENGTHS,
    }
)


class DicomError(ValueError):
    """The file is no DICOM file, or of a kind that is left to a library."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DicomImage:
    """One file of a series.

    Parameters
    ----------
    values
        Of the elements at the top whose tags are named in this module.
    pixels_at
        Where the pixel data begins.
    is_compressed
        Whether that consists of items, which hold encoded frames.
    """

    values: dict[int, bytes]
    pixels_at: int
    is_compressed: bool

    def text(self, tag: int) -> str:
        """Return an element as text, without padding; empty when there is none."""
        return self.values.get(tag, b"").decode("ascii", "replace").rstrip("\0 ")

    def whole(self, tag: int) -> int:
        """Return an element as a whole number, by its bytes; 0 when there is none."""
        return int.from_bytes(self.values.get(tag, b""), "little")

    @property
    def size(self) -> Size:
        """Return the size of the whole picture."""
        return Size(self.whole(TOTAL_COLUMNS), self.whole(TOTAL_ROWS))

    @property
    def frame_size(self) -> Size:
        """Return the size of each frame."""
        return Size(self.whole(COLUMNS), self.whole(ROWS))

    @property
    def frame_count(self) -> int:
        """Return how many frames there are."""
        try:
            return int(self.text(FRAMES) or "1")
        except ValueError as error:
            raise DicomError("a number of frames that is no number") from error


class _Bytes:
    """A file read forwards, in blocks; any place can be gone to."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._block, self._start = b"", 0
        self.place = 0

    def take(self, count: int) -> bytes:
        """Return the next bytes."""
        inner = self.place - self._start
        if not 0 <= inner <= len(self._block) - count:
            self._start, inner = self.place, 0
            size = max(count, _BLOCK)
            self._block = (
                os.pread(self._descriptor, size, self.place) if self.place < 2**63 else b""
            )
        data = self._block[inner : inner + count]
        if len(data) < count:
            raise DicomError("an element beyond the end of the file")
        self.place += count
        return data


def is_dicom(descriptor: int) -> bool:
    """Tell whether a file begins as DICOM files do."""
    return os.pread(descriptor, len(_MAGIC), _PREAMBLE) == _MAGIC


def read_image(descriptor: int) -> DicomImage:
    """Read the elements of a file up to its pixel data.

    Only explicit little-endian files are read, which all with compressed frames are.
    Source: DICOM PS3.10 7.1 (file), PS3.5 7.1.2 (elements), 7.5 (sequences), A.4 (frames).

    Parameters
    ----------
    descriptor
        Of the open file.

    Raises
    ------
    DicomError
        It is of another kind, damaged, or holds more than is walked over.
    """
    if not is_dicom(descriptor):
        raise DicomError("no DICOM file")
    walker = _Walker(_Bytes(descriptor))
    walker.bytes.place = _PREAMBLE + len(_MAGIC)
    values: dict[int, bytes] = {}
    while True:
        tag, length = walker.element()
        if tag == _PIXELS:
            is_compressed = length == _UNDEFINED
            return DicomImage(
                values=values, pixels_at=walker.bytes.place, is_compressed=is_compressed
            )
        if length == _UNDEFINED:
            walker.skip_sequence(0)
        elif tag in _KEPT:
            if length > _MAX_VALUE_BYTES:
                raise DicomError("an element that is too long")
            values[tag] = walker.bytes.take(length)
        else:
            walker.bytes.place += length


class _Walker:
    """Goes from element to element."""

    def __init__(self, data: _Bytes) -> None:
        self.bytes = data
        self._count = 0

    def element(self) -> tuple[int, int]:
        """Return tag and length of the next element, and stand before its value."""
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise DicomError(f"more than {MAX_ELEMENTS} elements")
        group, element, kind, length = struct.unpack("<HH2sH", self.bytes.take(8))
        tag = group << 16 | element
        if group == 0xFFFE:
            return tag, int.from_bytes(kind + length.to_bytes(2, "little"), "little")
        if kind in _LONG:
            (length,) = struct.unpack("<I", self.bytes.take(4))
        return tag, length

    def skip_sequence(self, depth: int) -> None:
        """Go to the end of a sequence or item of undefined length."""
        if depth > MAX_DEPTH:
            raise DicomError("sequences within sequences without end")
        while True:
            tag, length = self.element()
            if tag in {_ITEM_END, _SEQUENCE_END}:
                return
            if length == _UNDEFINED:
                self.skip_sequence(depth + 1)
            else:
                self.bytes.place += length


def find_frames(descriptor: int, image: DicomImage) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where the encoded frames lie in the file, and how long each is.

    Parameters
    ----------
    descriptor
        Of the open file.
    image
        What was read of it.

    Raises
    ------
    DicomError
        A frame lies in several pieces, or their number is not as declared.
    """
    count = image.frame_count
    if not 1 <= count <= MAX_FRAMES:
        raise DicomError(f"{count} frames")
    data = _Bytes(descriptor)
    data.place = image.pixels_at
    table = _item(data)
    if table > _MAX_VALUE_BYTES:
        raise DicomError("a table that is too long")
    first = data.place + table
    if _OFFSETS in image.values and _LENGTHS in image.values:
        offsets = _numbers(image.values[_OFFSETS], count)
        # From the item's start; its tag and length come first.
        return offsets + (first + 8), _numbers(image.values[_LENGTHS], count)
    data.place = first
    offsets, lengths = np.zeros(count, np.int64), np.zeros(count, np.int64)
    for number in range(count):
        lengths[number] = _item(data)
        offsets[number] = data.place
        data.place += int(lengths[number])
    # Another piece would make frames and pieces differ in number.
    if struct.unpack("<HH", data.take(4)) != (0xFFFE, 0xE0DD):
        raise DicomError("a frame in several pieces")
    return offsets, lengths


def _numbers(value: bytes, count: int) -> NDArray[np.int64]:
    numbers = np.frombuffer(value[: len(value) // 8 * 8], "<u8")
    if len(numbers) != count or (numbers >= 2**62).any():
        raise DicomError("a table of frames that does not fit their number")
    return numbers.astype(np.int64)


def _item(data: _Bytes) -> int:
    group, element, length = struct.unpack("<HHI", data.take(8))
    if (group, element) != (0xFFFE, 0xE000) or length == _UNDEFINED:
        raise DicomError("frames that are no items")
    return int(length)
