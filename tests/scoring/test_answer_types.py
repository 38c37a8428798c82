"""Types of answers: what each of the twenty types of question takes."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from records import question_types
from scoring import answer_types
from scoring.answer_types import Sheet


def complaint(kind: str, value: str, values: str = "") -> str | None:
    return answer_types.complaint(Sheet(type=question_types.by_name(kind), values=values), value)


@pytest.mark.parametrize("kind", question_types.NAMES)
def test_empty_answer_clears_any_question(kind):
    assert complaint(kind, "") is None


@pytest.mark.parametrize(
    ("kind", "values", "answers"),
    [
        ("FreeText", "", ["any text ; of ÄÖ 漢字 🙂", " ", "[{"]),
        ("Integer", "", ["0", "-5", "+7", "123456789012345678"]),
        ("Integer", "0;10", ["0", "10"]),
        ("Real", "", ["1", "-2.5", ".5", "3.", "1e-3"]),
        ("DropDown", "a;b c", ["a", "b c", "B C"]),
        ("DropDown", "", ["whatever"]),
        ("PositiveNegative", "", ["positive", "Negative", "not representative"]),
        ("Intensities", "", ["0", "1+", "3+", "2", "missing"]),
        ("Percentage", "", ["0", "100", "37.5"]),
        ("PercentageOnly", "0;10;50", ["25"]),
        ("Checkbox", "", ["yes", "No", "true", "0"]),
        ("ClickFriendly", "Yes;;No;;", ["Yes", "No", "missing"]),
        ("ClickFriendlyOnly", "Yes;extra;No;", ["Yes", "No"]),
        ("ClickFriendlyPollOnly", "Option1;;Option2;;Option3", ["Option1", "Option3"]),
        ("HScore", "", ["0", "300", "155.5", "Missing"]),
        ("AnnoPoints", "#fff", ['[{"x":1,"y":2}]', "[]"]),
        ("AnnoPoints", "#fff", ['[{"type":"ellipse","x":1,"y":1,"width":10,"height":10}]']),
        ("AnnoShapes", "#fff", ['[{"type":"polygon","points":[{"x":null,"y":1}]}]']),
        ("AnnoMeasure", "#fff", ['[{"anything": [1, 2]}]']),
    ],
)
def test_answers_of_the_type_are_taken(kind, values, answers):
    assert [complaint(kind, answer, values) for answer in answers] == [None] * len(answers)


@pytest.mark.parametrize(
    ("kind", "values", "answer", "expected"),
    [
        ("Integer", "", "1.5", "'1.5' is no answer to it; expected a whole number"),
        ("Integer", "", "٣", "expected a whole number"),
        ("Integer", "0;10", "11", "expected a whole number from 0 to 10"),
        ("Real", "", "1,5", "expected a number with a decimal point"),
        ("Real", "", "NaN", "expected a number with a decimal point"),
        ("Real", "", "9e999", "expected a number with a decimal point"),
        ("Real", "", "1_0", "expected a number with a decimal point"),
        ("Real", "0;1", "1.5", "expected a number with a decimal point from 0 to 1"),
        ("DropDown", "a;b", "c", "'c' is no answer to it; expected one of a, b"),
        ("PositiveNegative", "", "maybe", "expected one of positive, negative"),
        ("PositiveNegativeOnly", "", "missing", "expected one of positive, negative"),
        ("Intensities", "", "4+", "expected one of 0, 1+, 2+, 3+"),
        ("Percentage", "", "101", "expected a number from 0 to 100"),
        ("Percentage", "", "-1", "expected a number from 0 to 100"),
        ("Percentage", "", "50%", "expected a number from 0 to 100"),
        ("Checkbox", "", "perhaps", "expected yes or no"),
        ("ClickFriendlyPollOnly", "Option1;;Option2", "Option3", "one of Option1, Option2"),
        ("Explanation", "", "x", "expected none: it is an explanation"),
        ("HScore", "", "301", "expected a number from 0 to 300"),
        ("HScoreOnly", "", "missing", "expected a number from 0 to 300"),
        ("AnnoPoints", "", "many", "'many' expected a JSON array"),
        ("AnnoShapes", "", '[{"type":"star"}]', "annotation 1: 'star' is no type of shape"),
        ("AnnoMeasure", "", '{"a":1}', "expected a JSON array"),
        ("FreeText", "", "a\tb", "holds a tab, a line break or a control character"),
        ("FreeText", "", "a\nb", "expected one line"),
        ("FreeText", "", "a\x00b", "control character"),
        ("FreeText", "", "a\ud800b", "control character"),
    ],
)
def test_other_answers_are_told_with_value_and_form(kind, values, answer, expected):
    assert expected in complaint(kind, answer, values)


@given(st.sampled_from(question_types.NAMES), st.text(max_size=30), st.text(max_size=20))
def test_any_text_is_taken_or_told(kind, value, values):
    found = complaint(kind, value, values)

    assert found is None or found
