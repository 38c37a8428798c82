"""Measuring: how large and how long each shape of an answer is, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlmodel import Session

from access import gate
from access.rights import Actor
from scoring import drawn_answers, measures
from scoring.drawn_answers import DrawnAnswer
from scoring.measures import Measured, Resolution
from scoring.shapes import (
    Brush,
    Coordinates,
    Heatmap,
    MaskPack,
    Pack,
    Points,
    Polygon,
    PolygonPack,
    Shape,
)

MAX_SHAPES = 20_000
"""Shapes of one answer that are measured, the first of them; about ten seconds' work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredShape:
    """A shape by its place in the answer, counted from 0, and its type on the wire."""

    index: int
    type: str
    measured: Measured


def find_resolution(session: Session, actor: Actor, *, slide_id: int) -> Resolution | None:
    """Return µm per level-0 pixel of a slide, or None when nobody knows.

    Raises
    ------
    RightsError
        The actor may not see the slide.
    NotFoundError
        There is no such slide.
    """
    slide = gate.readable_slide(session, actor, slide_id)
    across, down = slide.mpp_override or slide.mpp_x, slide.mpp_override or slide.mpp_y
    return Resolution(mpp_x=across, mpp_y=down) if across and down else None


def measure_answer(
    answer: DrawnAnswer, resolution: Resolution | None
) -> tuple[list[MeasuredShape], bool]:
    """Return the measures of an answer's shapes, and whether there are more shapes.

    Raises
    ------
    SlideError
        The annotation file is gone, or damaged.
    """
    found: list[MeasuredShape] = []
    for index, shape in _numbered(drawn_answers.load(answer)):
        if len(found) == MAX_SHAPES:
            return found, True
        name = type(shape).__name__.lower()
        measured = measures.measure(shape, resolution)
        found.append(MeasuredShape(index=index, type=name, measured=measured))
    return found, False


def _numbered(drawn: Iterable[Shape | Pack]) -> Iterator[tuple[int, Shape]]:
    """Yield what can be measured with its place; points, heat maps and masks cannot."""
    index = 0
    for entry in drawn:
        match entry:
            case Points():
                index += len(entry.places)
            case PolygonPack():
                for number, shape in enumerate(_polygons(entry)):
                    if shape is not None:
                        yield index + number, shape
                index += len(entry)
            case MaskPack() | Heatmap():
                index += 1
            case _:
                yield index, entry
                index += 1


def _polygons(pack: PolygonPack) -> Iterator[Shape | None]:
    """Yield the outlines of a collection, each with its holes; None in place of a hole."""
    holes = {hole for indices in pack.holes.values() for hole in indices}

    def ring(number: int) -> Coordinates:
        return Coordinates(pack.corners[pack.starts[number] : pack.starts[number + 1]])

    for number in range(len(pack)):
        own = pack.holes.get(number)
        if number in holes:
            yield None
        elif own:
            yield Brush(positive=(ring(number),), negative=tuple(map(ring, own)))
        else:
            yield Polygon(outline=ring(number))
