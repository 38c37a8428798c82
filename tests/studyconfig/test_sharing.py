"""What the Question editor shares is the text of a .scores file."""

import pytest
from hypothesis import given, strategies as st

from records import question_types
from studyconfig import sharing
from studyconfig.formats import scores
from studyconfig.formats.scores import QuestionLine, ScoreSheet
from tests.studyconfig.strategies import field_texts

TEXT = "Grade (1+2)\tDropDown\t1;2;3 & more\nTumour\tAnnoShapes\t#e6194b\n"
VALUE = "Grade%20(1%2B2)%09DropDown%091%3B2%3B3%20%26%20more%0ATumour%09AnnoShapes%09%23e6194b%0A"


@pytest.mark.parametrize(
    "shared",
    [
        VALUE,
        VALUE.replace("%20", "+"),
        f"f={VALUE}",
        f"?x=1&f={VALUE}",
        f"https://example.org/QuestionEditor?f={VALUE}",
        f"https://example.org/QuestionEditor?lang=en&F={VALUE}&x=1#top",
        f"  {VALUE}\n",
    ],
)
def test_a_link_and_its_value_decode_to_the_text(shared):
    assert sharing.decode(shared) == TEXT
    assert scores.parse(shared) == scores.parse(TEXT)


def test_lines_of_a_file_are_left_alone():
    for content in (TEXT, "Grade;DropDown;1%3B2\n", "100%09 sure\tReal\n", "", "# a%09comment\n"):
        assert not sharing.is_shared(content)
    assert [line.name for line in scores.parse("Is 5%3B fine?\tReal\n").questions] == [
        "Is 5%3B fine?"
    ]


@given(
    st.lists(
        st.builds(
            QuestionLine,
            name=field_texts(without="\t"),
            type=st.sampled_from(
                [kind for kind in question_types.QUESTION_TYPES if not kind.is_annotation]
            ),
            values=field_texts(least=0),
            mandatory=st.booleans(),
        ),
        min_size=1,
        max_size=4,
        unique_by=lambda line: line.name,
    )
)
def test_any_sheet_is_the_same_through_a_link(lines):
    content = scores.write(ScoreSheet(tuple(lines)))

    assert sharing.decode(sharing.encode(content)) == content
    assert scores.parse(sharing.encode(content)) == scores.parse(content)


def test_a_mistake_in_a_link_is_told_with_its_line_in_the_sheet():
    with pytest.raises(scores.text.ConfigSyntaxError) as caught:
        scores.parse(sharing.encode("A\tReal\nB\tDropdwn\n"))

    assert (caught.value.line, caught.value.column) == (2, 3)
