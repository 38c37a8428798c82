"""Shapes: problems, areas and comparison."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, strategies as st

from scoring import shapes
from scoring.shapes import (
    Brush,
    Coordinates,
    Ellipse,
    Heatmap,
    Levels,
    Points,
    Polygon,
    Polyline,
    Rect,
)

SQUARE = Coordinates([[0, 0], [10, 0], [10, 10], [0, 10]])
BOW_TIE = Coordinates([[0, 0], [10, 10], [10, 0], [0, 10]])


def test_area_of_square_in_mm2_follows_from_both_resolutions():
    square = Polygon(outline=SQUARE)

    area = shapes.area_mm2(square, mpp_x=0.5, mpp_y=0.25)

    assert area == pytest.approx(100 * 0.5 * 0.25 / 1e6)


def test_area_of_ellipse_is_pi_times_both_radii():
    ellipse = Ellipse(x=5, y=5, radius_x=3, radius_y=2)

    assert shapes.area_px2(ellipse) == pytest.approx(6 * math.pi)
    assert shapes.geometry(ellipse).area == pytest.approx(6 * math.pi, rel=1e-3)


def test_area_of_brush_leaves_its_holes_out():
    brush = Brush(
        positive=(SQUARE, Coordinates([[20, 0], [30, 0], [30, 10], [20, 10]])),
        negative=(Coordinates([[2, 2], [4, 2], [4, 4], [2, 4]]),),
    )

    assert shapes.problem(brush) is None
    assert shapes.area_px2(brush) == pytest.approx(196)


def test_overlapping_brush_strokes_count_once():
    brush = Brush(positive=(SQUARE, SQUARE))

    assert shapes.area_px2(brush) == pytest.approx(100)


def test_area_of_rect_drawn_to_the_upper_left_is_positive():
    rect = Rect(x=10, y=10, width=-4, height=-5)

    assert shapes.area_px2(rect) == pytest.approx(20)


def test_self_crossing_polygon_is_told_and_measured_by_the_even_odd_rule():
    bow_tie = Polygon(outline=BOW_TIE)

    assert shapes.problem(bow_tie) == "crosses itself"
    assert shapes.area_px2(bow_tie) == pytest.approx(50)


@pytest.mark.parametrize(
    "shape",
    [
        Ellipse(x=math.nan, y=1, radius_x=2, radius_y=2),
        Rect(x=1, y=1, width=math.nan, height=2),
        Polygon(outline=Coordinates([[0, 0], [1, math.nan], [2, 2]])),
        Points(places=Coordinates([[math.nan, 0]])),
    ],
)
def test_shape_with_a_null_coordinate_has_no_geometry(shape):
    assert shapes.problem(shape) == "lacks a coordinate"
    assert shapes.geometry(shape) is None
    assert shapes.area_px2(shape) is None


@pytest.mark.parametrize("far", [math.inf, -math.inf, 1e300, 2e9])
def test_absurdly_far_coordinate_has_no_geometry(far):
    line = Polyline(line=Coordinates([[0, 0], [far, 1]]))

    assert shapes.problem(line) == "has a coordinate beyond any slide"
    assert shapes.geometry(line) is None


@pytest.mark.parametrize(
    "shape",
    [
        Points(places=Coordinates([])),
        Polyline(line=Coordinates([[1, 1]])),
        Polygon(outline=Coordinates([[0, 0], [1, 1]])),
        Brush(positive=()),
    ],
)
def test_shape_of_too_few_corners_has_no_geometry(shape):
    assert shapes.problem(shape) == "has too few corners"
    assert shapes.geometry(shape) is None


def test_points_and_lines_enclose_nothing():
    assert shapes.area_px2(Points(places=SQUARE)) == 0
    assert shapes.area_px2(Polyline(line=SQUARE)) == 0


def test_heat_map_has_no_area_and_no_size_of_zero():
    levels = Levels([[0, 255]])

    assert shapes.area_px2(Heatmap(levels=levels)) is None
    assert shapes.problem(Heatmap(levels=levels, width=10)) is None
    assert shapes.problem(Heatmap(levels=levels, width=0)) == "has no size"


def test_coordinates_compare_by_value_with_nan_equal_to_nan():
    left = Coordinates([[math.nan, -0.0]])
    right = Coordinates([[math.nan, 0.0]])

    assert left == right
    assert hash(left) == hash(right)
    assert left != Coordinates([[0, 0]])


def test_coordinates_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        SQUARE.array[0, 0] = 5


def test_points_without_a_place_do_not_hide_the_others():
    points = Points(places=Coordinates([[1, 2], [math.nan, 3], [4, 2e9], [5, 6]]))

    assert shapes.problem(points) == "lacks a coordinate"
    assert shapely.get_coordinates(shapes.geometry(points)).tolist() == [[1, 2], [5, 6]]


@pytest.mark.parametrize("hole", [[[50, 50], [60, 50], [60, 60]], [[5, 5], [15, 5], [5, 8]]])
def test_hole_outside_is_told_and_cuts_only_what_it_covers(hole):
    brush = Brush(positive=(SQUARE,), negative=(Coordinates(hole),))
    outside = shapely.Polygon(SQUARE.array).difference(shapely.Polygon(hole))

    assert shapes.problem(brush) == "has a hole that leaves its outline"
    assert shapes.area_px2(brush) == pytest.approx(outside.area)


def test_hole_that_touches_its_outline_is_no_problem():
    brush = Brush(positive=(SQUARE,), negative=(Coordinates([[0, 0], [5, 0], [0, 5]]),))

    assert shapes.problem(brush) is None


def test_tangle_without_end_has_no_geometry():
    ring = np.random.default_rng(1).uniform(0, 1000, (600, 2))

    assert shapes.problem(Polygon(outline=Coordinates(ring))) == "crosses itself too often"
    assert shapes.geometry(Polygon(outline=Coordinates(ring))) is None
    assert shapes.problem(Brush(positive=(SQUARE,), negative=(Coordinates(ring),))) is not None


def test_outline_of_millions_of_corners_has_no_geometry():
    ring = np.zeros((shapes.MAX_CORNERS + 1, 2))

    assert "1,000,000 corners" in shapes.problem(Polygon(outline=Coordinates(ring)))
    assert shapes.geometry(Polygon(outline=Coordinates(ring))) is None


SIXTEENTHS = st.integers(-(10**6), 10**6).map(lambda number: number / 16)


@given(st.lists(st.tuples(SIXTEENTHS, SIXTEENTHS), min_size=3, max_size=12).map(Coordinates))
def test_any_outline_of_three_corners_has_a_valid_geometry(outline):
    found = shapes.geometry(Polygon(outline=outline))

    assert found is not None
    assert found.is_valid
    assert np.isfinite(found.area)
