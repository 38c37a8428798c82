"""Slide Score's annotation JSON (anno1) as a file of any length."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO

import numpy as np
import orjson

from records.errors import InputError
from scoring import jsonstream, marked as marking, numbertext
from scoring.formats import annoshapes
from scoring.jsonoutlines import Layout
from scoring.jsonstream import Batch
from scoring.jsontext import as_object
from scoring.marked import PLAIN, Carrier, Losses, Marked, MarkedPack, Packer, Piece, Traits
from scoring.numbertext import Numbers
from scoring.shapes import Coordinates, FileLink, MaskPack, Points, PolygonPack

NAME = "anno1 JSON"

_AT_ONCE = 2000
_POINTS_AT_ONCE = 100_000
_LAYOUT = Layout(
    member=b"points",
    closing=(b"]", True),
    brackets=(b"[{", b"}]"),
    between_points=b"},{",
    between_rings=b"}],[{",
    point=b'{"x":#,"y":#},',
)
_POLYGON = frozenset({"type", "points"})


def parse(stream: BinaryIO, losses: Losses, *, traits: Traits = PLAIN) -> Iterator[Piece]:
    """Read an array of points or shapes; consecutive plain polygons come packed.

    Parameters
    ----------
    traits
        Of each shape: the file says nothing of them.

    Raises
    ------
    InputError
        As for ``annoshapes.parse``.
    """
    packer = Packer()
    points: list[tuple[float, float]] = []
    for part in jsonstream.read(stream, name=NAME, layout=_LAYOUT):
        if not isinstance(part, Batch) or part.name:
            raise InputError("is no array: expected [ … ]", source=NAME)
        for number, element in enumerate(_elements(part), start=part.first):
            try:
                if isinstance(element, np.ndarray):
                    yield from _end_points(points, traits)
                    packer.add([element], traits)
                    continue
                fields = as_object(element, "an annotation")
                if "type" not in fields:
                    yield from packer.packed()
                    points.append(annoshapes.place(fields, "a point"))
                else:
                    yield from _end_points(points, traits)
                    yield from _shape(fields, packer, losses, traits)
            except InputError as error:
                raise InputError(f"annotation {number:,}: {error.reason}", source=NAME) from None
        if len(packer) >= _AT_ONCE:
            yield from packer.packed()
        if len(points) >= _POINTS_AT_ONCE:
            yield from _end_points(points, traits)
    yield from packer.packed()
    yield from _end_points(points, traits)


def write(pieces: Iterable[Piece], losses: Losses) -> Iterator[bytes]:
    """Write an array of points or shapes, in the spelling that all clients read.

    Points among shapes stay points; clients expect an answer to hold either the ones or the others.
    """
    carrier = Carrier(NAME, ("label",), losses)
    yield b"["
    separator = b""
    has_points = has_shapes = False
    for piece in pieces:
        carrier.note(piece)
        is_points = isinstance(piece, Marked) and isinstance(piece.shape, Points)
        has_points, has_shapes = has_points or is_points, has_shapes or not is_points
        for item in items(piece, carrier):
            yield separator + item
            separator = b",\n"
    losses.add("points and shapes in one file: clients expect one of them", has_points & has_shapes)
    yield b"]\n"


def _elements(batch: Batch) -> Iterator[object]:
    """Yield the elements; of plain polygons their corners."""
    cut = batch.outlines
    if cut is None:
        yield from batch.elements
        return
    ends = itertools.accumulate(cut.sizes, initial=0)
    rings = [cut.corners[start:end] for start, end in itertools.pairwise(ends)]
    plain = {"type": "polygon", "points": cut.token}
    taken = 0
    for index, (element, count) in enumerate(zip(batch.elements, cut.rings, strict=True)):
        yield rings[taken] if count and element == plain else cut.whole(index)
        taken += count


def _shape(
    fields: Mapping[str, object], packer: Packer, losses: Losses, traits: Traits
) -> Iterator[Piece]:
    if fields["type"] == "polygon" and fields.keys() <= _POLYGON:
        ring = _ring(fields.get("points"))
        if ring is not None:
            packer.add([ring], traits)
            return
    shape = annoshapes.shape(fields)
    yield from packer.packed()
    if isinstance(shape, FileLink):
        losses.add("link to an annotation file left out")
    else:
        yield Marked(shape=shape, traits=traits)


def _ring(points: object) -> np.ndarray[tuple[int, int], np.dtype[np.float64]] | None:
    """Return plain corners; None when anything about them is not plain."""
    try:
        pairs = [(point["x"], point["y"]) for point in points]  # type: ignore[attr-defined]
    except (TypeError, KeyError):
        return None
    numbers = list(itertools.chain.from_iterable(pairs))
    if not numbers or not set(map(type, numbers)) <= {int, float}:
        return None
    return np.array(numbers, dtype=np.float64).reshape(-1, 2)


def _end_points(points: list[tuple[float, float]], traits: Traits) -> Iterator[Marked]:
    if points:
        yield Marked(shape=Points(places=Coordinates(points)), traits=traits)
        points.clear()


def items(piece: Piece, carrier: Carrier) -> Iterator[bytes]:
    """Return the shapes of a piece as elements of an answer, each as JSON."""
    if isinstance(piece, MarkedPack):
        for rings in piece.plain_rings():
            outline, *holes = map(_ring_text, rings)
            item = f'{{"type":"polygon","points":{outline}}}'
            if holes:
                inside = f'"positivePolygons":[{outline}],"negativePolygons":[{",".join(holes)}]'
                item = f'{{"type":"brush",{inside}}}'
            yield item.encode()
        return
    shape = piece.shape
    if isinstance(shape, MaskPack):
        carrier.leave_out("mask")
    elif isinstance(shape, PolygonPack):
        yield from items(marking.from_pack(shape), carrier)
    elif isinstance(shape, Points):
        for x, y in shape.places.array.tolist():
            yield orjson.dumps(_point(x, y))
    else:
        yield orjson.dumps(annoshapes.shape_fields(shape))


def _ring_text(ring: Numbers) -> str:
    if not np.isfinite(ring).all():
        return orjson.dumps([_point(x, y) for x, y in ring.tolist()]).decode()
    return "[" + numbertext.written('{"x":%s,"y":%s},', ring)[:-1] + "]"


def _point(x: float, y: float) -> dict[str, float | int | None]:
    return {"x": _plain(x), "y": _plain(y)}


def _plain(number: float) -> float | int | None:
    """Return a number as it is written: whole without a point. NaN becomes null by itself."""
    whole = number == number // 1 and abs(number) < 2**53
    return int(number) if whole else number
