"""Plain tables of coordinates, as the SDK's converter takes them: a point or a polygon a line.

Source: SDK, lib/utils.py, read_tsv: ``x y``, or ``x1 y1 x2 y2 …``, separated by tabs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

import numpy as np

from records.errors import InputError
from scoring import areas, numbertext, shapes
from scoring.marked import PLAIN, Carrier, Losses, Marked, MarkedPack, Packer, Piece
from scoring.numbertext import Numbers
from scoring.problems import shown
from scoring.shapes import Brush, Coordinates, Ellipse, Points, Polygon, Polyline, Rect

NAME = "coordinate TSV"

MAX_LINE_BYTES = 16 << 20

_AT_ONCE = 2000
_POINTS_AT_ONCE = 100_000


def parse(stream: BinaryIO, losses: Losses) -> Iterator[Piece]:
    """Read a table; lines of two numbers are points, longer ones polygons. Blank lines are none.

    Raises
    ------
    InputError
        A line holds anything but pairs of numbers.
    """
    del losses  # everything is read
    packer = Packer()
    points: list[np.ndarray[tuple[int, int], np.dtype[np.float64]]] = []
    number = 0
    while line := stream.readline(MAX_LINE_BYTES):
        number += 1
        places = _places(line, number)
        if len(places) == 1:
            yield from packer.packed()
            points.append(places)
        elif len(places):
            yield from _end_points(points)
            packer.add([places], PLAIN)
        if len(packer) >= _AT_ONCE:
            yield from packer.packed()
        if len(points) >= _POINTS_AT_ONCE:
            yield from _end_points(points)
    yield from packer.packed()
    yield from _end_points(points)


def write(pieces: Iterable[Piece], losses: Losses) -> Iterator[bytes]:
    """Write points and outlines, a line each; holes, lines and everything else are left out."""
    carrier = Carrier(NAME, (), losses)
    for piece in pieces:
        carrier.note(piece)
        for line in _lines(piece, carrier):
            yield line.encode() + b"\n"


def _places(line: bytes, number: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    if len(line) >= MAX_LINE_BYTES:
        raise InputError(f"is longer than {MAX_LINE_BYTES >> 20} MiB", source=NAME, line=number)
    cells = line.split()
    try:
        values = [float(cell) for cell in cells]
    except ValueError:
        values = [float("nan")]
    if len(values) % 2 or not np.isfinite(values).all() or b"_" in line:
        text = line[:40].decode(errors="replace")
        raise InputError(
            f"{shown(text)} is no line of coordinates; expected x1, y1, x2, y2 … with tabs between",
            source=NAME,
            line=number,
        )
    return np.array(values, dtype=np.float64).reshape(-1, 2)


def _end_points(
    points: list[np.ndarray[tuple[int, int], np.dtype[np.float64]]],
) -> Iterator[Marked]:
    if points:
        yield Marked(shape=Points(places=Coordinates(np.concatenate(points))))
        points.clear()


def _lines(piece: Piece, carrier: Carrier) -> Iterator[str]:
    for drawn in areas.drawable(piece, carrier, has_lines=False):
        if isinstance(drawn, MarkedPack):
            for outline, *holes in drawn.plain_rings():
                carrier.leave_out("hole", len(holes))
                yield _line(outline)
        elif not isinstance(drawn.shape, Polyline):
            yield from _shape_lines(drawn.shape, carrier)


def _shape_lines(
    shape: Points | Polygon | Ellipse | Rect | Brush, carrier: Carrier
) -> Iterator[str]:
    if isinstance(shape, Points):
        yield from (_line(place[None]) for place in shape.places.array)
    elif isinstance(shape, Brush):
        for place, ring in areas.brush_rings(shape, carrier.losses):
            if place:
                carrier.leave_out("hole")
            else:
                yield _line(ring.array)
    else:
        is_polygon = isinstance(shape, Polygon)
        carrier.losses.add("ellipse or rectangle written as a polygon", not is_polygon)
        yield _line(shapes.outline(shape).array)


def _line(places: Numbers) -> str:
    return numbertext.written("%s\t%s\t", places)[:-1]
