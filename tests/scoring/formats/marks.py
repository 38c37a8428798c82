"""Hypothesis strategies for marked shapes that every format can hold, and shapes by hand."""

from __future__ import annotations

from hypothesis import strategies as st

from scoring.marked import KINDS, Traits
from scoring.shapes import Brush, Coordinates, Points, Polygon, Polyline, Rect

# Apart by at least a hundredth: closer ones fall together while areas are computed.
NUMBERS = st.integers(-(10**7), 10**7).map(lambda number: number / 100)
WORDS = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
NAMES = WORDS.filter(lambda word: word not in {"labels", "modifiedOn", "area", "isMissing"})
COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
VALUES = st.floats(allow_nan=False) | st.integers(-100, 100).map(float)


def square(x: float, y: float, side: float) -> Coordinates:
    """Return the corners of a figure of five corners: no rectangle, and it does not cross."""
    return Coordinates(
        [[x, y], [x + side, y], [x + side, y + side], [x + side / 2, y + side * 2], [x, y + side]]
    )


FIGURES = st.builds(square, NUMBERS, NUMBERS, st.integers(1, 5000).map(float))
OUTLINES = FIGURES.map(lambda ring: Polygon(outline=ring))
LINES = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=2, max_size=6).map(
    lambda places: Polyline(line=Coordinates(places))
)
POINTS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=6).map(
    lambda places: Points(places=Coordinates(places))
)
RECTS = st.builds(
    Rect,
    x=st.integers(-1000, 100_000).map(float),
    y=st.integers(-1000, 100_000).map(float),
    width=st.integers(1, 5000).map(float),
    height=st.integers(1, 5000).map(float),
)


@st.composite
def _brushes(draw: st.DrawFn) -> Brush:
    """Outlines side by side, each with up to two holes, in the order that GeoJSON gives them."""
    count = draw(st.integers(1, 3))
    side = draw(st.integers(60, 900))
    x, y = draw(NUMBERS), draw(NUMBERS)
    positive, negative = [], []
    for number in range(count):
        left = x + number * 2 * side
        positive.append(square(left, y, side))
        negative += [
            square(left + side * (0.1 + 0.4 * hole), y + side * 0.1, side * 0.2)
            for hole in range(draw(st.integers(0, 2)))
        ]
    if count == 1 and not negative:
        negative.append(square(x + side * 0.1, y + side * 0.1, side * 0.2))
    return Brush(positive=tuple(positive), negative=tuple(negative))


BRUSHES = _brushes()
TRAITS = st.builds(
    Traits,
    group=WORDS,
    colour=COLOURS | st.just(""),
    name=WORDS,
    kind=st.sampled_from([kind for kind in KINDS if kind != "tmaCore"]),
    is_locked=st.booleans(),
    measurements=st.dictionaries(WORDS, VALUES, max_size=3).map(lambda found: tuple(found.items())),
    metadata=st.dictionaries(NAMES, WORDS, max_size=3).map(lambda found: tuple(found.items())),
)
