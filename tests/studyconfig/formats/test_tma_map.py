"""Layouts of tissue microarrays: ``.map``."""

import pytest
from hypothesis import given, strategies as st

from studyconfig.formats import tma_map
from studyconfig.formats.tma_map import TmaMap
from studyconfig.text import ConfigSyntaxError
from tests.studyconfig.strategies import field_texts

# SOURCE: seed, TMA Maps (documentation of the vendor's API page).
EXAMPLE = (
    "tmas: 1.svs\n"
    "controls: ctrl\n"
    "ignore: 0, empty\n"
    "force: true\n"
    "\n"
    "1\t1\t1\tctrl\tctrl\tctrl\n"
    "2\t2\t2\t3\t3\t3\n"
    "0\t0\t0\t4\t4\t4\n"
    "5\t5\tempty\tempty\tempty\n"
)

LISTS = st.lists(field_texts(without=","), max_size=3).map(tuple)
SAMPLES = st.just("") | field_texts(most=8)
ROWS = (
    st.integers(1, 5)
    .flatmap(
        lambda width: st.lists(
            st.lists(SAMPLES, min_size=width, max_size=width).map(tuple), min_size=1, max_size=5
        )
    )
    .map(tuple)
    .filter(lambda rows: any(any(row) for row in rows))
)
OTHER_NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True).filter(
    lambda name: name not in {"tmas", "controls", "ignore", "force"}
)
OTHER = st.lists(
    st.tuples(OTHER_NAMES, field_texts(least=0)), max_size=3, unique_by=lambda entry: entry[0]
).map(tuple)


@given(
    st.builds(
        TmaMap,
        rows=ROWS,
        tmas=LISTS,
        controls=LISTS,
        ignore=LISTS,
        force=st.booleans(),
        other=OTHER,
    )
)
def test_what_is_written_is_read_back(value):
    assert tma_map.parse(tma_map.write(value)) == value


def test_documented_example():
    found = tma_map.parse(EXAMPLE)

    assert found == TmaMap(
        tmas=("1.svs",),
        controls=("ctrl",),
        ignore=("0", "empty"),
        force=True,
        rows=(
            ("1", "1", "1", "ctrl", "ctrl", "ctrl"),
            ("2", "2", "2", "3", "3", "3"),
            ("0", "0", "0", "4", "4", "4"),
            ("5", "5", "empty", "empty", "empty", ""),
        ),
    )
    assert found.is_control("CTRL")
    assert not found.is_control("1")
    assert found.is_ignored("0")
    assert not found.is_ignored("")


def test_a_map_may_have_no_header():
    assert tma_map.parse("a\tb\r\nc\r\n\r\n").rows == (("a", "b"), ("c", ""))


def test_a_file_that_begins_with_an_empty_line_has_no_header():
    assert tma_map.parse("\nx: y\n").rows == (("x: y",),)


def test_a_first_row_with_tabs_is_no_header():
    assert tma_map.parse("1:2\t3\n").rows == (("1:2", "3"),)


def test_tabs_that_a_spreadsheet_pads_the_header_with_are_dropped():
    padded = "tmas: 1.svs\t\t\nfoo: bar\t\t\n\t\t\na\tb\tc\n"

    assert tma_map.parse(padded) == TmaMap(
        tmas=("1.svs",), other=(("foo", "bar"),), rows=(("a", "b", "c"),)
    )


def test_empty_rows_between_and_padded_rows_at_the_end_are_kept():
    assert tma_map.parse("a\tb\n\nc\td\n\t\n \n\n").rows == (
        ("a", "b"),
        ("", ""),
        ("c", "d"),
        ("", ""),
    )


def test_unknown_header_properties_are_kept_in_lower_case():
    assert tma_map.parse("Core Size: 0.6 mm\n\na\n").other == (("core size", "0.6 mm"),)


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        ("tmas: 1.svs\n1\t2\n", (2, 1), "the empty line that ends the header"),
        ("tmas: 1.svs", (1, 1), "the map is missing"),
        ("tmas: 1.svs\nTMAs: 2.svs\n\n1\n", (2, 1), "'tmas' stands in line 1 already"),
        ("force: maybe\n\n1\n", (1, 1), "force is true or false, not 'maybe'"),
        ("force: true\n\n\t\n\n", (None, None), "the map has no cores"),
        ("", (None, None), "the map has no cores"),
        ("a\tb\n" + "x" * 500 + "\n", (2, 1), "at most 400"),
        ("a" + "\t" * 1000 + "\n" + "b\n" * 1000, (1, 1), "at most 100000 cores"),
    ],
)
def test_mistakes_are_named_with_their_place(content, place, message):
    with pytest.raises(ConfigSyntaxError) as caught:
        tma_map.parse(content, source="study.x.map1")

    assert (caught.value.line, caught.value.column) == place
    assert message in caught.value.message
    assert caught.value.source == "study.x.map1"
