"""Tables of results with answers of any length: read and written piece by piece."""

from __future__ import annotations

import io

import pytest

from records.errors import InputError
from scoring.formats import answer_lines, answer_tsv
from scoring.formats.answer_tsv import Author
from scoring.marked import Losses, Marked, Traits, singly
from scoring.shapes import Coordinates, Points, Polygon

HEADER = "ImageID\tImage Name\tBy\tQuestion\tAnswer"
START = "7\tslide\ta@b.org\tQ"
POINTS = "[" + ",".join(f'{{"x":{number},"y":1}}' for number in range(40)) + "]"


@pytest.fixture(autouse=True)
def small_lines(monkeypatch):
    """Take every answer of this module for a long one."""
    monkeypatch.setattr(answer_lines, "MAX_LINE_BYTES", 200)


def rows(text: str) -> list[tuple[int, str, str]]:
    found = answer_lines.read(io.BytesIO(text.encode()), source="table")
    return [(row.line, row.question, answer.read().decode()) for row, answer in found]


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
@pytest.mark.parametrize(
    ("header", "behind"),
    [("", ""), (HEADER, ""), (f"{HEADER}\tlastModifiedOn", "\t2026-01-31T12:00:00Z")],
)
def test_short_and_long_answers_are_told_one_after_the_other(header, behind, end):
    lines = [f"{START}\t{answer}{behind}" for answer in ("[]", POINTS, "no", POINTS)]

    found = rows("\n".join([header, *lines]) + end)

    assert [(line, question) for line, question, _ in found] == [(n, "Q") for n in (2, 3, 4, 5)]
    assert [answer.strip() for _, _, answer in found] == ["[]", POINTS, "no", POINTS]


def test_answers_that_nobody_reads_are_passed_over():
    text = "\n".join([HEADER, f"{START}\t{POINTS}", f"{START}\tend"])

    found = [row.line for row, _ in answer_lines.read(io.BytesIO(text.encode()), source="table")]

    assert found == [2, 3]


def test_a_long_first_line_is_no_answer():
    assert rows(f"{START}\t{POINTS}\n{START}\tx") == [(2, "Q", "x")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{HEADER}\n{'7' * 300}", "more than 0 MiB before its answer"),
        (f"Answer\tImageID\tBy\tQuestion\n{POINTS}\t7\ta@b.org\tQ", "or a column behind it"),
        (f"{HEADER}\tlastModifiedOn\n{START}\t{POINTS}", "other columns behind its answer"),
        (f"{HEADER}\n{START}\t{POINTS}\tmore", "other columns behind its answer"),
        (f"\nno number\tslide\ta@b.org\tQ\t{POINTS}", "ImageID is 'no number'"),
        (f"{HEADER}\n{START}", "line 2: has 4 columns"),
    ],
)
def test_what_is_no_row_is_refused(text, message):
    with pytest.raises(InputError, match=message):
        rows(text)


def test_no_utf8_is_refused_with_its_line():
    with pytest.raises(InputError, match="line 2: is no UTF-8 text"):
        list(answer_lines.read(io.BytesIO(b"\n7\t\xff\ta\tQ\tx"), source="table"))


def test_a_wrong_shape_in_a_long_answer_is_told_with_its_line():
    broken = POINTS.replace('"x":30', '"x":"thirty"')

    with pytest.raises(InputError, match=r"line 3: annotation 31: a point\.x must be a number"):
        list(answer_tsv.parse(io.BytesIO(f"\n\n{START}\t{broken}\n".encode()), Losses()))


def test_answers_grow_side_by_side(monkeypatch):
    monkeypatch.setattr(answer_tsv, "_HELD_BYTES", 100)
    triangle = Polygon(outline=Coordinates([[0, 0], [9.5, 0], [0, 9]]))
    dot = Points(places=Coordinates([[1, 2]]))
    marked = [
        Marked(shape=shape, traits=Traits(group=group))
        for group, shape in [("A", triangle), ("B", triangle), ("C", dot)] * 5
    ]

    data = b"".join(answer_tsv.write(marked, Losses(), author=Author(slide_id=7, email="a@b.org")))
    found = list(singly(answer_tsv.parse(io.BytesIO(data), Losses())))

    assert [one.traits.group for one in found] == ["A"] * 5 + ["B"] * 5 + ["C"]
    assert [one.shape for one in found[:10]] == [triangle] * 10
    assert found[10].shape == Points(places=Coordinates([[1, 2]] * 5))
