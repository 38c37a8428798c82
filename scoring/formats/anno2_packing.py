"""Packed polygons, as annotation files (anno2) hold them.

The corners of all polygons form one path. It is cut into runs of corners in one tile of 256 × 256
pixels; packed are each run's step from the tile before it, in x and in y, its number of corners,
and each corner's place in its tile. Source: slidescore.md 6.2.
"""

from __future__ import annotations

import struct

import numpy as np
import numpy.typing as npt

from records.errors import InputError
from scoring import elias_omega

TILE_PX = 256
MOST_TILE = 1 << 22

MAX_CORNERS = 32_000_000
MAX_POLYGONS = 4_000_000


class _Fields:
    """Reads the fields of packed polygons one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    def number(self) -> int:
        """Return the next number: 32 bits, little-endian."""
        return int.from_bytes(self._take(4), "little")

    def block(self) -> bytes:
        """Return the next block, which its length in bytes precedes."""
        return self._take(self.number())

    def _take(self, count: int) -> bytes:
        taken = self._data[self._place : self._place + count]
        if len(taken) < count:
            raise InputError("encoded_polygons.bin is cut off")
        self._place += count
        return taken


def parse(packed: bytes) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Return the corners of all polygons, (n, 2), and where each polygon starts among them.

    Raises
    ------
    InputError
        The bytes are no packed polygons, or more than the bounds above.
    """
    fields = _Fields(packed)
    if fields.number() != TILE_PX:
        raise InputError(f"encoded_polygons.bin: the tile size is not {TILE_PX}")
    fields.number(), fields.number()  # Rows and columns of tiles, which the corners tell as well.
    length_bytes = fields.block()
    if len(length_bytes) % 4 or len(length_bytes) // 4 > MAX_POLYGONS:
        raise InputError(f"encoded_polygons.bin holds more than {MAX_POLYGONS:,} polygons")
    lengths = np.frombuffer(length_bytes, dtype="<u4").astype(np.int64)
    steps_x, steps_y, runs = (
        elias_omega.decode(fields.block(), most=MAX_CORNERS) for _ in range(3)
    )
    remainders = np.frombuffer(fields.block(), dtype=np.uint8).reshape(-1)
    count = len(remainders) // 2
    if len(remainders) % 2 or (lengths % 2).any() or lengths.sum() != len(remainders):
        raise InputError("encoded_polygons.bin: lengths and corners do not fit together")
    if count > MAX_CORNERS:
        raise InputError(f"encoded_polygons.bin holds more than {MAX_CORNERS:,} corners")
    # The bits that fill up the last byte read as ones: runs count only up to the last corner.
    run_count = int(np.searchsorted(np.cumsum(runs), count)) + 1 if count else 0
    if run_count > min(len(runs), len(steps_x), len(steps_y)):
        raise InputError("encoded_polygons.bin: runs and corners do not fit together")
    runs = runs[:run_count].copy()
    if run_count:
        runs[-1] -= runs.sum() - count
    tiles = np.column_stack((_tiles(steps_x[:run_count]), _tiles(steps_y[:run_count])))
    corners = np.repeat(tiles, runs, axis=0) * TILE_PX + remainders.reshape(-1, 2)
    return corners, np.concatenate(([0], np.cumsum(lengths // 2)))


def _tiles(steps: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
    """Return the tiles that steps lead to; 1, 2, 3, 4, 5 … stand for steps of 0, 1, -1, 2, -2 …."""
    tiles = np.cumsum(np.where(steps % 2, -(steps // 2), steps // 2))
    if (np.abs(tiles) >= MOST_TILE).any():
        raise InputError("encoded_polygons.bin: a corner lies beyond any slide")
    return tiles.astype(np.int32)


def write(corners: npt.NDArray[np.int32], starts: npt.NDArray[np.int64]) -> bytes:
    """Return polygons packed.

    Parameters
    ----------
    corners
        (n, 2), level-0 pixels.
    starts
        (polygons + 1,): where each polygon starts among the corners, and the end of the last.
    """
    tiles = corners >> 8
    is_new = np.ones(len(tiles), dtype=np.bool_)
    is_new[1:] = (tiles[1:] != tiles[:-1]).any(axis=1)
    places = np.flatnonzero(is_new)
    steps = np.diff(tiles[places].astype(np.int64), axis=0, prepend=0).astype(np.int64)
    runs = np.diff(places, append=len(tiles)).astype(np.int64)
    del tiles, is_new  # Of a file as large as may be, 300 MB.
    rows, columns = _tile_counts(corners)
    lengths = (2 * np.diff(starts)).astype("<u4").tobytes()
    return b"".join(
        (
            struct.pack("<3I", TILE_PX, rows, columns),
            _block(lengths),
            _block(elias_omega.encode(_coded(steps[:, 0]))),
            _block(elias_omega.encode(_coded(steps[:, 1]))),
            _block(elias_omega.encode(runs)),
            # The lowest byte is the place in a tile.
            _block(corners.astype(np.uint8).tobytes()),
        )
    )


def _block(data: bytes) -> bytes:
    return struct.pack("<I", len(data)) + data


def _coded(steps: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return steps of 0, 1, -1, 2, -2 … as 1, 2, 3, 4, 5 …."""
    return np.abs(2 * steps) + (steps <= 0)


def _tile_counts(corners: npt.NDArray[np.int32]) -> tuple[int, int]:
    """Return how many rows and columns of tiles reach to the farthest corner."""
    if not len(corners):
        return 0, 0
    width, height = np.maximum(corners.max(axis=0), 0).tolist()
    return -(-height // TILE_PX), -(-width // TILE_PX)
