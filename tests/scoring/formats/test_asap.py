"""ASAP's annotations as shapes, and back."""

from __future__ import annotations

import io
import math
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, strategies as st

from scoring import shapes
from scoring.formats import asap, asap_xml
from scoring.formats.asap_xml import AsapAnnotation, AsapFile
from scoring.marked import Losses, Marked, Traits, singly
from scoring.shapes import (
    Brush,
    Coordinates,
    Ellipse,
    Heatmap,
    Levels,
    Points,
    Polygon,
    PolygonPack,
    Polyline,
    Rect,
)


def annotation(kind: str, places: object) -> AsapAnnotation:
    return AsapAnnotation(
        name="A", kind=kind, colour="#ff0000", group=None, places=Coordinates(places)
    )


SQUARE = [[10, 20], [40, 20], [40, 60], [10, 60]]


@pytest.mark.parametrize(
    ("kind", "places", "shape"),
    [
        ("Dot", [[1, 2]], Points(places=Coordinates([[1, 2]]))),
        ("PointSet", SQUARE, Points(places=Coordinates(SQUARE))),
        ("Polygon", SQUARE, Polygon(outline=Coordinates(SQUARE))),
        ("Measurement", SQUARE[:2], Polyline(line=Coordinates(SQUARE[:2]))),
        ("Rectangle", SQUARE, Rect(x=10, y=20, width=30, height=40)),
        ("Rectangle", SQUARE[::-1], Rect(x=10, y=20, width=30, height=40)),
    ],
)
def test_annotations_become_shapes(kind, places, shape):
    assert asap.to_shape(annotation(kind, places)) == shape


@pytest.mark.parametrize(
    "places",
    [
        [[0, 0], [10, 2], [8, 12], [-2, 10]],
        [[0, 0], [10, 10], [10, 0], [0, 10]],
        SQUARE[:3],
    ],
)
def test_askew_rectangle_becomes_a_polygon(places):
    shape = asap.to_shape(annotation("Rectangle", places))

    assert shape == Polygon(outline=Coordinates(places))


def test_spline_runs_through_its_points_and_is_rounder_than_their_polygon():
    angle = np.linspace(0, 2 * math.pi, 8, endpoint=False)
    places = np.column_stack((np.cos(angle), np.sin(angle))) * 100

    spline = asap.to_shape(annotation("Spline", places))

    corners = spline.outline.array
    nearest = np.linalg.norm(corners[:, None] - places, axis=2).min(axis=0)
    assert nearest.max() < 1e-9
    circle, polygon = math.pi * 100**2, shapely.Polygon(places).area
    assert polygon < shapes.area_px2(spline)
    assert shapes.area_px2(spline) == pytest.approx(circle, rel=0.01)


@given(
    st.lists(st.tuples(st.integers(-1000, 1000), st.integers(-1000, 1000)), min_size=1, max_size=9)
)
def test_spline_of_any_points_has_finite_corners(places):
    spline = asap.to_shape(annotation("Spline", places))

    assert np.isfinite(spline.outline.array).all()


TRAITS = Traits(group="Q", colour="#00ff00")


def file_of(*drawn: object) -> AsapFile:
    marked = [Marked(shape=shape, traits=TRAITS) for shape in drawn]
    return asap_xml.parse(b"".join(asap.write(marked, Losses())).decode())


def pieces(*drawn: object) -> list[tuple[str, str | None]]:
    file = file_of(*drawn)
    return [(found.kind, found.group) for found in file.annotations]


def test_shapes_become_the_nearest_annotations():
    assert pieces(
        Points(places=Coordinates([[1, 2]])),
        Points(places=Coordinates([[1, 2], [3, 4]])),
        Polygon(outline=Coordinates(SQUARE)),
        Rect(x=1, y=2, width=3, height=4),
        Ellipse(x=1, y=2, radius_x=3, radius_y=4),
        Polyline(line=Coordinates(SQUARE[:3])),
    ) == [
        ("Dot", "Q"),
        ("PointSet", "Q"),
        ("Polygon", "Q"),
        ("Rectangle", "Q"),
        ("Polygon", "Q"),
        ("Measurement", "Q"),
        ("Measurement", "Q"),
    ]


def test_holes_go_into_a_group_within_the_questions():
    brush = Brush(positive=(Coordinates(SQUARE),), negative=(Coordinates(SQUARE),))

    file = file_of(brush)

    assert [found.group for found in file.annotations] == ["Q", "Q (holes)"]
    assert [(group.name, group.parent) for group in file.groups] == [
        ("Q", None),
        ("Q (holes)", "Q"),
    ]


def test_packed_polygons_become_polygons_and_holes():
    pack = PolygonPack(
        corners=np.array(SQUARE * 2, dtype=np.int32), starts=np.array([0, 4, 8]), holes={0: (1,)}
    )

    assert pieces(pack) == [("Polygon", "Q"), ("Polygon", "Q (holes)")]


def test_what_asap_cannot_hold_is_left_out():
    assert (
        pieces(
            Heatmap(levels=Levels([[1]]), downscale=4),
            Ellipse(x=math.nan, y=2, radius_x=3, radius_y=4),
            Polygon(outline=Coordinates([[1, 1]])),
        )
        == []
    )


def test_real_annotations_survive_the_way_through_shapes(shared_data: Path):
    for path in sorted((shared_data / "annotations").glob("*asap*.xml")):
        file = asap_xml.parse(path.read_text())
        drawn = [asap.to_shape(entry) for entry in file.annotations]

        again = file_of(*drawn)

        assert [entry.places for entry in again.annotations] == [
            entry.places for entry in file.annotations
        ], path.name


def test_holes_are_joined_with_the_outline_they_follow():
    hole = [[15, 25], [20, 25], [20, 30]]
    brush = Brush(positive=(Coordinates(SQUARE),), negative=(Coordinates(hole),))
    other = Polygon(outline=Coordinates([[100, 100], [110, 100], [110, 120]]))
    written = b"".join(
        asap.write([Marked(shape=s, traits=TRAITS) for s in (brush, other)], Losses())
    )

    again = list(singly(asap.parse(io.BytesIO(written), Losses())))

    assert again == [Marked(shape=brush, traits=TRAITS), Marked(shape=other, traits=TRAITS)]


def test_what_is_changed_or_left_out_is_told():
    losses = Losses()
    ellipse = Ellipse(x=1, y=2, radius_x=3, radius_y=4)
    line = Polyline(line=Coordinates(SQUARE))
    heatmap = Heatmap(levels=Levels([[1]]), downscale=4)
    named = Traits(group="Q", measurements=(("Area", 5.0),))

    for shape in (ellipse, line, heatmap):
        b"".join(asap.write([Marked(shape=shape, traits=named, id="1")], losses))

    assert set(losses.lines()) == {
        "3 × measurements left out: ASAP XML has none",
        "3 × id left out: ASAP XML has none",
        "1 × ellipse written as a polygon",
        "1 × line written as one measurement for each of its segments",
        "1 × heat map left out: ASAP XML has none",
    }
