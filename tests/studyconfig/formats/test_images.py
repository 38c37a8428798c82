"""The slides that a study refers to: ``*.images``."""

import time

import pytest
from hypothesis import given, strategies as st

from studyconfig.formats import images
from studyconfig.formats.images import SlideReference, SlideReferences
from studyconfig.text import ConfigSyntaxError
from tests.studyconfig.strategies import field_texts

SLIDES = st.builds(
    SlideReference,
    path=field_texts(without="\\"),
    map_name=st.none() | field_texts(),
    rotation=st.none() | st.sampled_from(images.ROTATIONS),
    name=st.none() | field_texts(),
)


@given(st.lists(SLIDES, unique_by=lambda slide: slide.path).map(tuple).map(SlideReferences))
def test_what_is_written_is_read_back(references):
    assert images.parse(images.write(references)) == references


def test_documented_example():
    # SOURCE: seed, Slides (documentation of the vendor's API page).
    example = (
        "../otherfolder/1.svs\n"
        "../otherfolder/2.svs;study.example.map;90\n"
        "../otherfolder/011938r082.tif;;Nice Image\n"
    )

    found = images.parse(example)

    assert found.slides == (
        SlideReference(path="../otherfolder/1.svs"),
        SlideReference(path="../otherfolder/2.svs", map_name="study.example.map", rotation=90),
        SlideReference(path="../otherfolder/011938r082.tif", name="Nice Image"),
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a.svs;;;Nice Image", SlideReference(path="a.svs", name="Nice Image")),
        ("a.svs;;90;", SlideReference(path="a.svs", rotation=90)),
        ("a.svs;;;;;", SlideReference(path="a.svs")),
        ("..\\other\\a.svs", SlideReference(path="../other/a.svs")),
        (
            '"a;b.svs" ; "x;y.map" ; 0',
            SlideReference(path="a;b.svs", map_name="x;y.map", rotation=0),
        ),
        ('a.svs;;;"say ""hi"""', SlideReference(path="a.svs", name='say "hi"')),
        ('a.svs;;;5" print', SlideReference(path="a.svs", name='5" print')),
    ],
)
def test_fields_may_be_empty_left_out_or_quoted(line, expected):
    assert images.parse(f"\n{line}\r\n").slides == (expected,)


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        ("a.svs\nb.svs;;45\n", (2, 8), "'45' is no rotation; expected 0, 90, 180 or 270"),
        ("a.svs;;-90", (1, 8), "'-90' is no rotation"),
        ("a.svs;;ninety;Name", (1, 8), "'ninety' is no rotation"),
        ("a.svs;;;a;b", (1, 11), "more than 4 fields"),
        (";m.map", (1, 1), "the path is missing"),
        ('a.svs;"b', (1, 7), "must end with it"),
        ('"a" b.svs', (1, 1), "must end with it"),
        ("a.svs\na.svs;;90", (2, 1), "'a.svs' stands in line 1 with other properties"),
        ("a" * 2000, (1, 1), "at most 1024"),
    ],
)
def test_mistakes_are_named_with_their_place(content, place, message):
    with pytest.raises(ConfigSyntaxError) as caught:
        images.parse(content, source="x.images")

    assert (caught.value.line, caught.value.column) == place
    assert message in caught.value.message


@pytest.mark.parametrize("line", ["a;" + " " * 200_000 + '"', '"' + '""' * 200_000, ";" * 400_000])
def test_a_hostile_line_is_refused_quickly(line):
    started = time.perf_counter()

    with pytest.raises(ConfigSyntaxError):
        images.parse(line)

    # Quadratic work on such a line takes minutes.
    assert time.perf_counter() - started < 20
