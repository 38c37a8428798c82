"""Stored tiles: the JPEG streams that a TIFF file holds, taken out whole or cut for the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import simplejpeg
import tifffile
from numpy.typing import NDArray

from benchmarks.tiles.workloads import Tile

Pixels = NDArray[np.uint8]

_SOI, _EOI = b"\xff\xd8", b"\xff\xd9"
_APP0, _SOS = 0xE0, 0xDA
_TABLES = (0xDB, 0xC4)  # quantisation and Huffman tables


def abbreviate(stream: bytes) -> tuple[bytes, bytes]:
    """Split a JPEG stream into its tables and the rest, as scanners write tiled TIFF.

    Source: TIFF Technical Note 2, "Tables specification" and "abbreviated image streams".

    Parameters
    ----------
    stream
        A whole baseline JPEG stream.

    Returns
    -------
    tuple[bytes, bytes]
        The stream for the tag JPEGTables, and the abbreviated stream of the tile.
    """
    tables, rest = [_SOI], [_SOI]
    position = 2
    while True:
        marker = stream[position + 1]
        if marker == _SOS:
            rest.append(stream[position:])
            return b"".join([*tables, _EOI]), b"".join(rest)
        end = position + 2 + int.from_bytes(stream[position + 2 : position + 4], "big")
        if marker in _TABLES:
            tables.append(stream[position:end])
        elif marker != _APP0:
            rest.append(stream[position:end])
        position = end


def encode(pixels: Pixels) -> bytes:
    """Return pixels, shape (256, 256, 3), as JPEG of quality 75, YCbCr 4:2:0."""
    stream: bytes = simplejpeg.encode_jpeg(
        np.ascontiguousarray(pixels), quality=75, colorspace="RGB", colorsubsampling="420"
    )
    return stream


class StoredTiles:
    """The tiles of a synthetic slide, read from its file without any slide library.

    Parameters
    ----------
    path
        A slide made by `benchmarks.tiles.slides`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._levels: dict[int, tuple[int, bytes, tuple[int, ...], tuple[int, ...]]] = {}
        with tifffile.TiffFile(path) as file:
            width = file.pages[0].aspage().imagewidth
            for page in (entry.aspage() for entry in file.pages):
                if not page.is_tiled:
                    continue
                k = round(np.log2(width / page.imagewidth))
                columns = -(-page.imagewidth // page.tilewidth)
                tables = page.jpegtables or b""
                self._levels[k] = (columns, tables, page.dataoffsets, page.databytecounts)

    @property
    def levels(self) -> list[int]:
        """Return the levels that the file holds, as ``k = log2(downsample)``."""
        return sorted(self._levels)

    def jpeg(self, tile: Tile) -> bytes:
        """Return a stored tile as a whole JPEG stream."""
        columns, tables, offsets, counts = self._levels[tile.k]
        index = tile.row * columns + tile.column
        with self._path.open("rb") as file:
            file.seek(offsets[index])
            stream = file.read(counts[index])
        return _SOI + tables[2:-2] + stream[2:]
