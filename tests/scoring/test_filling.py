"""Filling: exact shares of pixels, and memory that does not grow with what is filled."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
import shapely

from scoring import filling


def test_parts_of_pixels_by_hand():
    box = shapely.box(1.25, 1, 3.5, 2.5)

    found = filling.coverage([box], width=5, top=0, height=4)

    assert found.tolist() == [
        [0, 0, 0, 0, 0],
        [0, 0.75, 1, 0.5, 0],
        [0, 0.375, 0.5, 0.25, 0],
        [0, 0, 0, 0, 0],
    ]


def test_a_strip_is_the_same_rows_of_the_whole():
    star = shapely.Polygon([(5, 1), (9, 18), (1, 7), (12, 7), (2, 18)]).buffer(0)

    whole = filling.coverage([star], width=14, top=0, height=20)

    assert (filling.coverage([star], width=14, top=6, height=5) == whole[6:11]).all()
    assert whole.sum() == pytest.approx(star.area, rel=0.01)


def test_what_overlaps_covers_no_more_than_all():
    found = filling.coverage([shapely.box(0, 0, 4, 4)] * 3, width=6, top=0, height=6)

    assert found.max() == 1
    assert found.sum() == 16


def test_areas_beyond_the_picture_are_cut():
    found = filling.coverage([shapely.box(-9, -9, 99, 99)], width=3, top=0, height=2)

    assert (found == 1).all()


def test_memory_does_not_grow_with_what_is_filled():
    areas = [shapely.box(x, 0, x + 900, 1000) for x in np.linspace(0, 90, 3000)]
    tracemalloc.start()
    try:
        filling.coverage(areas, width=1000, top=0, height=500)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    # All crossings at once would take 3,000 × 2 × 4,000 × 40 bytes, a GB.
    assert peak < 300 << 20
