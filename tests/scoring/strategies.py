"""Hypothesis strategies for shapes and texts."""

from __future__ import annotations

import math

from hypothesis import strategies as st

from scoring.shapes import (
    Brush,
    Coordinates,
    Ellipse,
    FileLink,
    Heatmap,
    Label,
    Levels,
    Points,
    Polygon,
    Polyline,
    Rect,
)

WORDS = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
FINITE = st.floats(-1e12, 1e12, allow_nan=False) | st.integers(-(10**6), 10**6).map(float)
# Null coordinates occur in real studies and are read as NaN.
NUMBERS = FINITE | st.just(math.nan)
PLACES = st.lists(st.tuples(NUMBERS, NUMBERS), max_size=6).map(Coordinates)
SOME_PLACES = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=6).map(Coordinates)
LABELS = st.lists(
    st.builds(
        Label, text=WORDS, x=NUMBERS, y=NUMBERS, always=st.booleans(), font_size=st.floats(0, 1e4)
    ),
    max_size=2,
).map(tuple)
COMMON = {"labels": LABELS, "modified_on": WORDS, "area": WORDS}


@st.composite
def _levels(draw: st.DrawFn) -> Levels:
    width = draw(st.integers(1, 4))
    row = st.lists(st.integers(0, 255), min_size=width, max_size=width)
    return Levels(draw(st.lists(row, min_size=1, max_size=4)))


SIZES = st.none() | st.floats(0.1, 1e6)
TYPED_SHAPES = st.one_of(
    st.builds(Polygon, outline=PLACES, **COMMON),
    st.builds(Polyline, line=PLACES, **COMMON),
    st.builds(Ellipse, x=NUMBERS, y=NUMBERS, radius_x=NUMBERS, radius_y=NUMBERS, **COMMON),
    st.builds(Rect, x=NUMBERS, y=NUMBERS, width=NUMBERS, height=NUMBERS, **COMMON),
    st.builds(
        Brush,
        positive=st.lists(PLACES, max_size=3).map(tuple),
        negative=st.lists(PLACES, max_size=3).map(tuple),
        **COMMON,
    ),
    st.builds(
        Heatmap,
        levels=_levels(),
        x=NUMBERS,
        y=NUMBERS,
        width=SIZES,
        height=SIZES,
        downscale=SIZES,
        **COMMON,
    ),
    st.builds(FileLink, st.uuids().map(str)),
)
ANSWERS = st.lists(TYPED_SHAPES, max_size=5).map(tuple) | st.builds(Points, places=SOME_PLACES).map(
    lambda points: (points,)
)
