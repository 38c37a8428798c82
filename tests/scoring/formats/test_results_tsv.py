"""Tables of results: every shape that clients send, and the download."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from records.errors import InputError
from scoring.formats import results_tsv
from scoring.formats.results_tsv import Layout, ResultRow, Results

CELL = st.text(st.characters(exclude_characters="\t\r\n", exclude_categories=("Cs",)), max_size=12)
NAME = CELL.map(str.strip).filter(bool)
INDEX = st.integers(0, 10**6)


@st.composite
def _rows(draw: st.DrawFn) -> ResultRow:
    about_case = draw(st.booleans())
    core = None if about_case else draw(st.none() | st.tuples(INDEX, INDEX, CELL.map(str.strip)))
    row, column, sample = core or (None, None, None)
    return ResultRow(
        slide_id=None if about_case else draw(st.integers(1, 10**9)),
        slide_name="" if about_case else draw(CELL.map(str.strip)),
        case_name=draw(NAME if about_case else st.none() | NAME),
        email=draw(NAME),
        tma_row=row,
        tma_column=column,
        tma_sample=sample,
        question=draw(NAME),
        value=draw(CELL),
        modified_on=draw(st.none() | NAME),
    )


def parse_rows(*lines: str) -> tuple[ResultRow, ...]:
    return results_tsv.parse("\n".join(("", *lines))).rows


@given(st.lists(_rows(), max_size=6).map(tuple))
def test_what_is_written_is_read_back(rows):
    results = Results(rows)

    assert results_tsv.parse(results_tsv.write(results)) == results


def test_row_of_five_columns_is_an_answer_about_a_slide():
    (row,) = parse_rows("7\tslide 7\tA@b.org\tTumour\t30")

    assert row == ResultRow(
        slide_id=7, slide_name="slide 7", email="A@b.org", question="Tumour", value="30"
    )
    assert row.line == 2


def test_row_of_eight_columns_is_an_answer_about_a_core():
    (row,) = parse_rows("7\ts\ta@b.org\t0\t3\tS1\tQ\tx")

    assert (row.tma_row, row.tma_column, row.tma_sample, row.value) == (0, 3, "S1", "x")


def test_case_name_comes_before_six_and_nine_columns():
    slide, core = parse_rows("C1\t7\ts\ta@b.org\tQ\tx", "C1\t7\ts\ta@b.org\t0\t3\tS1\tQ\ty")

    assert (slide.case_name, slide.slide_id, slide.value) == ("C1", 7, "x")
    assert (core.case_name, core.tma_column, core.value) == ("C1", 3, "y")


@pytest.mark.parametrize(
    "line",
    [
        "C1\ta@b.org\tQ\tx",
        # Source: SDK, toRow: it repeats the case's name, or writes 0 for the missing image.
        "C1\tC1\ta@b.org\tQ\tx",
        "C1\t0\t\ta@b.org\tQ\tx",
    ],
)
def test_answer_about_a_case_is_read_in_all_the_ways_it_is_written(line):
    (row,) = parse_rows(line)

    assert row == ResultRow(slide_id=None, case_name="C1", email="a@b.org", question="Q", value="x")


@pytest.mark.parametrize("first", ["", "#header", "anything at all", "1\t2"])
def test_first_line_is_never_an_answer(first):
    results = results_tsv.parse(f"{first}\n7\ts\ta@b.org\tQ\tx")

    assert len(results.rows) == 1
    assert results.notes == ()


def test_sender_is_told_when_the_dropped_line_looks_like_an_answer():
    results = results_tsv.parse("7\ts\ta@b.org\tQ\tx")

    assert results.rows == ()
    assert "line 1 was taken as a header" in results.notes[0]


def test_download_with_dates_is_read_by_its_header():
    # Source: slidescore.md 3.7: NKI's client insists on exactly this header.
    header = "ImageID\tImage Name\tBy\tQuestion\tAnswer\tlastModifiedOn"

    results = results_tsv.parse(f"{header}\n7\ts\ta@b.org\tQ\tx\t2026-01-31T12:00:00Z\n")

    assert Layout().header() == header
    assert results.rows[0].modified_on == "2026-01-31T12:00:00Z"
    assert results.rows[0].case_name is None


def test_columns_are_found_by_name_in_any_order_and_spelling():
    text = "question\tANSWER\timage_id\tUser\tcolour\nQ\tx\t7\ta@b.org\tred"

    (row,) = results_tsv.parse(text).rows

    assert row == ResultRow(slide_id=7, email="a@b.org", question="Q", value="x")


def test_blank_lines_and_windows_line_ends_are_passed_over():
    results = results_tsv.parse("\r\n7\ts\ta@b.org\tQ\tx\r\n\r\n \n8\ts\ta@b.org\tQ\ty")

    assert [(row.slide_id, row.value, row.line) for row in results.rows] == [
        (7, "x", 2),
        (8, "y", 5),
    ]


def test_empty_answer_and_spaces_in_an_answer_are_kept():
    empty, spaced = parse_rows("7\ts\ta@b.org\tQ\t", "7\ts\ta@b.org\tQ\t x ")

    assert (empty.value, spaced.value) == ("", " x ")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("a\tb\tc", "line 2: has 3 columns; expected ImageID, Name, By, Question, Answer"),
        ("x7\ts\ta@b.org\tQ\tx", "line 2: ImageID is 'x7'; expected a whole number"),
        ("-7\ts\ta@b.org\tQ\tx", "ImageID is '-7'"),
        ("٣\ts\ta@b.org\tQ\tx", "ImageID is '٣'"),
        ("7\ts\ta@b.org\t1.5\t0\tS\tQ\tx", "TMA Row is '1.5'; expected a whole number"),
        ("7\ts\t \tQ\tx", "By is empty; expected an e-mail address"),
        ("7\ts\ta@b.org\t\tx", "Question is empty"),
        ("0\ts\ta@b.org\tQ\tx", "ImageID is '0'; expected a slide's id, or a CaseName"),
        ("7\ts\ta@b.org\tQ\tx\ry", "Answer 'x\\ry' holds a line break"),
    ],
)
def test_wrong_row_is_refused_naming_line_column_value_and_form(line, told):
    with pytest.raises(InputError) as caught:
        parse_rows(line)

    assert told in caught.value.message


def test_row_that_does_not_fit_its_header_is_refused():
    header = "ImageID\tImage Name\tBy\tQuestion\tAnswer\tlastModifiedOn"

    with pytest.raises(InputError, match="has 5 columns where the header has 6"):
        results_tsv.parse(f"{header}\n7\ts\ta@b.org\tQ\tx")


def test_all_wrong_lines_are_told_together_up_to_a_bound():
    with pytest.raises(InputError) as caught:
        parse_rows(*["x"] * 50)

    told = caught.value.message.splitlines()
    assert told[0] == "nothing was stored:"
    assert told[1].startswith("line 2:")
    assert told[-1] == "and 30 more wrong lines"
    assert len(told) == 22


def test_download_has_the_columns_its_rows_need():
    plain = Layout()
    full = Layout(cases=True, cores=True)
    row = ResultRow(slide_id=7, slide_name="s", email="a@b.org", question="Q", value="x")

    assert plain.line(row) == "7\ts\ta@b.org\tQ\tx\t"
    assert full.header() == (
        "CaseName\tImageID\tImage Name\tBy\tTMA Row\tTMA Col\tTMA Sample\tQuestion\tAnswer"
        "\tlastModifiedOn"
    )
    assert full.line(row) == "\t7\ts\ta@b.org\t\t\t\tQ\tx\t"


def test_tab_in_a_name_does_not_break_the_table():
    row = ResultRow(slide_id=7, slide_name="a\tb\nc", email="a@b.org", question="Q", value="x")

    assert Layout(modified_on=False).line(row) == "7\ta b c\ta@b.org\tQ\tx"
