"""GeoJSON as QuPath writes it: real files, every kind of object, hostile texts, the round trip."""

from __future__ import annotations

import dataclasses
import io
import json
from pathlib import Path

import pytest
import shapely
from hypothesis import given, settings, strategies as st

from records.errors import InputError
from scoring import shapes
from scoring.formats import geojson
from scoring.marked import Losses, Marked, MarkedPack, Traits, singly
from scoring.shapes import (
    Brush,
    Coordinates,
    Ellipse,
    Heatmap,
    Label,
    Levels,
    Points,
    Polygon,
    Polyline,
    Rect,
)
from tests.scoring.formats.marks import BRUSHES, LINES, OUTLINES, POINTS, RECTS, TRAITS, square


def parse(text: str | bytes | dict[str, object] | list[object]) -> list[Marked]:
    if isinstance(text, (dict, list)):
        text = json.dumps(text)
    data = text.encode() if isinstance(text, str) else text
    return list(singly(geojson.parse(io.BytesIO(data), Losses())))


def write(*marked: Marked, losses: Losses | None = None) -> bytes:
    return b"".join(geojson.write(marked, Losses() if losses is None else losses))


SHAPES = st.one_of(OUTLINES, LINES, POINTS, BRUSHES, RECTS)
MARKED = st.builds(
    Marked,
    shape=SHAPES,
    traits=TRAITS,
    id=st.uuids().map(str) | st.just(""),
    nucleus=st.none() | OUTLINES,
)


def as_read(marked: Marked) -> Marked:
    """Return what GeoJSON makes of a shape: only annotations can be rectangles."""
    if isinstance(marked.shape, Rect) and marked.traits.kind != "annotation":
        return dataclasses.replace(marked, shape=Polygon(outline=shapes.outline(marked.shape)))
    return marked


@given(st.lists(MARKED, max_size=6))
@settings(deadline=None, max_examples=60)
def test_what_is_written_is_read_back(marked):
    losses = Losses()

    found = list(geojson.parse(io.BytesIO(write(*marked, losses=losses)), losses))

    assert list(singly(found)) == list(map(as_read, marked))
    # Once more, now that polygons are packed.
    assert parse(b"".join(geojson.write(found, losses))) == list(map(as_read, marked))
    assert losses.lines() == []


def test_ellipse_keeps_its_box():
    # Source: QuPath, ROITypeAdapters.java: isEllipse marks the polygon, the box is what counts.
    ellipse = Marked(shape=Ellipse(x=50.5, y=60, radius_x=7, radius_y=8.25))

    text = write(ellipse)

    assert json.loads(text)["features"][0]["geometry"]["isEllipse"] is True
    assert parse(text) == [ellipse]


def test_labels_and_dates_travel_as_metadata():
    polygon = Polygon(
        outline=square(0, 0, 9),
        labels=(Label(text="T", x=1, y=2, font_size=12),),
        modified_on="2024-05-06T07:08:09.000Z",
        area="370 um2",
    )
    marked = Marked(shape=polygon, traits=Traits(metadata=(("stain", "HE"),)))

    assert parse(write(marked)) == [marked]


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("dlup_qupath05.geojson", [Polygon] * 3),
        ("wsidicom_qupath-brush.json", [Polygon]),
        ("wsidicom_qupath-ellipse.json", [Polygon]),
        ("wsidicom_qupath-line.json", [Polyline]),
        ("wsidicom_qupath-multipoint.json", [Points]),
        ("wsidicom_qupath-point.json", [Points]),
        ("wsidicom_qupath-polygon.json", [Polygon]),
        ("wsidicom_qupath-polyline.json", [Polyline]),
        ("wsidicom_qupath-rectangle.json", [Rect]),
        ("wsidicom_qupath-wand.json", [Polygon]),
    ],
)
def test_real_files_are_read_as_shapely_reads_them_and_survive(shared_data: Path, name, kinds):
    text = (shared_data / "annotations" / name).read_text()
    top = json.loads(text)
    features = top.get("features", [top])

    found = parse(text)

    assert [type(marked.shape) for marked in found] == kinds
    for marked, feature in zip(found, features, strict=True):
        expected = shapely.geometry.shape(feature["geometry"])
        assert shapes.geometry(marked.shape).equals(expected)
        assert marked.traits.name == feature["properties"].get("name", "")
    assert parse(write(*found)) == found


