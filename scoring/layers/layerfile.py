"""Layer files: named arrays in one file, written piece by piece and mapped into memory.

The file starts with ``CSLAYER1`` and the place of its directory; the directory at its end is JSON:
for each array its dtype, shape and place. Arrays start at multiples of 64 bytes.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

_MAGIC = b"CSLAYER1"
_HEAD = struct.Struct("<8sQQ")
_ALIGNMENT = 64

Array = npt.NDArray[np.generic]


class DamagedLayerError(Exception):
    """The file is no layer, or not a whole one; it can be built anew."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layer:
    """Arrays by name, in memory or mapped, and what is told besides them."""

    arrays: Mapping[str, Array]
    facts: Mapping[str, object]


def write(
    stream: BinaryIO, fill: Callable[[Writer], None], facts: Callable[[], Mapping[str, object]]
) -> None:
    """Write a layer.

    Parameters
    ----------
    fill
        Puts the arrays.
    facts
        Asked for after that: JSON values.
    """
    stream.write(_HEAD.pack(_MAGIC, 0, 0))
    writer = Writer(stream)
    fill(writer)
    directory = json.dumps({"arrays": writer.directory, "facts": facts()}).encode()
    place = stream.tell()
    stream.write(directory)
    stream.seek(0)
    stream.write(_HEAD.pack(_MAGIC, place, len(directory)))


class Writer:
    """Writes arrays one after the other.

    Parameters
    ----------
    stream
        The file, seekable.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.directory: dict[str, tuple[str, list[int], int]] = {}

    def put(
        self, name: str, pieces: Iterator[Array], dtype: np.dtype[np.generic], columns: int
    ) -> None:
        """Write an array piece by piece; see ``build.Put``."""
        self._stream.write(b"\0" * (-self._stream.tell() % _ALIGNMENT))
        place, rows = self._stream.tell(), 0
        for piece in pieces:
            self._stream.write(np.ascontiguousarray(piece, dtype=dtype).data)
            rows += len(piece)
        shape = [rows, columns] if columns else [rows]
        self.directory[name] = (dtype.str, shape, place)


class Memory:
    """Keeps arrays in memory, for answers too small to be worth a file."""

    def __init__(self) -> None:
        self.arrays: dict[str, Array] = {}

    def put(
        self, name: str, pieces: Iterator[Array], dtype: np.dtype[np.generic], columns: int
    ) -> None:
        """Keep an array; see ``build.Put``."""
        empty = np.empty((0, columns) if columns else 0, dtype=dtype)
        self.arrays[name] = np.concatenate([empty, *pieces]).astype(dtype, copy=False)


def open_layer(path: Path) -> Layer:
    """Map a layer file into memory; nothing is read before it is looked at.

    Raises
    ------
    FileNotFoundError
        There is none.
    DamagedLayerError
        It is not whole.
    """
    if path.stat().st_size < _HEAD.size:
        raise DamagedLayerError(path.name)
    mapped = np.memmap(path, dtype=np.uint8, mode="r")
    magic, place, count = _HEAD.unpack(mapped[: _HEAD.size].tobytes())
    if magic != _MAGIC or not place or place + count != len(mapped):
        raise DamagedLayerError(path.name)
    directory = json.loads(mapped[place : place + count].tobytes())
    arrays: dict[str, Array] = {}
    for name, (dtype, shape, start) in directory["arrays"].items():
        byte_count = int(np.prod(shape)) * np.dtype(dtype).itemsize
        arrays[name] = mapped[start : start + byte_count].view(dtype).reshape(shape)
    return Layer(arrays=arrays, facts=directory["facts"])
