"""Stored pages: one picture in a TIFF file, read by rectangles, decoding only what is touched."""

from __future__ import annotations

import os
import struct
import threading
from collections import OrderedDict
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from tileserver.geometry import Size
from tileserver.readers.base import SlideError

Samples = NDArray[Any]
"""Shape (height, width, samples), in the file's own kind of number."""

DAMAGE = (
    ValueError,  # tifffile.TiffFileError is one
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    OSError,
    RuntimeError,  # errors of imagecodecs are these
    struct.error,
    MemoryError,
    EOFError,
)
"""What tifffile and imagecodecs raise over files that lie about themselves: they check little, so a
broken number shows as whatever Python trips over."""

MAX_SEGMENT_BYTES = 256 * 2**20
"""The largest tile or strip that is decoded. Larger strips are left to libvips, which streams."""

CACHE_BYTES = 8 * 2**20
"""Decoded segments that one open slide keeps: neighbouring tiles share strips and margins."""

_SUBSTRIP_BYTES = 2**20

_NONE, _LZW, _JPEG, _DEFLATE, _PACKBITS, _OLD_DEFLATE = 1, 5, 7, 8, 32773, 32946
_JPEG2000, _APERIO_JPEG2000, _ZSTD = 34712, 33005, 50000
_CODECS = frozenset(
    {
        _NONE,
        _LZW,
        _JPEG,
        _DEFLATE,
        _PACKBITS,
        _OLD_DEFLATE,
        _JPEG2000,
        _APERIO_JPEG2000,
        _ZSTD,
    }
)
"""Compressions that are decoded here: those whose output can be bounded before decoding."""


