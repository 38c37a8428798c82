"""Matching: as many pairs as can be, held against trying all, and by hand."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings, strategies as st

from scoring.regions import matching


def most_pairs(table: np.ndarray) -> int:
    """Return the most pairs by trying every one for the first row, and none."""
    if not len(table):
        return 0
    best = most_pairs(table[1:])
    for column in np.flatnonzero(table[0]):
        rest = table[1:].copy()
        rest[:, column] = False
        best = max(best, 1 + most_pairs(rest))
    return best


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(1, 6), st.floats(0.01, 0.7))
def test_pairs_are_as_many_as_trying_all_finds(seed, first, second, share):
    table = np.random.default_rng(seed).uniform(size=(first, second)) < share

    assert matching.count_pairs(np.argwhere(table), first, second) == most_pairs(table)


def test_nearest_first_would_match_too_few():
    # The middle one of the second is nearest to both of the first, but only one can have it.
    first = np.array([[0.0, 0], [10, 0]])
    second = np.array([[6.0, 0], [17, 0]])

    found = matching.match_points(first, second, 7)

    assert (found.matched, found.first, found.second, found.f1) == (2, 2, 2, 1.0)


@pytest.mark.parametrize(("distance", "matched"), [(4.99, 1), (5, 2), (6, 2)])
def test_points_at_the_very_distance_are_the_same(distance, matched):
    first = np.array([[0.0, 0], [100, 100]])
    second = np.array([[3.0, 4], [100, 101], [500, 500]])

    found = matching.match_points(first, second, distance)

    assert found.matched == matched
    assert found.f1 == pytest.approx(2 * matched / 5)


def test_objects_match_from_an_iou_on():
    first = np.array([shapely.box(0, 0, 10, 10), shapely.box(50, 0, 60, 10)])
    # The first overlaps by half of each: IoU 1/3. The second is the same.
    second = np.array([shapely.box(5, 0, 15, 10), shapely.box(50, 0, 60, 10)])

    assert matching.match_areas(first, second, 1 / 3).matched == 2
    assert matching.match_areas(first, second, 0.34).matched == 1


@pytest.mark.parametrize(("first", "second", "f1"), [(0, 0, 1.0), (3, 0, 0.0), (0, 2, 0.0)])
def test_nothing_agrees_with_nothing_alone(first, second, f1):
    found = matching.match_points(np.zeros((first, 2)), np.zeros((second, 2)), 1)

    assert found.f1 == f1


def test_a_hundred_thousand_points_are_matched():
    rng = np.random.default_rng(1)
    places = rng.uniform(0, 50_000, (100_000, 2))

    found = matching.match_points(places, rng.permutation(places) + 0.5, 20)

    assert found.matched == 100_000
