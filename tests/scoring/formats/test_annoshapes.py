"""Annotation JSON: every spelling in, one spelling out, and clear refusals."""

from __future__ import annotations

import json
import math
import time

import pytest
from hypothesis import given

from records.errors import InputError
from scoring.formats import annoshapes
from scoring.shapes import Coordinates, Ellipse, FileLink, Heatmap, Levels, Points, Polygon, Rect
from tests.scoring import strategies


@given(strategies.ANSWERS)
def test_what_is_written_is_read_back(drawn):
    assert annoshapes.parse(annoshapes.write(drawn)) == drawn


@given(strategies.ANSWERS)
def test_written_answer_is_one_line_without_tabs(drawn):
    text = annoshapes.write(drawn)

    assert not set("\t\r\n") & set(text)


def test_points_are_told_by_the_absence_of_a_type():
    drawn = annoshapes.parse('[{"x": 37591, "y": 18439}, {"x": 37518, "y": 18420.5}]')

    assert drawn == (Points(places=Coordinates([[37591, 18439], [37518, 18420.5]])),)


def test_whole_coordinates_are_written_without_a_point():
    # Source: slidescore.md 5: QuPath reads them as whole numbers.
    text = annoshapes.write([Points(places=Coordinates([[10.0, 20.5]]))])

    assert text == '[{"x":10,"y":20.5}]'


@pytest.mark.parametrize(
    "text",
    [
        '[{"type":"ellipse","center":{"x":5,"y":6},"size":{"x":3,"y":2}}]',
        '[{"type":"ellipse","x":5,"y":6,"width":6,"height":4}]',
        '[{"type":"Ellipse","x":5,"y":6,"width":6,"height":4}]',
    ],
)
def test_both_spellings_of_an_ellipse_are_the_same_ellipse(text):
    assert annoshapes.parse(text) == (Ellipse(x=5, y=6, radius_x=3, radius_y=2),)


def test_ellipse_is_written_as_centre_and_radii():
    # Source: slidescore.md 1 #2.
    text = annoshapes.write([Ellipse(x=5, y=6, radius_x=3, radius_y=2)])

    assert json.loads(text) == [
        {"type": "ellipse", "center": {"x": 5, "y": 6}, "size": {"x": 3, "y": 2}}
    ]


def test_rectangle_is_read_by_its_long_name_and_written_by_the_short_one():
    text = '[{"type":"rectangle","corner":{"x":1,"y":2},"size":{"x":3,"y":4}}]'

    drawn = annoshapes.parse(text)

    assert drawn == (Rect(x=1, y=2, width=3, height=4),)
    assert json.loads(annoshapes.write(drawn))[0]["type"] == "rect"


def test_null_coordinates_of_real_data_are_read_as_missing():
    # Source: slidescore.md 6.1.
    text = '[{"type":"ellipse","center":{"x":null,"y":null},"size":{"x":1,"y":1}}]'

    (ellipse,) = annoshapes.parse(text)

    assert math.isnan(ellipse.x)
    assert json.loads(annoshapes.write([ellipse])) == json.loads(text)


def test_documented_polygon_keeps_its_area_and_date():
    text = (
        '[{"type":"polygon","modifiedOn":"2023-01-01T12:00:00.000Z","points":'
        '[{"x":132,"y":110},{"x":298,"y":107},{"x":300,"y":253}],"area":"370 um2"}]'
    )

    (polygon,) = annoshapes.parse(text)

    assert polygon == Polygon(
        outline=Coordinates([[132, 110], [298, 107], [300, 253]]),
        modified_on="2023-01-01T12:00:00.000Z",
        area="370 um2",
    )


def test_labels_are_read_in_both_spellings():
    text = (
        '[{"type":"polyline","points":[{"x":1,"y":1}],"labels":['
        '{"label":"a","x":1,"y":2,"whenToShow":"mouseover","fontSize":12},'
        '{"name":"b","x":1,"y":2,"whentoshow":"always","fontsize":10}]}]'
    )

    (line,) = annoshapes.parse(text)

    assert [(label.text, label.always, label.font_size) for label in line.labels] == [
        ("a", False, 12),
        ("b", True, 10),
    ]


def test_heat_map_without_place_lies_at_the_corner():
    (heatmap,) = annoshapes.parse('[{"type":"heatmap","height":64,"data":[[255,0],[1,2]]}]')

    assert heatmap == Heatmap(levels=Levels([[255, 0], [1, 2]]), height=64)


def test_reference_to_an_annotation_file_is_read():
    text = '[{"type":"anno2","annoUUID":"8f51008c-9ede-e8b4-cba8-55a2cf6c73bf"}]'

    drawn = annoshapes.parse(text)

    assert drawn == (FileLink("8f51008c-9ede-e8b4-cba8-55a2cf6c73bf"),)
    assert annoshapes.write(drawn) == text


@pytest.mark.parametrize("text", ["[]", " [ ] ", "[\n]"])
def test_empty_array_holds_no_shapes(text):
    assert annoshapes.parse(text) == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "expected a JSON array"),
        ('{"x": 1, "y": 2}', "expected a JSON array"),
        ("[", "is no JSON"),
        ('[{"x":1,"y":2}', "expected , or ]"),
        ('[{"x":1,"y":2}] x', "something follows its end at character 17"),
        ('[{"x":1,"y":NaN}]', "NaN is not allowed"),
        ('[{"x":1,"y":Infinity}]', "Infinity is not allowed"),
        ('[{"x":1,"y":1e400}]', "too large to be a number"),
        ('[{"x":1,"y":1' + "0" * 400 + "}]", "too large to be a number"),
        ('[{"x":1,"y":1' + "0" * 5000 + "}]", "too many digits"),
        ('[{"x":"1","y":2}]', "annotation 1: a point.x must be a number, not '1'"),
        ('[{"x":true,"y":2}]', "a point.x must be a number"),
        ('[{"x":1,"y":2},{"x":1}]', "annotation 2: a point has no y"),
        ("[5]", "annotation 1: an annotation must be a JSON object, not 5"),
        ('[{"type":"star"}]', "'star' is no type of shape; expected polygon"),
        ('[{"type":5}]', "type must be a text"),
        ('[{"type":"polygon"}]', "points is missing"),
        ('[{"type":"polygon","points":{"x":1}}]', "points must be a JSON array"),
        ('[{"type":"polygon","points":[[1,2]]}]', "points must be a JSON object"),
        ('[{"type":"heatmap","data":[[1,2],[3]]}]', "rectangular"),
        ('[{"type":"heatmap","data":[]}]', "rectangular"),
        ('[{"type":"heatmap","data":[[256]]}]', "0 to 255"),
        ('[{"type":"heatmap","data":[[null]]}]', "0 to 255"),
        ('[{"type":"brush","positivePolygons":5}]', "positivePolygons must be a JSON array"),
    ],
)
def test_wrong_text_is_refused_naming_the_place_and_the_form(text, told):
    with pytest.raises(InputError) as caught:
        annoshapes.parse(text)

    assert told in caught.value.message


def test_deep_nesting_is_refused():
    with pytest.raises(InputError, match="nested too deeply"):
        annoshapes.parse("[" * 100_000)


def test_ten_million_points_in_one_polygon_are_refused_before_they_are_read():
    text = '[{"type":"polygon","points":[' + '{"x":1,"y":1},' * 10_000_000 + '{"x":1,"y":1}]}]'
    started = time.perf_counter()

    with pytest.raises(InputError, match="send it as an anno2 file"):
        annoshapes.parse(text)

    assert time.perf_counter() - started < 30