class SegmentCache:
    """The decoded segments used last, at most ``CACHE_BYTES`` of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[int, int], Samples] = OrderedDict()
        self._bytes = 0

    def get(self, key: tuple[int, int]) -> Samples | None:
        """Return a segment, or None when it is not kept."""
        with self._lock:
            segment = self._kept.get(key)
            if segment is not None:
                self._kept.move_to_end(key)
            return segment

    def put(self, key: tuple[int, int], segment: Samples) -> None:
        """Keep a segment, and let go of those not used for longest."""
        if segment.nbytes > CACHE_BYTES:
            return
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = segment
            self._bytes += segment.nbytes
            while self._bytes > CACHE_BYTES:
                _, oldest = self._kept.popitem(last=False)
                self._bytes -= oldest.nbytes


class StoredPage:
    """One picture of a TIFF file, cut into tiles or strips.

    Any number of threads may read: bytes are fetched with ``pread``, which moves no file position,
    and decoding holds no lock.

    Parameters
    ----------
    page
        As tifffile parsed it.
    descriptor
        Of the open file.
    name
        The file's, for messages.
    cache
        Shared by the pages of one file.

    Raises
    ------
    SlideError
        The page is stored in a way that is not read here, or its numbers do not fit together.
    """

    def __init__(
        self, page: tifffile.TiffPage, descriptor: int, name: str, cache: SegmentCache
    ) -> None:
        self.page = page
        self.size = Size(page.imagewidth, page.imagelength)
        self.samples = page.samplesperpixel
        self._descriptor = descriptor
        self._name = name
        self._cache = cache
        self._check_codec()
        if page.dtype is None:
            raise SlideError(f"{name} has samples of {page.bitspersample} bits, which are not read")
        self.dtype: np.dtype[Any] = page.dtype
        self._is_planar = page.planarconfig == 2 and self.samples > 1
        self._depth = 1 if self._is_planar else self.samples
        rows = page.tilelength if page.is_tiled else min(page.rowsperstrip, self.size.height)
        self.segment = Size(page.tilewidth if page.is_tiled else self.size.width, rows)
        self._offsets, self._counts = list(page.dataoffsets), list(page.databytecounts)
        self._split_plain_strips()
        self._check_segments()
        self._decode = page.decode if page.compression != _NONE else None
        self._tables = page.jpegtables

    @property
    def is_tiled(self) -> bool:
        """Tell whether the page is cut into tiles, not strips."""
        return bool(self.page.is_tiled)

    def read(self, x: int, y: int, width: int, height: int, fill: int) -> Samples:
        """Read a rectangle that lies within the page.

        Parameters
        ----------
        fill
            The value of tiles that the file leaves out.

        Returns
        -------
        Samples
            Shape (height, width, samples).

        Raises
        ------
        SlideError
            A tile or strip of it cannot be decoded.
        """
        out = np.full((height, width, self.samples), fill, self.dtype)
        for plane in range(self.samples if self._is_planar else 1):
            target = out[..., plane : plane + 1] if self._is_planar else out
            for row in range(y // self.segment.height, -(-(y + height) // self.segment.height)):
                for column in range(x // self.segment.width, -(-(x + width) // self.segment.width)):
                    segment = self._segment(plane, column, row)
                    if segment is None:
                        continue
                    top, left = row * self.segment.height, column * self.segment.width
                    y0, y1 = max(y, top), min(y + height, top + segment.shape[0])
                    x0, x1 = max(x, left), min(x + width, left + segment.shape[1])
                    target[y0 - y : y1 - y, x0 - x : x1 - x] = segment[
                        y0 - top : y1 - top, x0 - left : x1 - left
                    ]
        return out

    def _segment(self, plane: int, column: int, row: int) -> Samples | None:
        """Return a decoded segment, shape (rows, columns, depth), or None when it is left out."""
        index = (plane * self._grid.height + row) * self._grid.width + column
        offset, count = self._offsets[index], self._counts[index]
        if not offset or not count:
            return None
        key = (self.page.offset, index)
        known = self._cache.get(key)
        if known is not None:
            return known
        try:
            segment = self._decoded(index, self._fetch(offset, count), row)
        except SlideError:
            raise
        except DAMAGE as error:
            raise SlideError(
                f"{self._name}: the tile in column {column}, row {row} of the level with "
                f"{self.size.width} x {self.size.height} pixels is damaged"
            ) from error
        self._cache.put(key, segment)
        return segment

    def _fetch(self, offset: int, count: int) -> bytes:
        data = os.pread(self._descriptor, count, offset)
        if len(data) < count:
            raise SlideError(f"{self._name} is cut short: a tile lies behind its end")
        return data

    def _decoded(self, index: int, data: bytes, row: int) -> Samples:
        if self._decode is None:
            rows = self.segment.height
            if not self.is_tiled:
                rows = min(rows, self.size.height - row * self.segment.height)
            dtype = self.dtype.newbyteorder(self.page.parent.byteorder)
            shape = (rows, self.segment.width, self._depth)
            plain = np.frombuffer(data, dtype, count=rows * self.segment.width * self._depth)
            return plain.reshape(shape).astype(self.dtype, copy=False)
        self._check_declared(data)
        decoded = self._decode(data, index, jpegtables=self._tables)[0]
        if decoded is None:
            raise ValueError(index)
        array: Samples = np.asarray(decoded)[0]
        if array.shape[0] > self.segment.height or array.shape[1] > self.segment.width:
            raise ValueError(array.shape)
        return array

    def _check_codec(self) -> None:
        if self.page.compression not in _CODECS:
            raise SlideError(
                f"{self._name} is compressed by method {int(self.page.compression)}, "
                "which the TIFF reader does not read"
            )
        if self.page.fillorder != 1 or self.page.imagedepth != 1:
            raise SlideError(f"{self._name} has reversed bits or volumes, which are not read")

    def _split_plain_strips(self) -> None:
        """Cut strips that are not compressed into shorter ones, which costs nothing.

        Many writers put a whole picture into one strip.
        """
        page = self.page
        row_bytes = self.size.width * self._depth * self.dtype.itemsize
        strip_rows = self.segment.height
        rows = max(1, _SUBSTRIP_BYTES // max(1, row_bytes))
        if page.compression != _NONE or page.is_tiled or page.predictor != 1 or rows >= strip_rows:
            return
        # A strip must be a whole number of short ones, or rows would be counted wrong after it.
        if strip_rows < self.size.height:
            rows = next(n for n in range(rows, 0, -1) if strip_rows % n == 0)
        strips = -(-self.size.height // strip_rows)
        offsets: list[int] = []
        counts: list[int] = []
        for index, (offset, count) in enumerate(zip(self._offsets, self._counts, strict=False)):
            last = min(strip_rows, self.size.height - index % strips * strip_rows)
            for top in range(0, last, rows):
                length = min(rows, last - top) * row_bytes
                is_stored = offset and top * row_bytes + length <= count
                offsets.append(offset + top * row_bytes if is_stored else offset)
                counts.append(length if count else 0)
        self.segment = Size(self.segment.width, rows)
        self._offsets, self._counts = offsets, counts

    def _check_segments(self) -> None:
        if self.segment.width < 1 or self.segment.height < 1:
            raise SlideError(f"{self._name} declares tiles without pixels")
        decoded_bytes = self.segment.area * self._depth * self.dtype.itemsize
        if max(decoded_bytes, *self._counts, 0) > MAX_SEGMENT_BYTES:
            raise SlideError(
                f"{self._name} has tiles or strips of more than {MAX_SEGMENT_BYTES // 2**20} MiB"
            )
        self._grid = Size(
            -(-self.size.width // self.segment.width), -(-self.size.height // self.segment.height)
        )
        expected = self._grid.area * (self.samples if self._is_planar else 1)
        if len(self._offsets) < expected or len(self._counts) < expected:
            raise SlideError(
                f"{self._name} lists {len(self._offsets)} tiles or strips where "
                f"{self.size.width} x {self.size.height} pixels need {expected}"
            )

    def _check_declared(self, data: bytes) -> None:
        """Refuse an encoded tile that declares more pixels than its place in the file has."""
        if self.page.compression == _JPEG:
            declared = _jpeg_size(data)
        elif self.page.compression in {_JPEG2000, _APERIO_JPEG2000}:
            declared = _jpeg2000_size(data)
        else:
            return  # tifffile bounds what these may decode to
        rows = self.segment.height
        if declared.width > self.segment.width or declared.height > rows:
            raise SlideError(
                f"{self._name} holds a tile of {declared.width} x {declared.height} pixels where "
                f"{self.segment.width} x {rows} fit"
            )


def _jpeg_size(data: bytes) -> Size:
    """Return the size that a JPEG stream declares in its frame header."""
    position = 2
    while position + 9 <= len(data):
        if data[position] != 0xFF:
            break
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        # Frame headers are C0 to CF, without the tables C4, C8 and CC among them.
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack_from(">HH", data, position + 5)
            return Size(width, height)
        position += 2 + struct.unpack_from(">H", data, position + 2)[0]
    raise ValueError("no frame header")


def _jpeg2000_size(data: bytes) -> Size:
    """Return the size that a JPEG 2000 codestream declares in its SIZ segment."""
    start = data.find(b"\xff\x4f\xff\x51", 0, 4096)
    if start < 0:
        raise ValueError("no SIZ segment")
    right, lower, left, upper = struct.unpack_from(">IIII", data, start + 8)
    return Size(right - left, lower - upper)
