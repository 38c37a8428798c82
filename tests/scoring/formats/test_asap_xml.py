"""ASAP's XML: real files, hostile ones, and the round trip."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st

from records.errors import InputError
from scoring.formats import asap_xml
from scoring.formats.asap_xml import AsapAnnotation, AsapFile, AsapGroup
from scoring.shapes import Coordinates

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data is not here")

NAMES = st.text(
    st.characters(
        min_codepoint=32, exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"
    ),
    max_size=12,
)
GROUP_NAMES = NAMES.filter(lambda name: name not in {"", "None"})
COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
PLACES = st.lists(st.tuples(st.floats(-1e7, 1e7), st.floats(-1e7, 1e7)), max_size=5).map(
    Coordinates
)


@st.composite
def _files(draw: st.DrawFn) -> AsapFile:
    groups = tuple(
        AsapGroup(name=name, colour=draw(COLOURS), parent=draw(st.none() | GROUP_NAMES))
        for name in draw(st.lists(GROUP_NAMES, max_size=3, unique=True))
    )
    names = st.sampled_from([group.name for group in groups]) if groups else st.none()
    annotation = st.builds(
        AsapAnnotation,
        name=NAMES,
        kind=st.sampled_from(asap_xml.KINDS),
        colour=COLOURS,
        group=st.none() | names,
        places=PLACES,
    )
    return AsapFile(tuple(draw(st.lists(annotation, max_size=4))), groups)


@given(_files())
def test_what_is_written_is_read_back(file):
    assert asap_xml.parse(asap_xml.write(file)) == file


@needs_data
@pytest.mark.parametrize(
    ("name", "kinds", "points", "colours"),
    [
        ("GPL_pathml-tutorial_normal_042.xml", {"Polygon"}, 376, {"#64fe2e", "#f4fa58"}),
        ("GPL_pathml-tutorial_tumor_031.xml", {"Polygon"}, 563, {"#64fe2e", "#f4fa58"}),
        ("dlup_asap_example.xml", {"Polygon"}, 9, {"#f96400"}),
        ("slidescore_sdk_asap.xml", {"Polygon"}, 32, {"#000000", "#e6194b"}),
        ("wsidicom_asap-dot.xml", {"Dot"}, 1, {"#f4fa58"}),
        ("wsidicom_asap-pointset.xml", {"PointSet"}, 5, {"#f4fa58"}),
        ("wsidicom_asap-polygon.xml", {"Polygon"}, 6, {"#f4fa58"}),
    ],
)
def test_real_files_are_read_whole_and_survive_the_round_trip(name, kinds, points, colours):
    # Source: shared/data/MANIFEST.md gives the figures.
    file = asap_xml.parse((DATA / "annotations" / name).read_text())

    assert {annotation.kind for annotation in file.annotations} == kinds
    assert sum(len(annotation.places) for annotation in file.annotations) == points
    used = {annotation.colour for annotation in file.annotations}
    assert used | {group.colour for group in file.groups} == colours
    again = asap_xml.parse(asap_xml.write(file))
    assert again.annotations == file.annotations


def xml(annotation: str, groups: str = "") -> str:
    return (
        f"<ASAP_Annotations><Annotations>{annotation}</Annotations>"
        f"<AnnotationGroups>{groups}</AnnotationGroups></ASAP_Annotations>"
    )


def one(attributes: str = 'X="1" Y="2"', kind: str = "Dot", extra: str = "") -> str:
    return (
        f'<Annotation Name="A" Type="{kind}" PartOfGroup="None" {extra}><Coordinates>'
        f"<Coordinate {attributes}/></Coordinates></Annotation>"
    )


def test_coordinates_come_in_the_order_they_name():
    text = xml(
        '<Annotation Name="A" Type="PointSet" Color="#fff"><Coordinates>'
        '<Coordinate Order="2" X="3" Y="3"/><Coordinate Order="0" X="1" Y="1"/>'
        '<Coordinate Order="1" X="2" Y="2"/></Coordinates></Annotation>'
    )

    (annotation,) = asap_xml.parse(text).annotations

    assert np.array_equal(annotation.places.array, [[1, 1], [2, 2], [3, 3]])
    assert annotation.colour == "#ffffff"


def test_annotation_without_colour_takes_its_groups_or_the_default():
    text = xml(
        '<Annotation Name="A" Type="Dot" PartOfGroup="g"><Coordinates/></Annotation>'
        '<Annotation Name="B" Type="Dot"><Coordinates/></Annotation>',
        '<Group Name="g" PartOfGroup="None" Color="#AB00CD"><Attributes/></Group>',
    )

    first, second = asap_xml.parse(text).annotations

    assert (first.colour, second.colour) == ("#ab00cd", asap_xml.DEFAULT_COLOUR)


def test_every_group_that_is_named_is_listed_when_written():
    # Source: ASAP, XmlRepository.cpp: it refuses a file whose groups are not all listed.
    annotation = AsapAnnotation(
        name="A", kind="Dot", colour="#123456", group="tumour", places=Coordinates([[1, 2]])
    )

    written = asap_xml.write(AsapFile((annotation,)))

    assert asap_xml.parse(written).groups == (AsapGroup(name="tumour", colour="#123456"),)


def test_characters_that_xml_cannot_hold_are_left_out():
    annotation = AsapAnnotation(
        name="a\x00b\x1bc\ufffe", kind="Dot", colour="#123456", group=None, places=Coordinates([])
    )

    assert asap_xml.parse(asap_xml.write(AsapFile((annotation,)))).annotations[0].name == "abc"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is not well-formed"),
        ("<ASAP_Annotations>", "ASAP XML, line 1, column 19: is not well-formed"),
        ("<html></html>", "starts with the element 'html'; expected ASAP_Annotations"),
        (xml(one(kind="Star")), "annotation 1 has the Type 'Star'; expected one of Dot"),
        (xml(one('X="NaN" Y="2"')), "annotation 1: X is 'NaN'; expected a finite number"),
        (xml(one('X="1e400" Y="2"')), "X is '1e400'"),
        (xml(one('X="1_0" Y="2"')), "X is '1_0'"),
        (xml(one('X="1"')), "Y is ''"),
        (xml(one(extra='Color="red"')), "annotation 1: 'red' is no colour"),
        ("<!DOCTYPE a><ASAP_Annotations/>", "a DOCTYPE is not allowed"),
    ],
)
def test_wrong_text_is_refused_naming_place_and_form(text, told):
    with pytest.raises(InputError) as caught:
        asap_xml.parse(text)

    assert told in caught.value.message


@needs_data
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("billion_laughs.xml", "a DOCTYPE is not allowed"),
        ("xxe_file.xml", "a DOCTYPE is not allowed"),
        ("coord_nan.xml", "annotation 1: X is 'NaN'"),
    ],
)
def test_hostile_files_are_refused_at_once(name, told):
    started = time.perf_counter()

    with pytest.raises(InputError) as caught:
        asap_xml.parse((DATA / "bad" / name).read_text())

    assert told in caught.value.message
    assert time.perf_counter() - started < 20


def test_names_with_signs_of_xml_survive():
    name = "<a & 'b' \"c\">\n\t"
    annotation = AsapAnnotation(
        name=name, kind="Dot", colour="#123456", group=name, places=Coordinates([[0.5, -2]])
    )

    again = asap_xml.parse(asap_xml.write(AsapFile((annotation,))))

    assert again.annotations == (annotation,)


def test_more_points_than_are_read_are_not_written(monkeypatch):
    monkeypatch.setattr(asap_xml, "MAX_COORDINATES", 3)
    annotation = AsapAnnotation(
        name="A", kind="PointSet", colour="#123456", group=None, places=Coordinates([[1, 2]] * 4)
    )

    with pytest.raises(InputError, match="too many for ASAP"):
        asap_xml.write(AsapFile((annotation,)))
