"""Passthrough: a tile's stored JPEG stream becomes a JPEG file, without decoding it."""

from __future__ import annotations

from dataclasses import dataclass

from tileserver.geometry import Size
from tileserver.readers.base import SlideError
from tileserver.stored import streams
from tileserver.stored.files import PagedFile
from tileserver.stored.index import MAX_TILE_BYTES, StoredLevel
from tileserver.stored.levels import JPEG
from tileserver.stored.streams import StreamError

_MAX_HEADS = 8

_MAX_TRIED_BYTES = 2**20
"""Larger tiles are not copied on an event loop."""


@dataclass(frozen=True, slots=True)
class _Head:
    """How streams of a level begin in the file, and how they must begin for a browser."""

    stored: bytes
    sent: bytes
    size: Size


class LevelTiles:
    """The encoded tiles of one level.

    A stored stream is sent as a file when its headers up to the frame are replaced by complete
    ones. An encoder begins all its tiles alike, so the replacement is made once and then found by
    comparing bytes, which also proves that a tile is as large as it should be.

    Parameters
    ----------
    file
        The slide's.
    level
        Where its tiles lie.
    tile_size
        Side of its tiles.
    """

    def __init__(self, file: PagedFile, level: StoredLevel, tile_size: int) -> None:
        self.level = level
        self._file = file
        self.tile_size = tile_size
        self._whole = Size(tile_size, tile_size)
        self._heads: tuple[_Head, ...] = ()
        # Indexing these gives Python's own numbers, which is five times as fast as NumPy's.
        self._offsets = level.offsets.data
        self._counts = level.byte_counts.data
        shown = level.size if level.compression == JPEG else Size(0, 0)
        self.inner_columns = shown.width // tile_size
        """Columns of tiles without padding, which can be sent as they are; likewise rows."""
        self.inner_rows = shown.height // tile_size

    def byte_count(self, column: int, row: int) -> int:
        """Return how long a stored stream is; or ``MISSING``, ``COMPOSED``."""
        count: int = self._counts[row * self.level.columns + column]
        return count

    def try_read(self, column: int, row: int) -> bytes | None:
        """Return an inner tile as a JPEG file if that needs no waiting, else None.

        None also stands for tiles that are missing, damaged or odd.
        """
        index = row * self.level.columns + column
        count = self._counts[index]
        if not 0 < count <= _MAX_TRIED_BYTES:
            return None
        data = self._file.try_read(self._offsets[index], count)
        if data is None:
            return None
        try:
            return self.as_file(data, only_whole=True)
        except StreamError:
            return None

    def read(self, column: int, row: int) -> bytes:
        """Return a stored stream, waiting for the disk.

        Raises
        ------
        SlideError
            It lies beyond the end of the file, or is implausibly long.
        """
        index = row * self.level.columns + column
        count = self._counts[index]
        if not 0 < count <= MAX_TILE_BYTES:
            raise SlideError(
                f"{self._file.name} holds a tile of {count} bytes; "
                f"up to {MAX_TILE_BYTES} are expected"
            )
        return self._file.read(self._offsets[index], count)

    def damaged(self, column: int, row: int, reason: Exception) -> SlideError:
        """Return the error to raise over a tile that cannot be decoded."""
        size = self.level.size
        return SlideError(
            f"{self._file.name}: the tile in column {column}, row {row} of the level with "
            f"{size.width} x {size.height} pixels is damaged: {reason}"
        )

    def as_file(self, data: bytes | bytearray, *, only_whole: bool = False) -> bytes | None:
        """Return a stored stream as a JPEG file that any decoder shows in the right colours.

        Parameters
        ----------
        data
            The stream.
        only_whole
            Whether to return None for a picture that is smaller than a tile.

        Raises
        ------
        StreamError
            It is no JPEG stream, or larger than a tile.
        """
        for head in self._heads:
            if data.startswith(head.stored):
                break
        else:
            head = self._learn(data)
        if only_whole and head.size != self._whole:
            return None
        return b"".join((head.sent, memoryview(data)[len(head.stored) :]))

    def _learn(self, data: bytes | bytearray) -> _Head:
        parsed = streams.parse_jpeg_head(data)
        if parsed.size.width > self._whole.width or parsed.size.height > self._whole.height:
            raise StreamError(
                f"it declares {parsed.size.width} x {parsed.size.height} pixels where "
                f"{self._whole.width} x {self._whole.height} fit"
            )
        head = _Head(
            stored=bytes(data[: parsed.byte_count]),
            sent=streams.whole_jpeg_head(parsed, self.level.tables, self.level.photometric),
            size=parsed.size,
        )
        if len(self._heads) < _MAX_HEADS:
            self._heads = (*self._heads, head)
        return head
