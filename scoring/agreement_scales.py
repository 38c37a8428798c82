"""Scales of questions: which answers may be ordered or subtracted, and what each says."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from records import question_types
from records.errors import InputError
from records.question_types import AnswerKind, QuestionType
from scoring.agreement.ratings import MISSING, Ratings, Scale, numeric_ratings
from scoring.answer_types import EXTRAS, Sheet

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_LEADING_NUMBER = re.compile(r"\D*?([0-9]+(?:\.[0-9]+)?)\+*\D*")
_YES = frozenset({"yes", "true", "1", "on", "checked"})

_KIND_SCALES = {
    AnswerKind.TEXT: Scale.NOMINAL,
    AnswerKind.INTEGER: Scale.INTERVAL,
    AnswerKind.REAL: Scale.INTERVAL,
    AnswerKind.PERCENTAGE: Scale.INTERVAL,
    AnswerKind.H_SCORE: Scale.INTERVAL,
    AnswerKind.CHOICE: Scale.NOMINAL,
    AnswerKind.YES_NO: Scale.NOMINAL,
}
_NO_SCALES = {
    AnswerKind.NONE: "it is an explanation, which has no answers",
    AnswerKind.POINTS: "its answers are points drawn on the slide, not values",
    AnswerKind.LINES: "its answers are lines drawn on the slide, not values",
    AnswerKind.SHAPES: "its answers are shapes drawn on the slide, not values",
}


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """A reader's answer about a subject, by the places of both in their lists."""

    subject: int
    reader: int
    value: str


def why_none(question_type: QuestionType) -> str | None:
    """Tell why agreement about a type of question is not measured, or None when it is."""
    return _NO_SCALES.get(question_type.kind)


def default_scale(sheet: Sheet) -> Scale:
    """Return the scale of a question's answers.

    Choices are names, unless their options carry ascending numbers (0, 1+, 2+, 3+; Grade 1,
    Grade 2): then they are ordered. That Low, Middle, High are ordered only people know.
    """
    if sheet.type.kind is not AnswerKind.CHOICE:
        return _KIND_SCALES[sheet.type.kind]
    numbers = [_option_number(option) for option in _options(sheet)]
    ascending = len(numbers) > 2 and all(
        low is not None and high is not None and low < high
        for low, high in itertools.pairwise(numbers)
    )
    return Scale.ORDINAL if ascending else Scale.NOMINAL


def make_ratings(
    sheet: Sheet,
    scale: Scale,
    answers: Iterable[GivenAnswer],
    *,
    readers: Sequence[str],
    subjects: Sequence[str],
) -> tuple[Ratings, int]:
    """Turn answers as text into ratings.

    Returns
    -------
    ratings
        Only what the scale can use.
    set_aside
        How many answers it cannot use: "not representative", "missing", and texts that are no
        answer of this question (any more). They count as missing.

    Raises
    ------
    InputError
        The scale asks of the answers what they do not have: numbers, or an order.
    """
    shape = (len(subjects), len(readers))
    told = [answer for answer in answers if answer.value.strip()]
    usable = [answer for answer in told if not _is_extra(sheet, answer.value)]
    if _is_numeric(sheet, scale):
        values = np.full(shape, math.nan)
        for answer in usable:
            number = _number(sheet, answer.value)
            values[answer.subject, answer.reader] = math.nan if number is None else number
        ratings = numeric_ratings(values, scale=scale, readers=readers, subjects=subjects)
    else:
        categories, places = _categories(sheet, scale, [answer.value for answer in usable])
        codes = np.full(shape, MISSING, dtype=np.int32)
        for answer in usable:
            key = _key(sheet, answer.value)
            codes[answer.subject, answer.reader] = places.get(key, MISSING)
        ratings = Ratings(
            scale=scale,
            readers=tuple(readers),
            subjects=tuple(subjects),
            codes=codes,
            categories=categories,
            levels=np.arange(len(categories), dtype=np.float64),
        )
    return ratings, len(told) - int((ratings.codes != MISSING).sum())


def _is_numeric(sheet: Sheet, scale: Scale) -> bool:
    """Tell whether answers are read as numbers; refuse what has none."""
    if _KIND_SCALES[sheet.type.kind] is Scale.INTERVAL:
        return True
    if scale is not Scale.INTERVAL:
        return False
    options = _options(sheet)
    if sheet.type.kind is AnswerKind.TEXT:
        return True
    if options and all(_option_number(option) is not None for option in options):
        return True
    raise InputError(
        "the answers are no numbers, so the scale cannot be interval; expected nominal or ordinal"
    )


def _number(sheet: Sheet, value: str) -> float | None:
    text = value.strip()
    if _NUMBER.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else None
    return _option_number(text) if sheet.type.kind is AnswerKind.CHOICE else None


def _option_number(option: str) -> float | None:
    """Return the one number in an option, as in ``2+`` and ``Grade 2``, or None."""
    found = _LEADING_NUMBER.fullmatch(option.strip())
    return float(found[1]) if found else None


def _categories(
    sheet: Sheet, scale: Scale, values: Sequence[str]
) -> tuple[tuple[str, ...], dict[str, int]]:
    """Return the categories in order, and the place of each by its key."""
    options = _options(sheet)
    if scale is Scale.ORDINAL and not options:
        raise InputError(
            "the question has no options whose order would be known; expected the scale nominal"
        )
    if options:
        names = list(options)
    else:
        # Of spellings of one answer, the same is shown whatever the order of answers.
        spellings: dict[str, str] = {}
        for value in sorted(values, reverse=True):
            spellings[_key(sheet, value)] = " ".join(value.split())
        names = [spellings[key] for key in sorted(spellings)]
    return tuple(names), {_key(sheet, name): place for place, name in enumerate(names)}


def _options(sheet: Sheet) -> tuple[str, ...]:
    if sheet.type.kind is AnswerKind.YES_NO:
        return ("no", "yes")
    return question_types.options(sheet.type, sheet.values)


def _key(sheet: Sheet, value: str) -> str:
    """Return the form in which spellings of the same answer are equal."""
    text = " ".join(value.split()).casefold()
    if sheet.type.kind is AnswerKind.YES_NO:
        return "yes" if text in _YES else "no"
    if sheet.type.name.startswith("Intensities"):
        return text.removesuffix("+")
    return text


def _is_extra(sheet: Sheet, value: str) -> bool:
    return sheet.type.extras and value.strip().lower() in EXTRAS
