"""What answers of each type of question become."""

from __future__ import annotations

import numpy as np
import pytest

from records import question_types
from records.errors import InputError
from scoring import agreement_scales
from scoring.agreement.ratings import MISSING, Scale
from scoring.agreement_scales import GivenAnswer
from scoring.answer_types import Sheet


def sheet(kind: str, values: str = "") -> Sheet:
    return Sheet(type=question_types.by_name(kind), values=values)


def made(asked: Sheet, *values: str, scale: Scale | None = None):
    """Make ratings of one reader, a subject per answer."""
    return agreement_scales.make_ratings(
        asked,
        scale or agreement_scales.default_scale(asked),
        [GivenAnswer(subject, 0, value) for subject, value in enumerate(values)],
        readers=["r"],
        subjects=[f"s{subject}" for subject in range(len(values))],
    )


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("FreeText", "", Scale.NOMINAL),
        ("Integer", "", Scale.INTERVAL),
        ("Real", "", Scale.INTERVAL),
        ("Percentage", "", Scale.INTERVAL),
        ("PercentageOnly", "", Scale.INTERVAL),
        ("HScore", "", Scale.INTERVAL),
        ("HScoreOnly", "", Scale.INTERVAL),
        ("PositiveNegative", "", Scale.NOMINAL),
        ("Checkbox", "", Scale.NOMINAL),
        ("Intensities", "", Scale.ORDINAL),
        ("IntensitiesOnly", "", Scale.ORDINAL),
        ("DropDown", "Ductal;Lobular;DCIS", Scale.NOMINAL),
        ("DropDown", "Grade 1;Grade 2;Grade 3", Scale.ORDINAL),
        ("DropDown", "3;1;2", Scale.NOMINAL),
        ("DropDown", "CD3;CD20", Scale.NOMINAL),
        ("ClickFriendly", "0;;1+;;2+;;", Scale.ORDINAL),
        ("ClickFriendlyPollOnly", "Low;;Middle;;High", Scale.NOMINAL),
    ],
)
def test_default_scale_is_by_type_and_options(kind, values, expected):
    assert agreement_scales.default_scale(sheet(kind, values)) is expected


def test_every_type_has_a_scale_or_a_reason():
    for question_type in question_types.QUESTION_TYPES:
        reason = agreement_scales.why_none(question_type)
        if reason is None:
            agreement_scales.default_scale(Sheet(type=question_type, values=""))
        else:
            assert question_type.is_annotation or question_type.name == "Explanation"


def test_spellings_of_an_answer_are_one():
    intensities, _ = made(sheet("Intensities"), "2+", "2", " 0 ", "3+")
    ticks, _ = made(sheet("Checkbox"), "yes", "TRUE", "0", "unchecked", "on")
    choices, _ = made(sheet("DropDown", "Ductal;Lobular"), "ductal", "LOBULAR ")
    texts, _ = made(sheet("FreeText"), "In  situ", "in situ", "Other")

    assert intensities.codes.ravel().tolist() == [2, 2, 0, 3]
    assert ticks.codes.ravel().tolist() == [1, 1, 0, 0, 1]
    assert choices.codes.ravel().tolist() == [0, 1]
    assert texts.codes.ravel().tolist() == [0, 0, 1]


def test_categories_of_choices_are_all_options_in_their_order():
    ratings, _ = made(sheet("DropDown", "b;a;c"), "c")

    assert ratings.categories == ("b", "a", "c")
    assert ratings.levels.tolist() == [0, 1, 2]


def test_extras_and_what_is_no_answer_any_more_are_set_aside_and_missing():
    numbers, aside = made(sheet("Percentage"), "10", "missing", "Not representative", "many", "")
    choices, others = made(sheet("DropDown", "a;b"), "a", "gone")

    assert numbers.levels[numbers.codes[0]].tolist() == [10]
    assert numbers.codes.ravel()[1:].tolist() == [MISSING] * 4
    assert aside == 3
    assert choices.codes.ravel().tolist() == [0, MISSING]
    assert others == 1


def test_numbers_of_absurd_size_are_set_aside():
    ratings, aside = made(sheet("Real"), "1e999", "1e3")

    assert ratings.levels.tolist() == [1000]
    assert aside == 1


def test_scale_may_be_chosen_where_the_answers_have_it():
    grades = sheet("DropDown", "Grade 1;Grade 2;Grade 4")
    interval, _ = made(grades, "Grade 4", "grade 1", scale=Scale.INTERVAL)
    ordinal, _ = made(sheet("DropDown", "Low;High"), "High", scale=Scale.ORDINAL)
    places, _ = made(sheet("Integer"), "10", "1000", scale=Scale.ORDINAL)

    assert np.ravel(interval.levels[interval.codes]).tolist() == [4, 1]
    assert ordinal.codes.tolist() == [[1]]
    assert places.levels.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("kind", "values", "scale", "said"),
    [
        ("DropDown", "Ductal;Lobular", Scale.INTERVAL, "no numbers"),
        ("PositiveNegative", "", Scale.INTERVAL, "no numbers"),
        ("FreeText", "", Scale.ORDINAL, "no options"),
    ],
)
def test_scale_that_the_answers_do_not_have_is_refused(kind, values, scale, said):
    with pytest.raises(InputError, match=said):
        made(sheet(kind, values), "x", scale=scale)
