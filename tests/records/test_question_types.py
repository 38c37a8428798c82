"""The table of question types against the ids that published clients know."""

import pytest

from records import question_types

# Source: slidescore.md 8 (NKI slidescore-api, type_to_name: the id is the index).
WIRE_NAMES = [
    "FreeText",
    "Integer",
    "Real",
    "DropDown",
    "PositiveNegative",
    "Intensities",
    "Percentage",
    "Checkbox",
    "ClickFriendly",
    "PercentageOnly",
    "IntensitiesOnly",
    "PositiveNegativeOnly",
    "ClickFriendlyOnly",
    "ClickFriendlyPollOnly",
    "Explanation",
    "HScore",
    "HScoreOnly",
    "AnnoPoints",
    "AnnoMeasure",
    "AnnoShapes",
]


def test_ids_are_the_positions_of_the_names_that_clients_know():
    found = [(entry.id, entry.name) for entry in question_types.QUESTION_TYPES]

    assert found == list(enumerate(WIRE_NAMES))


def test_names_are_found_in_any_case():
    assert question_types.by_name(" annoshapes ") is question_types.by_id(19)
    assert question_types.by_name("AnnoShape") is None


@pytest.mark.parametrize("type_id", [-1, 20])
def test_an_id_outside_the_table_is_a_key_error(type_id):
    with pytest.raises(KeyError):
        question_types.by_id(type_id)


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        # Source: SDK tests/test_upload_results.py.
        ("ClickFriendlyPollOnly", "Option1;;Option2;;Option3", ("Option1", "Option2", "Option3")),
        ("ClickFriendly", "Yes;y;No;;", ("Yes", "No")),
        ("ClickFriendly", "Yes;No", ("Yes", "No")),
        ("DropDown", "a; b ;;c", ("a", "b", "c")),
        ("IntensitiesOnly", "", ("0", "1+", "2+", "3+")),
        ("FreeText", "a;b", ()),
    ],
)
def test_options_of_a_choice(name, values, expected):
    question_type = question_types.by_name(name)

    assert question_types.options(question_type, values) == expected


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("AnnoShapes", "#e6194b", "#e6194b"),
        ("AnnoPoints", "#ABC;rest", "#ABC"),
        ("AnnoShapes", "red", None),
        ("AnnoShapes", "#12345", None),
        ("FreeText", "#e6194b", None),
    ],
)
def test_colour_is_the_first_part_of_an_annotation_question(name, values, expected):
    assert question_types.colour(question_types.by_name(name), values) == expected
