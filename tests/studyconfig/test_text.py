"""Bytes of configuration files become text, or are refused at a named place."""

import codecs

import pytest
from hypothesis import given, strategies as st

from studyconfig import text
from studyconfig.text import ConfigSyntaxError, Field
from tests.studyconfig.strategies import CHARACTERS

CONTENT = "Größe\tReal\r\n好\tReal\n"


@pytest.mark.parametrize(
    "data",
    [
        CONTENT.encode(),
        codecs.BOM_UTF8 + CONTENT.encode(),
        codecs.BOM_UTF16_LE + CONTENT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + CONTENT.encode("utf-16-be"),
    ],
    ids=["utf-8", "utf-8 with mark", "utf-16 little", "utf-16 big"],
)
def test_text_is_the_same_in_each_encoding(data):
    assert text.decode(data, source="x") == CONTENT


@given(st.text(CHARACTERS | st.sampled_from("\t\n")))
def test_any_text_is_read_back_from_utf_8_and_utf_16(content):
    assert text.decode(content.encode(), source="x") == content
    assert text.decode(content.encode("utf-16"), source="x") == content


@pytest.mark.parametrize(
    ("data", "place", "message"),
    [
        (b"ok\r\nGr\xf6\xdfe\n", (2, 3), "0xF6 is not UTF-8 (in Latin-1 it would be 'ö')"),
        (codecs.BOM_UTF8 + b"ab\x80", (1, 3), "the byte 0x80 is not UTF-8; save the file as"),
        (codecs.BOM_UTF16_LE + b"a\0\n\0b", (2, 1), "is not UTF-16"),
        (codecs.BOM_UTF16_LE + b"a\0\x00\xd8b\0", (1, 2), "is not UTF-16"),
    ],
)
def test_a_stray_byte_is_refused_with_its_place(data, place, message):
    with pytest.raises(ConfigSyntaxError) as caught:
        text.decode(data, source="study.x.scores")

    assert (caught.value.line, caught.value.column) == place
    assert message in caught.value.message
    assert caught.value.source == "study.x.scores"


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("a\0b", (1, 2)),
        ("a\n\tb\x1b[31m", (2, 3)),
        ("a\r\n\r\n\ud800", (3, 1)),
        ("\x85", (1, 1)),
        ("a\ufeff", (1, 2)),
    ],
)
def test_control_characters_are_refused_with_their_place(content, place):
    with pytest.raises(ConfigSyntaxError) as caught:
        text.lines(content, source="x")

    assert (caught.value.line, caught.value.column) == place


def test_utf_16_without_mark_is_refused_not_garbled():
    content = text.decode("Grade".encode("utf-16-le"), source="x")

    with pytest.raises(ConfigSyntaxError, match=r"U\+0000 does not belong into text"):
        text.lines(content, source="x")


def test_lines_end_in_three_ways_and_at_no_other_character():
    found = text.lines("\ufeffa\r\nb\rc\n\nd\u2028e", source="x")

    assert [(line.number, line.text) for line in found] == [
        (1, "a"),
        (2, "b"),
        (3, "c"),
        (4, ""),
        (5, "d\u2028e"),
    ]


def test_fields_know_their_columns():
    line = text.Line(source="x", number=1, text=" a ;; b;c;d")

    assert line.fields(";", most=4) == [Field("a", 2), Field("", 5), Field("b", 7), Field("c;d", 9)]


@pytest.mark.parametrize("data", [b"x" * (text.MAX_FILE_BYTES + 1), b"\n" * (2 * text.MAX_LINES)])
def test_a_huge_file_is_refused(data):
    with pytest.raises(ConfigSyntaxError, match=r"at most|more than"):
        text.lines(text.decode(data, source="x"), source="x")


def test_what_is_shown_in_a_message_is_short():
    assert text.shown("x" * 1000) == "'" + "x" * 59 + "…'"
