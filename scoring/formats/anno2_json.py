"""Gzipped anno1 JSON, as QuPath sends large annotations: read in pieces, polygons packed."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import BinaryIO

import numpy as np

from records.errors import InputError
from scoring import decompress
from scoring.formats import anno1
from scoring.marked import Losses, MarkedPack, Piece
from scoring.shapes import Coordinates, Pack, Points, PolygonPack, Shape

MAX_BYTES = 4 << 30
"""Of JSON once unpacked: some four million polygons. Only a piece of it is in memory."""

MAX_CORNERS = 64_000_000

_NAME = "the file"


def parse(stream: BinaryIO) -> tuple[Shape | Pack, ...]:
    """Read the shapes of a gzipped file; consecutive polygons come packed, points together.

    Raises
    ------
    InputError
        It is damaged, no array of points or shapes, too large, or refers to another file.
    """
    losses = Losses()
    pieces = decompress.gunzip(stream, most_bytes=MAX_BYTES, name=_NAME)
    drawn = tuple(_joined(anno1.parse(io.BufferedReader(_Pieces(pieces)), losses)))
    if any(losses.lines()):
        raise InputError("an annotation file cannot refer to another one")
    return drawn


class _Pieces(io.RawIOBase):
    """A file whose bytes come in pieces."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill a buffer with what there is next; 0 at the end."""
        if not self._rest:
            self._rest = memoryview(next(self._pieces, b""))
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def _joined(pieces: Iterable[Piece]) -> Iterator[Shape | Pack]:
    """Join runs of packs, and of points, into one each."""
    run: list[PolygonPack | Points] = []
    for piece in pieces:
        part = _pack(piece) if isinstance(piece, MarkedPack) else piece.shape
        if not isinstance(part, (PolygonPack, Points)):
            yield from _ended(run)
            yield part
            continue
        if run and type(run[-1]) is not type(part):
            yield from _ended(run)
        run.append(part)
    yield from _ended(run)


def _pack(pack: MarkedPack) -> PolygonPack:
    """Return polygons of one ring each, for this form has no holes in them.

    Corners take half the room where all are whole, as QuPath's are.
    """
    whole = pack.corners.astype(np.int32)
    corners = whole if (whole == pack.corners).all() else pack.corners
    return PolygonPack(corners=corners, starts=pack.ring_starts, holes={})


def _ended(run: list[PolygonPack | Points]) -> Iterator[Shape | Pack]:
    packs = [part for part in run if isinstance(part, PolygonPack)]
    places = [part.places.array for part in run if isinstance(part, Points)]
    run.clear()
    if sum(len(pack.corners) for pack in packs) > MAX_CORNERS:
        raise InputError(f"{_NAME} holds more than {MAX_CORNERS:,} corners")
    if packs:
        counts = np.concatenate([np.diff(pack.starts) for pack in packs])
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        corners = np.concatenate([pack.corners for pack in packs])
        yield PolygonPack(corners=corners, starts=starts, holes={})
    if places:
        yield Points(places=Coordinates(np.concatenate(places)))
