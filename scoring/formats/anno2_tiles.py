"""What annotation files (anno2) repeat for the vendor's viewer: tiles, densities, coarse outlines.

Source: SDK, lib/Encoder.py and lib/PolygonContainer.py; slidescore.md 6.2.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgpack
import numpy as np
import numpy.typing as npt
import shapely

from records.errors import InputError
from scoring import grey_png
from scoring.formats.anno2_packing import TILE_PX
from scoring.marked import starts_of

BIG_PX2 = 100 * 100
"""A polygon whose box covers more is a big one: drawn from afar, and not counted as density."""

COARSE_PX = 16
"""How far coarse outlines may lie from the corners they leave out."""

DENSITY_PX = (32, 256)

MAX_ENTRIES = 20_000_000
MAX_DENSITY_PIXELS = 64_000_000

_AT_ONCE = 50_000

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Boxes:
    """The boxes around polygons or points: (n, 2) whole pixels each, the high corner included."""

    low: npt.NDArray[np.int32]
    high: npt.NDArray[np.int32]

    @property
    def is_big(self) -> npt.NDArray[np.bool_]:
        """Which of them are big."""
        sides = (self.high - self.low).astype(np.int64)
        return sides[:, 0] * sides[:, 1] > BIG_PX2


def boxes_of(corners: npt.NDArray[np.int32], starts: Ints) -> Boxes:
    """Return the boxes of polygons; each has at least one corner."""
    if len(starts) < 2:
        empty = np.empty((0, 2), dtype=np.int32)
        return Boxes(empty, empty)
    firsts = starts[:-1]
    return Boxes(np.minimum.reduceat(corners, firsts), np.maximum.reduceat(corners, firsts))


def tile_index(boxes: Boxes, numbers: Ints) -> bytes:
    """Return which polygons each tile holds, by row and column, as the viewer reads it.

    Parameters
    ----------
    numbers
        Those of the polygons that are wanted.
    """
    rows, columns, owners = _entries(boxes, numbers, TILE_PX)
    order = np.lexsort((owners, columns, rows))
    rows, columns, owners = rows[order], columns[order], owners[order]
    is_new = np.ones(len(rows), dtype=np.bool_)
    is_new[1:] = (np.diff(rows) != 0) | (np.diff(columns) != 0)
    starts = np.flatnonzero(is_new)
    found: dict[int, dict[int, object]] = {}
    packed = owners.astype("<u4")
    ends = [*starts[1:].tolist(), len(rows)][: len(starts)]
    for start, end in zip(starts.tolist(), ends, strict=True):
        found.setdefault(int(rows[start]), {})[int(columns[start])] = {
            "isTypedArray": True,
            "bytes": packed[start:end].tobytes(),
            "type": "uint32",
            "len": end - start,
        }
    data: bytes = msgpack.packb(found)
    return data


def density(boxes: Boxes, tile_px: int) -> bytes | None:
    """Return a picture of how many shapes each tile holds, the fullest white; None without any."""
    numbers = np.flatnonzero(~boxes.is_big)
    rows, columns, _ = _entries(boxes, numbers, tile_px)
    if not len(rows):
        return None
    height, width = int(rows.max()) + 1, int(columns.max()) + 1
    if height * width > MAX_DENSITY_PIXELS:
        raise InputError("a shape lies too far out for a picture of densities")
    counts = np.bincount(rows * width + columns, minlength=height * width).reshape(height, width)
    return grey_png.encode(np.rint(counts * (255 / counts.max())).astype(np.uint8))


def coarse(corners: npt.NDArray[np.int32], starts: Ints) -> tuple[npt.NDArray[np.int32], Ints]:
    """Return as many polygons of few corners, no farther than ``COARSE_PX`` from the ones given."""
    found = [np.empty((0, 2), dtype=np.int32)]
    lengths = [np.empty(0, dtype=np.int64)]
    # Block by block: GEOS takes a kilobyte for each polygon.
    for first in range(0, len(starts) - 1, _AT_ONCE):
        ends = starts[first : first + _AT_ONCE + 1]
        places, sizes = _coarse(corners[ends[0] : ends[-1]], np.diff(ends))
        found.append(places)
        lengths.append(sizes)
    return np.concatenate(found), starts_of(np.concatenate(lengths))


def _coarse(corners: npt.NDArray[np.int32], counts: Ints) -> tuple[npt.NDArray[np.int32], Ints]:
    """Return the corners kept, and how many each polygon has of them."""
    lines = np.flatnonzero(counts > 1)
    owners = np.repeat(np.arange(len(counts)), counts)
    of_lines = np.isin(owners, lines, assume_unique=False) if len(lines) < len(counts) else None
    kept = corners if of_lines is None else corners[of_lines]
    indices = np.repeat(np.arange(len(lines)), counts[lines])
    simple = shapely.simplify(
        shapely.linestrings(kept.astype(np.float64), indices=indices),
        COARSE_PX,
        preserve_topology=False,
    )
    found = shapely.get_coordinates(simple).astype(np.int32)
    lengths = counts.copy()
    lengths[lines] = shapely.get_num_coordinates(simple)
    if of_lines is None:
        return found, lengths
    whole = np.empty((int(lengths.sum()), 2), dtype=np.int32)
    is_line = np.repeat(counts > 1, lengths)
    whole[is_line], whole[~is_line] = found, corners[~of_lines]
    return whole, lengths


def _entries(boxes: Boxes, numbers: Ints, tile_px: int) -> tuple[Ints, Ints, Ints]:
    """Return row, column and number for each tile that the box of a shape touches."""
    low = boxes.low[numbers].astype(np.int64) // tile_px
    spans = boxes.high[numbers].astype(np.int64) // tile_px - low + 1
    counts = spans[:, 0] * spans[:, 1]
    if int(counts.sum()) > MAX_ENTRIES:
        raise InputError(
            f"the shapes touch more than {MAX_ENTRIES:,} tiles of {tile_px} pixels together; "
            "anno2 files are for many small shapes"
        )
    which = np.repeat(np.arange(len(numbers)), counts)
    offsets = np.arange(len(which)) - np.repeat(starts_of(counts)[:-1], counts)
    columns = low[which, 0] + offsets % spans[which, 0]
    rows = low[which, 1] + offsets // spans[which, 0]
    return rows, columns, numbers[which]
