"""Lettering: lengths of scale bars, and texts at the edges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from scoring import lettering


@pytest.mark.parametrize(
    ("most_um", "length", "text"),
    [(199, 100, "100 µm"), (200, 200, "200 µm"), (999, 500, "500 µm"), (1000, 1000, "1 mm"),
     (7300, 5000, "5 mm"), (0.37, 0.2, "0.2 µm")],
)  # fmt: skip
def test_lengths_are_round_and_have_units(most_um, length, text):
    found = lettering.round_length(most_um)

    assert found == pytest.approx(length)
    assert lettering.length_text(found) == text


@given(st.floats(1e-3, 1e7))
def test_round_length_is_at_least_40_percent_of_the_room(most_um):
    assert 0.4 * most_um * 0.999 <= lettering.round_length(most_um) <= most_um * 1.000001


def white(width: int, height: int) -> np.ndarray:
    return np.full((height, width, 3), 255, dtype=np.uint8)


def test_scale_bar_is_as_long_as_it_says():
    pixels = white(1000, 400)

    lettering.draw_scale_bar(pixels, 0.5)

    # A fifth of 500 µm is 100 µm: 200 pixels; the casing adds two on either side.
    row = pixels[400 - 16 - 5 - 2]
    dark = np.flatnonzero(row[:, 0] < 128)
    assert (dark.min(), dark.max()) == (14, 14 + 203)


def test_small_picture_has_no_scale_bar():
    pixels = white(100, 1000)

    lettering.draw_scale_bar(pixels, 0.5)

    assert (pixels == 255).all()


@pytest.mark.parametrize("place", [(0, 0), (99, 49), (-500, 20), (50, 1000)])
def test_text_at_and_beyond_the_edges_is_cut(place):
    pixels = white(100, 50)

    lettering.write(pixels, "text", x=place[0], y=place[1], size_px=20)

    assert pixels.shape == (50, 100, 3)


def test_blend_mixes_by_alpha():
    pixels = white(2, 1)

    lettering.blend(pixels, (0, 100, 255), np.array([[0.5, 0]], dtype=np.float32))

    assert pixels.tolist() == [[[128, 178, 255], [255, 255, 255]]]


def test_letters_that_the_fallback_font_lacks_are_replaced():
    assert lettering._ascii("Tumör 5 µm 漢") == "Tumor 5 um ?"
