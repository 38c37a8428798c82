"""Making layers: the shapes of an answer in, a layer file or a layer in memory out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from scoring.layers import build, flat as flats, layerfile, rasters
from scoring.layers.layerfile import Layer, Memory, Writer
from scoring.shapes import Pack, Shape

MAX_LABELS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SlideSize:
    """Width and height of a slide, in level-0 pixels; a heat map may reach to its far corner."""

    width: int
    height: int


def write_layer(drawn: Sequence[Shape | Pack], size: SlideSize, stream: BinaryIO) -> None:
    """Write the layer of an answer's shapes."""
    facts: dict[str, object] = {}
    layerfile.write(stream, lambda writer: facts.update(_fill(drawn, size, writer)), lambda: facts)


def make_layer(drawn: Sequence[Shape | Pack], size: SlideSize) -> Layer:
    """Return the layer of an answer's shapes, in memory."""
    memory = Memory()
    facts = _fill(drawn, size, memory)
    return Layer(arrays=memory.arrays, facts=facts)


def _fill(
    drawn: Sequence[Shape | Pack], size: SlideSize, target: Writer | Memory
) -> Mapping[str, object]:
    flat = flats.flatten(drawn)
    build.build(flat, target.put)
    labels = [
        [one.label.text, one.label.x, one.label.y, one.label.always, one.label.font_size, one.index]
        for one in flats.labels(drawn)
        # A label without a place cannot be shown; not a number is not equal to itself.
        if one.label.x == one.label.x and one.label.y == one.label.y
    ]
    told = rasters.put_rasters(drawn, target.put, slide_width=size.width, slide_height=size.height)
    return {
        "items": len(flat),
        "skipped": flat.skipped,
        "labels": labels[:MAX_LABELS],
        "rasters": told,
    }
