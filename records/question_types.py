"""The twenty types of question: their ids and names on the wire, and what their values mean.

Source: slidescore.md 8. Ids and names come from a published client; where no source tells what the
values or the suffix ``Only`` mean, the meaning below is our choice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class AnswerKind(StrEnum):
    """What an answer to a question is."""

    NONE = "none"
    TEXT = "text"
    INTEGER = "whole number"
    REAL = "decimal number"
    CHOICE = "one of the options"
    PERCENTAGE = "whole per cent"
    YES_NO = "yes or no"
    H_SCORE = "H-score, 0 to 300"
    POINTS = "points, as JSON"
    LINES = "measured lines, as JSON"
    SHAPES = "shapes, as JSON"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionType:
    """One type of question.

    Parameters
    ----------
    id
        The number on the wire, 0 to 19.
    name
        The name on the wire and in ``.scores`` files, such as ``FreeText``.
    kind
        What an answer is.
    values
        What the question's values (third field of its ``.scores`` line) hold, for people.
    extras
        Whether the sheet also offers "not representative" and "missing".
    """

    id: int
    name: str
    kind: AnswerKind
    values: str = "nothing"
    extras: bool = False

    @property
    def is_annotation(self) -> bool:
        """Tell whether answers are drawn on the slide."""
        return self.kind in _DRAWN


_DRAWN = frozenset({AnswerKind.POINTS, AnswerKind.LINES, AnswerKind.SHAPES})
_OPTIONS = "options, separated by ;"
_PAIRS = "options, each followed by an extra that may be empty: Yes;;No;;"
_COLOUR = "a colour such as #e6194b"
_RANGE = "nothing, or the least and the greatest value: 0;100"
_STEPS = "nothing, or the steps offered: 0;10;50;100"
_FIXED_CHOICE = "nothing"

QUESTION_TYPES: tuple[QuestionType, ...] = (
    QuestionType(id=0, name="FreeText", kind=AnswerKind.TEXT),
    QuestionType(id=1, name="Integer", kind=AnswerKind.INTEGER, values=_RANGE),
    QuestionType(id=2, name="Real", kind=AnswerKind.REAL, values=_RANGE),
    QuestionType(id=3, name="DropDown", kind=AnswerKind.CHOICE, values=_OPTIONS),
    QuestionType(
        id=4, name="PositiveNegative", kind=AnswerKind.CHOICE, values=_FIXED_CHOICE, extras=True
    ),
    QuestionType(
        id=5, name="Intensities", kind=AnswerKind.CHOICE, values=_FIXED_CHOICE, extras=True
    ),
    QuestionType(id=6, name="Percentage", kind=AnswerKind.PERCENTAGE, values=_STEPS, extras=True),
    QuestionType(id=7, name="Checkbox", kind=AnswerKind.YES_NO),
    QuestionType(id=8, name="ClickFriendly", kind=AnswerKind.CHOICE, values=_PAIRS, extras=True),
    QuestionType(id=9, name="PercentageOnly", kind=AnswerKind.PERCENTAGE, values=_STEPS),
    QuestionType(id=10, name="IntensitiesOnly", kind=AnswerKind.CHOICE, values=_FIXED_CHOICE),
    QuestionType(id=11, name="PositiveNegativeOnly", kind=AnswerKind.CHOICE, values=_FIXED_CHOICE),
    QuestionType(id=12, name="ClickFriendlyOnly", kind=AnswerKind.CHOICE, values=_PAIRS),
    QuestionType(id=13, name="ClickFriendlyPollOnly", kind=AnswerKind.CHOICE, values=_PAIRS),
    QuestionType(id=14, name="Explanation", kind=AnswerKind.NONE, values="the text to show"),
    QuestionType(id=15, name="HScore", kind=AnswerKind.H_SCORE, extras=True),
    QuestionType(id=16, name="HScoreOnly", kind=AnswerKind.H_SCORE),
    QuestionType(id=17, name="AnnoPoints", kind=AnswerKind.POINTS, values=_COLOUR),
    QuestionType(id=18, name="AnnoMeasure", kind=AnswerKind.LINES, values=_COLOUR),
    QuestionType(id=19, name="AnnoShapes", kind=AnswerKind.SHAPES, values=_COLOUR),
)

NAMES: tuple[str, ...] = tuple(question_type.name for question_type in QUESTION_TYPES)

_BY_NAME = {question_type.name.lower(): question_type for question_type in QUESTION_TYPES}
_HEX_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_FIXED_OPTIONS = {
    "PositiveNegative": ("positive", "negative"),
    "Intensities": ("0", "1+", "2+", "3+"),
}


def by_id(type_id: int) -> QuestionType:
    """Return the type with an id, as stored in ``Question.type_id``.

    Raises
    ------
    KeyError
        There is no such type: the database holds what no code of ours writes.
    """
    if not 0 <= type_id < len(QUESTION_TYPES):
        raise KeyError(type_id)
    return QUESTION_TYPES[type_id]


def by_name(name: str) -> QuestionType | None:
    """Return the type with a name in any case, or None."""
    return _BY_NAME.get(name.strip().lower())


def options(question_type: QuestionType, values: str) -> tuple[str, ...]:
    """Return the options that a choice offers, in order; empty for other kinds.

    Parameters
    ----------
    values
        The third field of the ``.scores`` line.
    """
    if question_type.kind is not AnswerKind.CHOICE:
        return ()
    fixed = _FIXED_OPTIONS.get(question_type.name.removesuffix("Only"))
    if fixed is not None:
        return fixed
    parts = [part.strip() for part in values.split(";")]
    if question_type.name != "DropDown" and ";;" in values:
        # Source: SDK tests, "Option1;;Option2;;Option3": every second part is the option's extra.
        parts = parts[::2]
    return tuple(part for part in parts if part)


def colour(question_type: QuestionType, values: str) -> str | None:
    """Return the colour, ``#rgb`` or ``#rrggbb``, in which answers are drawn, or None.

    Source: SDK, anno_to_description: the part of the values before the first ``;``.
    """
    if not question_type.is_annotation:
        return None
    first = values.split(";", 1)[0].strip()
    return first if _HEX_COLOUR.fullmatch(first) else None
