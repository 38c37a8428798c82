"""``study.<name>.scores``: the questions of a study's scoring sheet, one per line.

The vendor's line is ``name<TAB>type<TAB>values`` (or ``name;type;values``), where the values use
``;`` among themselves. Ours may go on with a fourth field, after a third TAB, that tells what the
vendor's public documents do not show a place for::

    Stromal TILs<TAB>Percentage<TAB>0;10;50;100<TAB>mandatory; per case; if "Invasive" is "yes"

Lines without it read and write exactly as the vendor's do.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from records import question_types
from records.question_types import QuestionType
from studyconfig import sharing, text

MAX_NAME_LENGTH = 400
MAX_VALUES_LENGTH = 100_000
MAX_QUESTIONS = 1000

_FORM = "name<TAB>type<TAB>values"
_FLAGS_FORM = 'mandatory; per case; if "an earlier question" is "answer"'
_FLAG = re.compile(r"\s*+(?P<flag>mandatory|per case|if)\b\s*+", re.IGNORECASE)
_TEXT = r'"(?P<{}>(?:[^"]|"")*+)"\s*+'


class Comparison(StrEnum):
    """How an earlier answer decides whether a question is asked; numbers compare as numbers."""

    IS = "is"
    IS_NOT = "is not"
    ABOVE = "above"
    BELOW = "below"
    AT_LEAST = "at least"
    AT_MOST = "at most"


_CONDITION = re.compile(
    _TEXT.format("question")
    + "(?P<comparison>is not|is|above|below|at least|at most)"
    + r"\s*+"
    + _TEXT.format("answer"),
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """The earlier answer that a question depends on."""

    question: str
    comparison: Comparison
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionLine:
    """One question.

    Parameters
    ----------
    name
        What the sheet shows, unique in a study.
    type
        One of the twenty types.
    values
        Options, colour or range, as text (``records.question_types`` tells what they mean).
    mandatory
        Whether a slide counts as scored only with an answer to it.
    per_case
        Whether it is asked once per case rather than once per slide or core.
    condition
        When it is asked; None: always.
    """

    name: str
    type: QuestionType
    values: str = ""
    mandatory: bool = False
    per_case: bool = False
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class ScoreSheet:
    """The questions of a study, in the order of the sheet."""

    questions: tuple[QuestionLine, ...] = ()


def parse(content: str, *, source: str = ".scores", above: Collection[str] = ()) -> ScoreSheet:
    """Read the questions of a scoring sheet.

    Empty lines, and lines that begin with ``#`` and hold neither TAB nor ``;``, are passed over.

    Parameters
    ----------
    content
        Text of the file; or what the Question editor shares: its link, or the value of ``f`` in it.
    source
        Name of the file, for messages.
    above
        Names of questions that stand above the first line already.

    Raises
    ------
    ConfigSyntaxError
        A line has no name or type, an unknown type, a colour that is none, or flags of another
        form; a question comes twice, or depends on one that does not stand above it.
    """
    found: dict[str, tuple[QuestionLine, int]] = {}
    if sharing.is_shared(content):
        content = sharing.decode(content)
    mistakes = text.Mistakes()
    named = dict.fromkeys(above)
    for line in text.lines(content, source=source):
        if line.is_blank or _is_comment(line.text):
            continue
        if len(found) == MAX_QUESTIONS:
            with mistakes.kept():
                raise line.error(f"there are more than {MAX_QUESTIONS} questions")
            break
        # A question with a mistake in its line may be named by conditions below it all the same.
        above_it = list(named)
        named[_first_field(line)] = None
        with mistakes.kept():
            question = _question(line)
            if question.name in found:
                raise line.error(
                    f"the question {text.shown(question.name)} stands in line "
                    f"{found[question.name][1]} already"
                )
            found[question.name] = (question, line.number)
            if question.condition is not None:
                _check_condition(line, question.condition, above_it)
    mistakes.check()
    return ScoreSheet(tuple(question for question, _ in found.values()))


def _check_condition(line: text.Line, condition: Condition, above: Collection[str]) -> None:
    if condition.question not in above:
        raise line.error(
            f"the condition names {text.shown(condition.question)}, which is no question above it."
            f"{text.did_you_mean(condition.question, above)}"
        )


def write(value: ScoreSheet) -> str:
    """Return the text of the file, separated by TAB as the vendor's own files are."""
    return "".join(_line_text(question) + "\n" for question in value.questions)


