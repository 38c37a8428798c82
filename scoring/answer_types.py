"""Types of answers: which texts answer a question of a type, and what to tell about others."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from records import question_types
from records.errors import InputError
from records.question_types import AnswerKind, QuestionType
from scoring import jsontext
from scoring.formats import annoshapes
from scoring.problems import shown

MAX_CHARS = 64_000_000

EXTRAS = ("not representative", "missing")
"""What the sheet's extra buttons answer; their texts are our choice."""

# The categories Cc and Cs of Unicode.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?([0-9]{1,18}(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_YES_NO = frozenset({"yes", "no", "true", "false", "1", "0", "on", "off", "checked", "unchecked"})
_H_SCORE_MOST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A question as far as its answers depend on it: its type and its values."""

    type: QuestionType
    values: str


def complaint(sheet: Sheet, value: str) -> str | None:
    """Tell why a text is no answer to a question, or None when it is one.

    An empty answer is always one: it means cleared. Where no source tells the texts that the
    vendor's own sheet stores (slidescore.md 8), the spellings that clients may use are accepted.

    Returns
    -------
    str or None
        The value and the expected form.
    """
    if not value:
        return None
    if len(value) > MAX_CHARS:
        return f"is longer than {MAX_CHARS:,} characters"
    # Source: slidescore.md 3.7: an answer is one cell of one line, and no client unescapes.
    if _CONTROL.search(value):
        return f"{shown(value)} holds a tab, a line break or a control character; expected one line"
    if sheet.type.extras and value.strip().lower() in EXTRAS:
        return None
    try:
        expected = _CHECKS[sheet.type.kind](sheet, value)
    except InputError as error:
        return f"{shown(value)} {error.reason}"
    return f"{shown(value)} is no answer to it; expected {expected}" if expected else None


def _text(_sheet: Sheet, _value: str) -> str | None:
    return None


def _nothing(_sheet: Sheet, _value: str) -> str | None:
    return "none: it is an explanation"


def _integer(sheet: Sheet, value: str) -> str | None:
    return _number(sheet, value, _WHOLE, "a whole number")


def _real(sheet: Sheet, value: str) -> str | None:
    return _number(sheet, value, _DECIMAL, "a number with a decimal point")


def _percentage(_sheet: Sheet, value: str) -> str | None:
    return None if _within(value, 0, 100) else "a number from 0 to 100"


def _h_score(_sheet: Sheet, value: str) -> str | None:
    return None if _within(value, 0, _H_SCORE_MOST) else f"a number from 0 to {_H_SCORE_MOST}"


def _yes_no(_sheet: Sheet, value: str) -> str | None:
    return None if value.strip().lower() in _YES_NO else "yes or no"


def _choice(sheet: Sheet, value: str) -> str | None:
    options = question_types.options(sheet.type, sheet.values)
    known = {option.lower() for option in options}
    if sheet.type.name.startswith("Intensities"):
        known |= {option.removesuffix("+") for option in known}
    # A choice without options cannot refuse anything.
    if not options or value.strip().lower() in known:
        return None
    return "one of " + ", ".join(options)


def _lines(_sheet: Sheet, value: str) -> str | None:
    # Source: slidescore.md 6.1: how measured lines are written is not known, only that it is JSON.
    for _ in jsontext.array_items(value):
        pass
    return None


def _shapes(_sheet: Sheet, value: str) -> str | None:
    # Points may answer AnnoShapes and shapes AnnoPoints: QuPath sends points as small ellipses.
    annoshapes.parse(value)
    return None


_CHECKS: dict[AnswerKind, Callable[[Sheet, str], str | None]] = {
    AnswerKind.NONE: _nothing,
    AnswerKind.TEXT: _text,
    AnswerKind.INTEGER: _integer,
    AnswerKind.REAL: _real,
    AnswerKind.CHOICE: _choice,
    AnswerKind.PERCENTAGE: _percentage,
    AnswerKind.YES_NO: _yes_no,
    AnswerKind.H_SCORE: _h_score,
    AnswerKind.POINTS: _shapes,
    AnswerKind.LINES: _lines,
    AnswerKind.SHAPES: _shapes,
}


def _number(sheet: Sheet, value: str, form: re.Pattern[str], name: str) -> str | None:
    least, most = _bounds(sheet.values)
    if form.fullmatch(value.strip()):
        # 1e999 has the form of a number, and is none.
        number = float(value)
        if math.isfinite(number) and least <= number <= most:
            return None
    if math.isinf(least) and math.isinf(most):
        return name
    return f"{name} from {least:g} to {most:g}"


def _bounds(values: str) -> tuple[float, float]:
    """Return the least and the greatest value that a question names, else the infinities."""
    ends = [part.strip() for part in values.split(";")]
    if len(ends) < 2 or not all(_DECIMAL.fullmatch(end) for end in ends[:2]):
        return -math.inf, math.inf
    return float(ends[0]), float(ends[1])


def _within(value: str, least: float, most: float) -> bool:
    return bool(_DECIMAL.fullmatch(value.strip())) and least <= float(value) <= most
