"""The scoring sheet: ``.scores``."""

import pytest
from hypothesis import given, strategies as st

from records import question_types
from studyconfig.formats import scores
from studyconfig.formats.scores import Comparison, Condition, QuestionLine, ScoreSheet
from studyconfig.text import ConfigSyntaxError
from tests.studyconfig.strategies import field_texts

COLOURS = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)


@st.composite
def sheets(draw):
    """Scoring sheets whose conditions name an earlier question."""
    names = draw(st.lists(field_texts(), unique=True, max_size=5))
    questions = []
    for index, name in enumerate(names):
        question_type = draw(st.sampled_from(question_types.QUESTION_TYPES))
        values = COLOURS if question_type.is_annotation else field_texts()
        condition = None
        if index and draw(st.booleans()):
            condition = Condition(
                question=draw(st.sampled_from(names[:index])),
                comparison=draw(st.sampled_from(Comparison)),
                answer=draw(field_texts(least=0)),
            )
        questions.append(
            QuestionLine(
                name=name,
                type=question_type,
                values=draw(st.just("") | values),
                mandatory=draw(st.booleans()),
                per_case=draw(st.booleans()),
                condition=condition,
            )
        )
    return ScoreSheet(tuple(questions))


@given(sheets())
def test_what_is_written_is_read_back(sheet):
    assert scores.parse(scores.write(sheet)) == sheet


def question(name, type_name, values="", **flags):
    return QuestionLine(name=name, type=question_types.by_name(type_name), values=values, **flags)


def test_lines_of_the_official_client_are_read_and_written_unchanged():
    # SOURCE: SDK tests/test_upload_results.py, test_anno2.py, test_upload_asap.py.
    lines = (
        "Test question\tFreeText\n"
        "Options question\tClickFriendlyPollOnly\tOption1;;Option2;;Option3\n"
        "Test anno\tAnnoShapes\t#e6194b\n"
        "points\tAnnoPoints\t#e6194b\n"
    )

    found = scores.parse(lines)

    assert found.questions == (
        question("Test question", "FreeText"),
        question("Options question", "ClickFriendlyPollOnly", "Option1;;Option2;;Option3"),
        question("Test anno", "AnnoShapes", "#e6194b"),
        question("points", "AnnoPoints", "#e6194b"),
    )
    assert scores.write(found) == lines


def test_semicolons_separate_where_no_tab_does():
    # SOURCE: seed, Questions: name, semicolon, type, semicolon, other configuration.
    found = scores.parse("\r\nGrade;dropdown; 1;2;3 \r\nRemarks;FreeText\r\n")

    assert found.questions == (
        question("Grade", "DropDown", "1;2;3"),
        question("Remarks", "FreeText"),
    )


@pytest.mark.parametrize("question_type", question_types.QUESTION_TYPES)
def test_each_type_of_question_is_read(question_type):
    found = scores.parse(f"Q\t{question_type.name.upper()}\t")

    assert found.questions == (QuestionLine(name="Q", type=question_type),)


def test_the_fourth_field_holds_flags():
    found = scores.parse(
        "Invasive\tCheckbox\t\tmandatory\n"
        'Say "why"\tFreeText\t\tIF "Invasive"  is not "yes";Per Case ; mandatory;\n'
        'Rest\tFreeText\t\tif "Say ""why""" is "a; ""b"""\n'
    )

    assert found.questions == (
        question("Invasive", "Checkbox", mandatory=True),
        question(
            'Say "why"',
            "FreeText",
            mandatory=True,
            per_case=True,
            condition=Condition(question="Invasive", comparison=Comparison.IS_NOT, answer="yes"),
        ),
        question(
            "Rest",
            "FreeText",
            condition=Condition(question='Say "why"', comparison=Comparison.IS, answer='a; "b"'),
        ),
    )


def test_comments_hold_neither_tab_nor_semicolon():
    found = scores.parse("# sheet of round 2\n# 1;FreeText\n#2\tFreeText\n")

    assert [entry.name for entry in found.questions] == ["# 1", "#2"]


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        (
            "A\tFreeText\nInvasive front\tClickFrendly\ta;;b",
            (2, 16),
            "there is no question type 'ClickFrendly'. Did you mean ClickFriendly?",
        ),
        ("A;Nonsense", (1, 3), "There are FreeText, Integer,"),
        ("A", (1, 1), "expected name<TAB>type<TAB>values"),
        ("\tFreeText", (1, 1), "expected name<TAB>type<TAB>values"),
        ("A\tFreeText\nB\tReal\nA\tReal", (3, 1), "'A' stands in line 1 already"),
        ("A\tAnnoShapes\tred", (1, 14), "a colour such as #e6194b, not 'red'"),
        ("A\tFreeText\t\t\tmore\tstill", (1, 14), "more than 4 fields"),
        ("A\tFreeText\t\tmandatori", (1, 13), "'mandatori' is no flag"),
        ("A\tFreeText\t\tmandatory mandatory", (1, 23), "expected ; between flags"),
        ("A\tFreeText\t\tmandatory;mandatory", (1, 23), "is no flag"),
        ("A\tFreeText\t\tif A is b", (1, 16), 'expected if "an earlier question" is "answer"'),
        ('A\tReal\nB\tReal\t\tif "a" is "1"', (2, 1), "no question above it. Did you mean A?"),
        ('A\tReal\t\tif "A" is "1"', (1, 1), "no question above it."),
        ("a" * 401 + "\tReal", (1, 1), "at most 400"),
        ("".join(f"{n}\tReal\n" for n in range(1001)), (1001, 1), "more than 1000 questions"),
    ],
)
def test_mistakes_are_named_with_their_place(content, place, message):
    with pytest.raises(ConfigSyntaxError) as caught:
        scores.parse(content, source="study.x.scores")

    assert (caught.value.line, caught.value.column) == place
    assert message in caught.value.message