def _line_text(question: QuestionLine) -> str:
    flags = _flags_text(question)
    fields = [question.name, question.type.name]
    if question.values or flags:
        fields.append(question.values)
    return "\t".join([*fields, flags] if flags else fields)


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#") and "\t" not in line and ";" not in line


def _first_field(line: text.Line) -> str:
    return line.fields("\t" if "\t" in line.text else ";", most=2)[0].text


def _question(line: text.Line) -> QuestionLine:
    # Source: slidescore.md 1 #3: files in use have TABs, the documentation has semicolons.
    fields = line.fields("\t", most=5) if "\t" in line.text else line.fields(";", most=3)
    if len(fields) < 2 or not fields[0].text:
        raise line.error(f"expected {_FORM}", fields[0].column)
    if any(field.text for field in fields[4:]):
        raise line.error(
            f"there are more than 4 fields; expected {_FORM}<TAB>flags", fields[4].column
        )
    name, type_name, values, flags = (fields + [text.Field("", 1)] * 2)[:4]
    line.check_length(name, MAX_NAME_LENGTH, "the question")
    line.check_length(values, MAX_VALUES_LENGTH, "the list of values")
    question_type = question_types.by_name(type_name.text)
    if question_type is None:
        raise line.error(
            f"there is no question type {text.shown(type_name.text)}."
            + (
                text.did_you_mean(type_name.text, question_types.NAMES)
                or f" There are {', '.join(question_types.NAMES)}"
            ),
            type_name.column,
        )
    _check_colour(line, question_type, values)
    return _flagged(line, flags, name=name.text, question_type=question_type, values=values.text)


def _check_colour(line: text.Line, question_type: QuestionType, values: text.Field) -> None:
    if not question_type.is_annotation or not values.text.split(";", 1)[0].strip():
        return
    if question_types.colour(question_type, values.text) is None:
        raise line.error(
            f"{question_type.name} begins its values with a colour such as #e6194b, "
            f"not {text.shown(values.text)}",
            values.column,
        )


def _flagged(
    line: text.Line, flags: text.Field, *, name: str, question_type: QuestionType, values: str
) -> QuestionLine:
    """Read the fourth field: flags in any order, separated by ``;``."""
    found: set[str] = set()
    condition = None
    position = 0
    while position < len(flags.text):
        match = _FLAG.match(flags.text, position)
        place = flags.column + position
        if match is None or match["flag"].lower() in found:
            raise line.error(
                f"{text.shown(flags.text[position:])} is no flag; expected {_FLAGS_FORM}",
                place,
            )
        found.add(match["flag"].lower())
        position = match.end()
        if match["flag"].lower() == "if":
            condition, position = _condition(line, flags, position)
        if position < len(flags.text) and flags.text[position] != ";":
            raise line.error(f"expected ; between flags: {_FLAGS_FORM}", flags.column + position)
        position += 1
    return QuestionLine(
        name=name,
        type=question_type,
        values=values,
        mandatory="mandatory" in found,
        per_case="per case" in found,
        condition=condition,
    )


def _condition(line: text.Line, flags: text.Field, position: int) -> tuple[Condition, int]:
    match = _CONDITION.match(flags.text, position)
    if match is None:
        raise line.error(
            'expected if "an earlier question" is "answer", with one of '
            f"{', '.join(Comparison)}, and a quote in a text doubled",
            flags.column + position,
        )
    condition = Condition(
        question=match["question"].replace('""', '"').strip(),
        comparison=Comparison(match["comparison"].lower()),
        answer=match["answer"].replace('""', '"').strip(),
    )
    return condition, match.end()


def _flags_text(question: QuestionLine) -> str:
    flags = []
    if question.mandatory:
        flags.append("mandatory")
    if question.per_case:
        flags.append("per case")
    if question.condition is not None:
        asked, answer = (
            '"' + part.replace('"', '""') + '"'
            for part in (question.condition.question, question.condition.answer)
        )
        flags.append(f"if {asked} {question.condition.comparison} {answer}")
    return "; ".join(flags)
