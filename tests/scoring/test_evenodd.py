"""The even-odd rule: held against GEOS, and bounded for rings that cross themselves without end."""

from __future__ import annotations

import time

import numpy as np
import pytest
import shapely
from hypothesis import given, settings, strategies as st

from scoring import evenodd
from scoring.evenodd import TangledError


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(4, 20))
def test_area_is_that_of_geos(seed, count):
    ring = np.random.default_rng(seed).uniform(0, 1000, (count, 2))

    found = evenodd.enclosed(ring)

    expected = shapely.make_valid(shapely.Polygon(ring))
    assert found.is_valid
    assert found.symmetric_difference(expected).area == pytest.approx(0, abs=1e-6)


def test_pentagram_is_hollow_in_its_middle():
    angles = np.radians(90 + 144 * np.arange(5))
    star = np.column_stack((np.cos(angles), np.sin(angles))) * 100

    found = evenodd.enclosed(star)

    assert not found.contains(shapely.Point(0, 0))
    assert found.contains(shapely.Point(0, 60))
    assert len(found.geoms) == 5


def test_outline_walked_twice_encloses_nothing():
    square = np.array([[0, 0], [10, 0], [10, 10], [0, 10]], dtype=float)

    assert evenodd.enclosed(np.vstack((square, square))).area == 0


def frame(inset: float) -> shapely.Polygon:
    return shapely.box(inset, inset, 100 - inset, 100 - inset)


@pytest.mark.parametrize(
    ("outlines", "holes", "area"),
    [
        ([0], [10], 100**2 - 80**2),
        ([0, 20], [10], 100**2 - 80**2 + 60**2),
        ([0, 20], [10, 30], 100**2 - 80**2 + 60**2 - 40**2),
        ([40, 0, 20], [30, 10], 100**2 - 80**2 + 60**2 - 40**2 + 20**2),
        # Filled again, erased, and erased beyond its edge.
        ([0, 10], [10], 100**2),
        ([10], [10], 0),
        ([10, 20], [0], 0),
        ([10], [], 80**2),
    ],
)
def test_outlines_in_holes_of_others_are_islands(outlines, holes, area):
    found = evenodd.less([frame(inset) for inset in outlines], [frame(inset) for inset in holes])

    assert found.is_valid
    assert found.area == area


def test_an_island_that_leaves_its_hole_is_cut():
    island = shapely.box(20, 40, 95, 60)

    found = evenodd.less([frame(0), island], [frame(10)])

    assert found.area == 100**2 - 80**2


def test_number_of_crossings_is_about_right():
    ring = np.random.default_rng(1).uniform(0, 1000, (400, 2))
    edges = shapely.linestrings(np.stack((ring, np.roll(ring, -1, axis=0)), axis=1))
    exact = (shapely.STRtree(edges).query(edges, predicate="crosses").shape[1]) / 2

    assert evenodd.crossings(ring) == pytest.approx(exact, rel=0.15)


@pytest.mark.parametrize("count", [500, 20_000])
def test_hostile_tangle_is_refused_at_once(count):
    ring = np.random.default_rng(2).uniform(0, 50_000, (count, 2))
    begun = time.monotonic()

    with pytest.raises(TangledError, match="too often"):
        evenodd.enclosed(ring)

    assert time.monotonic() - begun < 20


def test_long_outline_with_one_crossing_is_repaired():
    angles = np.linspace(0, 2 * np.pi, 50_000, endpoint=False)
    ring = np.column_stack((np.cos(angles), np.sin(angles))) * 10_000
    ring[[10, 11]] = ring[[11, 10]]

    found = evenodd.enclosed(ring)

    assert not shapely.Polygon(ring).is_valid
    assert found.area == pytest.approx(np.pi * 1e8, rel=1e-6)
