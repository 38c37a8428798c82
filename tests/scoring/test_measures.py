"""Measures: areas and lengths in µm, by hand."""

from __future__ import annotations

import math

import pytest

from scoring import measures
from scoring.measures import Resolution
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

FINE = Resolution(mpp_x=0.5, mpp_y=0.25)
SQUARE = Coordinates([[0, 0], [100, 0], [100, 100], [0, 100]])
HOLE = Coordinates([[10, 10], [20, 10], [20, 20], [10, 20]])


@pytest.mark.parametrize(
    ("shape", "area_um2", "length_um"),
    [
        (Polygon(outline=SQUARE), 50 * 25, 2 * (50 + 25)),
        (Rect(x=0, y=0, width=-4, height=8), 2 * 2, 2 * (2 + 2)),
        (Polyline(line=Coordinates([[0, 0], [6, 0], [6, 16]])), None, 3 + 4),
        (Brush(positive=(SQUARE,), negative=(HOLE,)), 1250 - 12.5, 150 + 15),
        (Points(places=SQUARE), None, None),
        (Heatmap(levels=Levels([[1]])), None, None),
    ],
)
def test_area_and_length_follow_from_both_resolutions(shape, area_um2, length_um):
    found = measures.measure(shape, FINE)

    assert found.problem is None
    assert (found.area_um2, found.length_um) == (
        None if area_um2 is None else pytest.approx(area_um2),
        None if length_um is None else pytest.approx(length_um),
    )


def test_area_of_an_ellipse_is_exact():
    found = measures.measure(Ellipse(x=0, y=0, radius_x=20, radius_y=40), FINE)

    assert found.area_um2 == pytest.approx(math.pi * 10 * 10, rel=1e-12)
    assert found.length_um == pytest.approx(2 * math.pi * 10, rel=1e-3)


def test_without_resolution_nothing_is_measured():
    found = measures.measure(Polygon(outline=SQUARE), None)

    assert (found.area_um2, found.length_um) == (None, None)


def test_shape_without_geometry_is_told_and_not_measured():
    found = measures.measure(Ellipse(x=math.nan, y=0, radius_x=1, radius_y=1), FINE)

    assert found == measures.Measured(problem="lacks a coordinate", area_um2=None, length_um=None)


@pytest.mark.parametrize(
    ("area_um2", "text"),
    [(12.345, "12.35 um2"), (370, "370 um2"), (45_678.9, "45679 um2"), (1.25e6, "1.25 mm2")],
)
def test_areas_are_written_as_clients_write_them(area_um2, text):
    assert measures.area_text(area_um2) == text


@pytest.mark.parametrize(("length_um", "text"), [(12.345, "12.35 µm"), (1500, "1.5 mm")])
def test_lengths_are_written_with_their_unit(length_um, text):
    assert measures.length_text(length_um) == text
