"""Overlap and distances: by hand, and held against shapely's own distance."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings, strategies as st

from scoring.regions import overlap

SQUARE = shapely.box(0, 0, 10, 10)


def test_half_shifted_squares_by_hand():
    found = overlap.overlap(SQUARE, shapely.box(5, 0, 15, 10))

    assert found.dice == pytest.approx(2 * 50 / 200)
    assert found.iou == pytest.approx(50 / 150)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (shapely.Polygon(), shapely.Polygon(), 1.0),
        (SQUARE, shapely.Polygon(), 0.0),
        (SQUARE, SQUARE, 1.0),
    ],
)
def test_empty_areas_agree_with_each_other_alone(first, second, expected):
    found = overlap.overlap(first, second)

    assert (found.dice, found.iou) == (expected, expected)


def test_hausdorff_of_shifted_squares_by_hand():
    distances = overlap.edge_distances(SQUARE, shapely.box(3, 0, 13, 10))

    # From the left edge of the first to that of the second.
    assert overlap.hausdorff(distances) == pytest.approx(3)


def test_hausdorff_is_between_edges_not_corners():
    # A long flat spike inside a wide square: its corners are near the square's corners.
    outer = shapely.box(0, 0, 100, 100)
    inner = shapely.Polygon([(0, 0), (100, 0), (100, 100), (50, 20), (0, 100)])

    distances = overlap.edge_distances(outer, inner)

    # From the middle of the upper edge, (50, 100), to the slanted edge.
    slanted = shapely.LineString([(100, 100), (50, 20), (0, 100)])
    expected = max(slanted.distance(shapely.Point(x, 100)) for x in np.linspace(0, 100, 2001))
    assert overlap.hausdorff(distances) == pytest.approx(expected, rel=1e-3)
    assert expected > shapely.hausdorff_distance(outer.boundary, inner.boundary) / 2


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_hausdorff_is_that_of_shapely_on_dense_places(seed):
    rng = np.random.default_rng(seed)
    first, second = (
        shapely.Point(*rng.uniform(0, 50, 2)).buffer(rng.uniform(5, 30)) for _ in range(2)
    )

    found = overlap.hausdorff(overlap.edge_distances(first, second))

    expected = shapely.hausdorff_distance(first.boundary, second.boundary, densify=0.05)
    assert found == pytest.approx(expected, abs=0.02)


def test_the_share_forgives_a_thin_spike():
    spike = SQUARE.union(shapely.box(4.9, 10, 5.1, 10.5))

    distances = overlap.edge_distances(SQUARE, spike)

    assert overlap.hausdorff(distances) == pytest.approx(0.5, abs=1e-3)
    assert overlap.hausdorff_share(distances) < 0.1


def test_no_edge_has_no_distance():
    distances = overlap.edge_distances(SQUARE, shapely.Polygon())

    assert math.isnan(overlap.hausdorff(distances))
    assert math.isnan(overlap.hausdorff_share(distances))
