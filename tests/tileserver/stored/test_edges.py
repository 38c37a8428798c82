"""Edges: which part of which stored tile a made tile takes."""

import numpy as np
from hypothesis import given, strategies as st

from tileserver.stored import edges
from tileserver.stored.edges import Span

SIDE = 16


@st.composite
def parts(draw):
    """Draw (start, stop, length): a part of a level as tiles of coarser levels take them."""
    length = draw(st.integers(1, 200))
    factor = draw(st.sampled_from([1, 2, 4, 8]))
    lacks = draw(st.sampled_from([0, 1]))  # whether the level's size was rounded down
    out = -(-(length + lacks) // factor)
    first = draw(st.integers(0, (out - 1) // SIDE)) * SIDE
    return first * factor, min(first + SIDE, out) * factor, length


@given(parts())
def test_tiles_together_give_each_pixel_of_a_part_once(part):
    start, stop, length = part

    spans = edges.spans(*part, SIDE)

    covered = [
        index * SIDE + place
        for index, span in spans.items()
        for place in range(span.start, span.stop)
    ]
    assert covered == list(range(start, stop))
    for index, span in spans.items():
        assert span.real == min(SIDE, length - index * SIDE) > 0


@given(parts(), st.integers(0, 2**32 - 1))
def test_what_lies_beyond_the_level_repeats_its_last_pixels(part, seed):
    start, stop, length = part
    level = np.random.default_rng(seed).integers(0, 255, (1, length, 3), np.uint8)
    tiled = np.zeros((1, -(-length // SIDE) * SIDE, 3), np.uint8)
    tiled[:, :length] = level
    down = Span(start=0, stop=1, real=1)

    pieces = [
        edges.cut(tiled[:, index * SIDE : (index + 1) * SIDE], span, down)
        for index, span in edges.spans(*part, SIDE).items()
    ]

    expected = level[:, np.clip(np.arange(start, stop), 0, length - 1)]
    np.testing.assert_array_equal(np.concatenate(pieces, axis=1), expected)


def test_only_full_tiles_within_the_level_are_whole():
    assert Span(start=0, stop=SIDE, real=SIDE).is_whole(SIDE)
    assert not Span(start=0, stop=SIDE, real=SIDE - 1).is_whole(SIDE)
    assert not Span(start=0, stop=SIDE + 1, real=SIDE).is_whole(SIDE)
    assert not Span(start=8, stop=SIDE, real=SIDE).is_whole(SIDE)
