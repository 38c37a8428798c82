"""The binary form of annotations read as a browser would, from the documented layout alone."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Unpacked:
    """What a reply holds; places in level-0 pixels."""

    coarser: int
    total: int
    indices: list
    kinds: list
    rings: list
    dots: list
    dot_indices: list
    density: np.ndarray | None
    rasters: list
    labels: list
    step_bytes: int


class _Cursor:
    def __init__(self, data: bytes, place: int) -> None:
        self._data = data
        self.place = place

    def take(self, dtype: str, count: int) -> np.ndarray:
        array = np.frombuffer(self._data, dtype, count, self.place)
        self.skip(array.nbytes)
        return array

    def skip(self, count: int) -> None:
        self.place += count + -count % 4


def unpack(data: bytes) -> Unpacked:
    """Read a reply of ``GET /Api/Annotations``."""
    head = struct.unpack_from("<4sHH10I5d", data)
    magic, version, coarser, total, items, ring_count, corner_count, step, dots = head[:9]
    columns, rows, raster_count, label_bytes, unit, dot_unit, _x, _y, _cell = head[9:]
    assert (magic, version) == (b"CSAN", 1)
    cursor = _Cursor(data, 88)
    indices = cursor.take("<u4", items).tolist()
    kinds = cursor.take("u1", items).tolist()
    per_item = cursor.take("<u4", items)
    lengths = cursor.take("<u4", ring_count)
    firsts = cursor.take("<i4", 2 * ring_count).reshape(-1, 2).astype(np.int64)
    steps = cursor.take(f"<i{step}", 2 * (corner_count - ring_count)).reshape(-1, 2)
    rings, at = [], 0
    for first, length in zip(firsts, lengths.tolist(), strict=True):
        run = np.vstack((first, steps[at : at + length - 1])).cumsum(axis=0) * unit
        rings.append(run)
        at += length - 1
    ends = np.cumsum(per_item).tolist()
    places = (cursor.take("<i4", 2 * dots).reshape(-1, 2) * dot_unit).tolist()
    dot_indices = cursor.take("<u4", dots).tolist()
    density = cursor.take("<u4", rows * columns).reshape(rows, columns) if rows else None
    rasters = [_raster(data, cursor) for _ in range(raster_count)]
    labels = json.loads(data[cursor.place : cursor.place + label_bytes])
    assert cursor.place + label_bytes + -label_bytes % 4 == len(data)
    return Unpacked(
        coarser=coarser,
        total=total,
        indices=indices,
        kinds=kinds,
        rings=[rings[end - count : end] for end, count in zip(ends, per_item, strict=True)],
        dots=places,
        dot_indices=dot_indices,
        density=density,
        rasters=rasters,
        labels=labels,
        step_bytes=step,
    )


def _raster(data: bytes, cursor: _Cursor) -> dict:
    x, y, width, height, index, is_mask, columns, rows = struct.unpack_from(
        "<4d4I", data, cursor.place
    )
    cursor.skip(48)
    values = cursor.take("u1", rows * columns).reshape(rows, columns).tolist()
    return {
        "x": x,
        "y": y,
        "cell": (width, height),
        "index": index,
        "is_mask": is_mask,
        "values": values,
    }