def test_what_is_written_is_read_by_shapely():
    brush = Brush(positive=(square(0, 0, 90), square(200, 0, 9)), negative=(square(20, 20, 5),))
    marked = [
        Marked(shape=shape)
        for shape in (brush, Rect(x=1, y=2, width=3, height=4), Polyline(line=square(0, 0, 9)))
    ]

    features = json.loads(write(*marked))["features"]

    for single, feature in zip(marked, features, strict=True):
        read = shapely.geometry.shape(feature["geometry"])
        assert read.is_valid
        assert read.equals(shapes.geometry(single.shape))


def feature(geometry: object = None, **properties: object) -> dict[str, object]:
    ring = [[0, 0], [9, 0], [9, 9], [3, 12], [0, 9], [0, 0]]
    geometry = geometry or {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


@pytest.mark.parametrize(
    ("properties", "traits"),
    [
        # Source: QuPath, GsonTools.java and QuPathTypeAdapters.java: now, and up to 0.3.
        (
            {"objectType": "cell", "classification": {"name": "Tumor", "color": [200, 0, 0]}},
            Traits(kind="cell", group="Tumor", colour="#c80000"),
        ),
        (
            {"classification": {"names": ["Tumor", "Positive"], "color": [1, 2, 3, 128]}},
            Traits(group="Tumor: Positive", colour="#010203"),
        ),
        ({"classification": "Stroma"}, Traits(group="Stroma")),
        (
            {"classification": {"name": "Old", "colorRGB": -3670016}},
            Traits(group="Old", colour="#c80000"),
        ),
        ({"object_type": "tile", "color": [255, 0, 0]}, Traits(kind="tile", colour="#ff0000")),
        ({"isLocked": True, "name": "Roi"}, Traits(is_locked=True, name="Roi")),
        (
            {"measurements": [{"name": "Area", "value": 4.5}]},
            Traits(measurements=(("Area", 4.5),)),
        ),
        (
            {"measurements": {"Area": 4, "Mean": "-Infinity"}},
            Traits(measurements=(("Area", 4.0), ("Mean", float("-inf")))),
        ),
        ({"objectType": "tmaCore", "isMissing": True, "name": "A-1"}, None),
        ({"objectType": "spaceship", "metadata": {"a": "b"}}, Traits(metadata=(("a", "b"),))),
    ],
)
def test_properties_of_every_version_are_read(properties, traits):
    (marked,) = parse([feature(**properties)])

    expected = traits or Traits(kind="tmaCore", name="A-1", metadata=(("isMissing", "true"),))
    assert marked.traits == expected
    assert parse(write(marked)) == [marked]


def test_nan_measurement_is_written_as_qupath_writes_it():
    marked = Marked(
        shape=Points(places=Coordinates([[1, 2]])),
        traits=Traits(measurements=(("A", float("nan")),)),
    )

    assert b'"measurements":{"A":"NaN"}' in write(marked)


def test_colourless_class_is_a_text_for_qupath_refuses_an_object_without_colour():
    # Source: QuPath, GsonTools.java, PathClassTypeAdapter.read.
    marked = Marked(shape=square_marked().shape, traits=Traits(group="Stroma"))

    assert json.loads(write(marked))["features"][0]["properties"]["classification"] == "Stroma"


def square_marked() -> Marked:
    return Marked(shape=Polygon(outline=square(0, 0, 9)))


def test_cells_keep_their_nuclei():
    ring = [[3, 3], [5, 3], [5, 5], [3, 3]]
    cell = feature(objectType="cell") | {
        "nucleusGeometry": {"type": "Polygon", "coordinates": [ring]}
    }

    (marked,) = parse([cell])

    assert marked.nucleus == Polygon(outline=Coordinates(ring[:-1]))
    assert parse(write(marked)) == [marked]


def test_collections_and_nested_objects_are_taken_apart():
    parts = [
        {"type": "Point", "coordinates": [1, 2, 0]},
        {"type": "MultiLineString", "coordinates": [[[0, 0], [1, 1]], [[2, 2], [3, 3]]]},
    ]
    child = feature({"type": "Point", "coordinates": [7, 7]}, name="child")
    parent = feature({"type": "GeometryCollection", "geometries": parts}, childObjects=[child])
    losses = Losses()

    found = list(singly(geojson.parse(io.BytesIO(json.dumps([parent]).encode()), losses)))

    assert [type(marked.shape) for marked in found] == [Points, Polyline, Polyline, Points]
    assert found[-1].traits.name == "child"
    assert losses.lines() == [
        "1 × several geometries of one feature taken apart",
        "1 × nesting of objects undone",
    ]


@pytest.mark.parametrize(
    "wrap",
    [
        lambda one: [one],
        lambda one: {"type": "FeatureCollection", "features": [one]},
        lambda one: {"features": [one], "type": "FeatureCollection", "crs": {"a": [1, {}]}},
        lambda one: one,
        lambda one: one["geometry"],
    ],
    ids=["array", "collection", "late type", "feature", "geometry"],
)
def test_every_wrapping_is_read(wrap):
    (marked,) = parse(wrap(feature()))

    assert marked.shape.outline == Coordinates([[0, 0], [9, 0], [9, 9], [3, 12], [0, 9]])


def test_many_polygons_come_packed_and_share_their_traits():
    text = json.dumps([feature(objectType="detection", classification="T")] * 5000)

    packs = list(geojson.parse(io.BytesIO(text.encode()), Losses()))

    assert all(isinstance(pack, MarkedPack) for pack in packs)
    assert sum(map(len, packs)) == 5000
    assert len({id(traits) for pack in packs for traits in pack.traits}) == 1


def test_what_has_no_geometry_is_left_out_and_told():
    losses = Losses()
    marked = [
        Marked(shape=Heatmap(levels=Levels([[1]]), downscale=4)),
        Marked(shape=Rect(x=float("nan"), y=2, width=3, height=4)),
    ]

    assert parse(write(*marked, losses=losses)) == []
    assert losses.lines() == [
        "1 × heat map left out: GeoJSON has none",
        "1 × shape left out: it lacks a coordinate",
    ]


POLYGON = '{"type":"Feature","geometry":{"type":"Polygon","coordinates":%s}}'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is no JSON array or object"),
        ("[1]", "feature 1: a feature must be a JSON object, not 1"),
        ("[{}]", "feature 1: type is None; expected Feature"),
        ('{"type":"Topology"}', "expected FeatureCollection, Feature or a geometry"),
        (f"[{POLYGON % '[[[0,0],[1,1],[NaN,2]]]'}]", "element 1 is no JSON"),
        (f"[{POLYGON % '[[[0,0],[1,1],[1e400,2]]]'}]", "infinity"),
        (f"[{POLYGON % '[[[0,0],[1,1],[null,2]]]'}]", "feature 1: a position is [None, 2]"),
        (f"[{POLYGON % '[[[0,0],[1,1],[true,2]]]'}]", "a position is [True, 2]"),
        (f"[{POLYGON % '[[[0,0],[1,1],[2]]]'}]", "expected [x, y], both numbers"),
        (f"[{POLYGON % '[[0,0],[1,1]]'}]", "a position must be a JSON array, not 0"),
        (f"[{POLYGON % '{}'}]", "coordinates must be a JSON array"),
        (f"[{POLYGON % '[7]'}]", "coordinates must be a JSON array, not 7"),
        (f"[{POLYGON % ('[' * 200)}", "is nested more than 100 deep"),
        (f"[{POLYGON % '[[[0,0]'}", "is cut off"),
        ('[{"type":"Feature","geometry":{"type":"Circle","coordinates":[1]}}]', "'Circle'"),
        (json.dumps([feature(color="red")]), "color is 'red'; expected [red, green, blue]"),
        (json.dumps([feature(name=7)]), "name must be a text, not 7"),
        (json.dumps([feature(measurements={"A": "x"})]), "measurement 'A' is 'x'"),
    ],
)
def test_wrong_text_is_refused_naming_the_feature(text, told):
    with pytest.raises(InputError) as caught:
        parse(text)

    assert told in caught.value.message
    assert caught.value.message.startswith("GeoJSON: ")


def test_the_broken_one_of_many_features_is_named():
    features = [json.dumps(feature(objectType="detection")) for _ in range(3000)]
    features[2345] = POLYGON % '[[[0,0],[1,"1"],[2,2]]]'

    with pytest.raises(InputError, match=r"feature 2,346: a position is \[1, '1'\]"):
        parse(f"[{','.join(features)}]")
