"""Building: flat shapes in, the arrays of a layer out: sorted by size and place, in four details.

Items are sorted by how large they are (classes of powers of four), and within a class along a curve
that keeps neighbours together (Morton's), so that any box touches few runs of items. Each run of
``NODE`` items has its bounds. Corners are kept in full and in coarser copies, whose places are
rounded to half a pixel of the zoom they are for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.layers import flat as flats
from scoring.layers.density import DENSE_ITEMS, DOT_PX
from scoring.layers.flat import UNITS_PER_PX, Counts, Flat, Ints, Kind

NODE = 128
"""Items of a run: a box is tested against each run's bounds first."""

COARSE = (8, 32, 128, 512)
"""Downsamples for which copies of the corners are kept."""

_MOST_CELLS = 1 << 22
_BLOCK_CORNERS = 500_000
_FLAT = 0.25

Arrays = dict[str, npt.NDArray[np.generic]]
Put = Callable[[str, Iterator[npt.NDArray[np.generic]], np.dtype[np.generic], int], None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Sorted:
    order: Counts
    bounds: Ints
    classes: npt.NDArray[np.uint8]


def size_class(side: npt.NDArray[np.generic]) -> npt.NDArray[np.uint8]:
    """Return the class of items by their longer side in units.

    Class 0 has no size: points. Class 1 is below 4 px, class c below 4^c px.
    """
    px = np.maximum(np.asarray(side, dtype=np.float64) / UNITS_PER_PX, 1)
    classes = np.floor(np.log2(px) / 2) + 1
    return np.where(np.asarray(side) > 0, classes, 0).astype(np.uint8)


def build(flat: Flat, put: Put) -> None:
    """Build a layer, array by array.

    Parameters
    ----------
    put
        Takes the name of an array, its pieces, dtype and columns (0: one dimension), in the order
        in which they are to be written.
    """
    sorted_ = _sort(flat)
    order = sorted_.order

    def put_whole(name: str, array: npt.NDArray[np.generic]) -> None:
        put(name, iter([array]), array.dtype, array.shape[1] if array.ndim == 2 else 0)

    bounds = sorted_.bounds[order]
    classes = sorted_.classes[order]
    put_whole("kinds", flat.kinds[order])
    put_whole("indices", flat.indices[order])
    put_whole("bounds", bounds)
    starts = np.searchsorted(classes, np.arange(int(classes.max(initial=0)) + 2)).astype(np.int64)
    put_whole("class_starts", starts)
    node_starts = _node_starts(starts)
    put_whole("node_starts", node_starts)
    put_whole("node_bounds", _node_bounds(bounds, node_starts, len(flat)))
    _put_density(bounds, starts, put_whole)
    ring_counts = np.diff(flat.item_rings)[order]
    put_whole("item_rings", flats.starts_of(ring_counts))
    rings = flats.ranges(flat.item_rings[:-1][order], ring_counts)
    _put_corners(flat, sorted_, rings, put)


def _sort(flat: Flat) -> _Sorted:
    bounds = item_bounds(flat)
    side = np.maximum(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1])
    classes = size_class(side)
    middles = (bounds[:, :2].astype(np.int64) + bounds[:, 2:]) >> 1
    key = _morton(middles)
    return _Sorted(order=np.lexsort((key, classes)), bounds=bounds, classes=classes)


def item_bounds(flat: Flat) -> Ints:
    """Return (items, 4) left, top, right, bottom in units."""
    if not len(flat):
        return np.empty((0, 4), dtype=np.int32)
    firsts = flat.ring_corners[flat.item_rings[:-1]]
    least = np.minimum.reduceat(flat.corners, firsts, axis=0)
    most = np.maximum.reduceat(flat.corners, firsts, axis=0)
    round_ = np.flatnonzero(flat.kinds == Kind.ELLIPSE)
    centres, radii = flat.corners[firsts[round_]], flat.corners[firsts[round_] + 1]
    least[round_], most[round_] = centres - radii, centres + radii
    return np.hstack((least, most))


def _morton(places: npt.NDArray[np.int64]) -> npt.NDArray[np.uint64]:
    """Return the key along Morton's curve of (n, 2) places, from 16 bits of each coordinate."""
    if not len(places):
        return np.empty(0, dtype=np.uint64)
    shifted = places - places.min(axis=0)
    bits = max(0, int(shifted.max()).bit_length() - 16)
    x, y = (shifted >> bits).astype(np.uint64).T
    return _spread(x) | (_spread(y) << np.uint64(1))


