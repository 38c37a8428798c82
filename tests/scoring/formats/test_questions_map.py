"""Maps of colours to questions."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from records.errors import InputError
from scoring.formats import questions_map

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
NAMES = st.text(
    st.characters(exclude_characters="\r\n", exclude_categories=("Cs",)), min_size=1, max_size=20
).map(str.strip)


@given(st.dictionaries(COLOURS, NAMES.filter(bool), max_size=5))
def test_what_is_written_is_read_back(questions):
    assert questions_map.parse(questions_map.write(questions)) == questions


def test_documented_example_is_read():
    # Source: seed, "ASAP interoperability".
    found = questions_map.parse("#f0f0f0;Lymphocytes\n#FF0000;Tumor area\r\n\n")

    assert found == {"#f0f0f0": "Lymphocytes", "#ff0000": "Tumor area"}


def test_short_colours_and_names_with_semicolons_are_read():
    assert questions_map.parse("#f0a ; Cells; all") == {"#ff00aa": "Cells; all"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("#ff0000", "line 1: '#ff0000' maps no colour to a question; expected #rrggbb;Question"),
        ("\nred;Q", "line 2: 'red' is no colour; expected #rrggbb"),
        ("#ff0000;A\n#FF0000;B", "line 2: #ff0000 belongs to 'A' already"),
    ],
)
def test_wrong_line_is_refused_with_its_number(text, told):
    with pytest.raises(InputError) as caught:
        questions_map.parse(text)

    assert told in caught.value.message