def _spread(value: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        value = (value | (value << np.uint64(shift))) & np.uint64(mask)
    return value


def _node_starts(class_starts: Counts) -> Counts:
    """Return where runs start: at each class, and then every ``NODE`` items."""
    runs = [
        np.arange(start, end, NODE, dtype=np.int64)
        for start, end in zip(class_starts[:-1].tolist(), class_starts[1:].tolist(), strict=True)
    ]
    return np.concatenate([*runs, [class_starts[-1]]]).astype(np.int64)


def _node_bounds(bounds: Ints, node_starts: Counts, items: int) -> Ints:
    if not items:
        return np.empty((0, 4), dtype=np.int32)
    firsts = node_starts[:-1]
    least = np.minimum.reduceat(bounds[:, :2], firsts, axis=0)
    most = np.maximum.reduceat(bounds[:, 2:], firsts, axis=0)
    return np.hstack((least, most))


def _put_density(
    bounds: Ints, class_starts: Counts, put: Callable[[str, npt.NDArray[np.generic]], None]
) -> None:
    """Count the items of crowded classes in cells, once finely and then four to one.

    A class's cells are squares of a power of two of units; ``density_<class>`` tells the shift of
    the finest, the column and row where they start, and how many columns and rows there are.
    """
    for number in range(len(class_starts) - 1):
        part = slice(class_starts[number], class_starts[number + 1])
        if part.stop - part.start < DENSE_ITEMS:
            continue
        middles = (bounds[part, :2].astype(np.int64) + bounds[part, 2:]) >> 1
        shift = 4 + int(UNITS_PER_PX).bit_length() - 1
        while np.prod(np.ptp(middles >> shift, axis=0) + 1) > _MOST_CELLS:
            shift += 1
        cells = middles >> shift
        corner = cells.min(axis=0)
        columns, rows = (cells.max(axis=0) - corner + 1).tolist()
        flat_cells = (cells[:, 1] - corner[1]) * columns + cells[:, 0] - corner[0]
        counts = np.bincount(flat_cells, minlength=columns * rows).astype(np.uint32)
        put(f"density_{number}", np.array([shift, *corner, columns, rows], dtype=np.int64))
        put(f"density_counts_{number}", counts)


def _put_corners(flat: Flat, sorted_: _Sorted, rings: Counts, put: Put) -> None:
    lengths = np.diff(flat.ring_corners)[rings]
    starts = flat.ring_corners[:-1][rings]
    ring_items = np.repeat(sorted_.order, np.diff(flat.item_rings)[sorted_.order])
    is_round = flat.kinds[ring_items] == Kind.ELLIPSE
    ring_classes = sorted_.classes[ring_items]

    def full() -> Iterator[npt.NDArray[np.generic]]:
        for first, last in _blocks(lengths, 0):
            yield flat.corners[flats.ranges(starts[first:last], lengths[first:last])]

    put("ring_corners", iter([flats.starts_of(lengths)]), np.dtype(np.int64), 0)
    put("corners", full(), np.dtype(np.int32), 2)
    for downsample in COARSE:
        counts = np.zeros(len(rings), dtype=np.int64)
        # Whatever is a dot at this zoom, and so at every coarser one, needs no corners.
        least = int(np.searchsorted(4.0 ** np.arange(32), DOT_PX * downsample, side="right"))
        begin = int(np.searchsorted(ring_classes, least))

        def coarse(
            shift: int = (downsample * UNITS_PER_PX // 2).bit_length() - 1,
            counts: Counts = counts,
            begin: int = begin,
        ) -> Iterator[npt.NDArray[np.generic]]:
            for first, last in _blocks(lengths, begin):
                taken = flats.ranges(starts[first:last], lengths[first:last])
                kept, counts[first:last] = coarsen(
                    flat.corners[taken], lengths[first:last], is_round[first:last], shift
                )
                yield kept

        put(f"corners_{downsample}", coarse(), np.dtype(np.int32), 2)
        put(f"ring_corners_{downsample}", iter([flats.starts_of(counts)]), np.dtype(np.int64), 0)


def coarsen(
    corners: Ints, lengths: Counts, is_round: npt.NDArray[np.bool_], shift: int
) -> tuple[Ints, Counts]:
    """Round corners to multiples of 2^shift units, and leave out what then hardly shows.

    Parameters
    ----------
    corners, lengths
        Corners of rings, one after the other, and how many each ring has: at least one.
    is_round
        Which rings are an ellipse's centre and radii: both stay.

    Returns
    -------
    corners, counts
        In 2^shift units; each ring keeps at least one corner.
    """
    cells: Ints = (corners + np.int32(1 << (shift - 1))) >> np.int32(shift)
    starts = np.cumsum(lengths) - lengths
    keep = np.empty(len(cells), dtype=np.bool_)
    np.any(cells[1:] != cells[:-1], axis=1, out=keep[1:])
    keep[starts] = True
    is_first = np.zeros(len(cells), dtype=np.bool_)
    is_first[starts] = True
    # Middles of straight runs, and then every other corner that hardly shows.
    for most, only_odd in ((0.0, False), (_FLAT, True)):
        left = np.flatnonzero(keep)
        keep[left[_dispensable(cells[left], is_first[left], most, only_odd=only_odd)]] = False
    if is_round.any():
        keep |= np.repeat(is_round, lengths)
    counts = np.add.reduceat(keep, starts, dtype=np.int64)
    return cells[keep], counts


def _dispensable(
    cells: Ints, is_first: npt.NDArray[np.bool_], most: float, *, only_odd: bool
) -> npt.NDArray[np.bool_]:
    """Tell which corners lie no farther than so much from the line past them, ends left out.

    Parameters
    ----------
    is_first
        Where rings begin.
    only_odd
        Whether only every other corner is asked for, so that both neighbours of each stay.
    """
    x, y = cells.T.astype(np.float32)
    x_in, y_in = np.diff(x, prepend=x[:1]), np.diff(y, prepend=y[:1])
    x_out, y_out = np.roll(x_in, -1), np.roll(y_in, -1)
    twice_area = np.abs(x_in * y_out - y_in * x_out)
    found: npt.NDArray[np.bool_] = twice_area <= most * np.hypot(x_in + x_out, y_in + y_out)
    found &= x_in * x_out + y_in * y_out > 0
    found &= ~(is_first | np.roll(is_first, -1))
    if only_odd:
        places = np.arange(len(cells))
        found &= (places - np.maximum.accumulate(np.where(is_first, places, 0))) % 2 == 1
    return found


def _blocks(lengths: Counts, begin: int) -> Iterator[tuple[int, int]]:
    """Yield runs of rings, from one on, that together have a bounded number of corners."""
    ends = np.cumsum(lengths)
    first = begin
    while first < len(lengths):
        done = int(ends[first - 1]) if first else 0
        last = max(first + 1, int(np.searchsorted(ends, done + _BLOCK_CORNERS, side="right")))
        yield first, last
        first = last
