"""JSON text from outside, read strictly, element by element and within bounds."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Never

from records.errors import InputError

MAX_CONTAINERS = 2_000_000
"""Most objects and arrays in one text: some 500 MB once read, if one element held them all."""

MAX_COMMAS = 20_000_000

_CHUNK_CHARS = 1 << 16
_BLANK = re.compile(r"[ \t\r\n]*")


def array_items(text: str) -> Iterator[object]:
    """Yield the elements of a JSON array one by one, so that only one is in memory as objects.

    Raises
    ------
    InputError
        The text is no JSON array, holds NaN or Infinity, is nested too deeply, or too large.
    """
    _check_size(text)
    place = _skip_blank(text, 0)
    if text[place : place + 1] != "[":
        raise InputError("expected a JSON array: [ … ]")
    place = _skip_blank(text, place + 1)
    if text[place : place + 1] == "]":
        _check_end(text, place + 1)
        return
    while True:
        value, place = _decode(text, place)
        yield value
        place = _skip_blank(text, place)
        sign = text[place : place + 1]
        place = _skip_blank(text, place + 1)
        if sign == "]":
            _check_end(text, place)
            return
        if sign != ",":
            raise InputError(f"is no JSON: expected , or ] at character {place}")


def flat_objects(text: str) -> Iterator[dict[str, object]]:
    """Yield the objects of a JSON array of objects that hold plain values only.

    Many are decoded at once: a million points take half a second, and little memory.

    Raises
    ------
    InputError
        The text is no such array.
    """
    place = _skip_blank(text, 0)
    if text[place : place + 1] != "[":
        raise InputError("expected a JSON array of objects: [{ … }]")
    place = _skip_blank(text, place + 1)
    if text[place : place + 1] == "]":
        _check_end(text, place + 1)
        return
    while True:
        end = text.rfind("}", place, place + _CHUNK_CHARS) + 1
        if not end:
            raise InputError(f"expected an object of plain values at character {place + 1}")
        values, _ = _decode(f"[{text[place:end]}]", 0)
        for value in as_list(values, "the text"):
            yield as_object(value, "an element")
        place = _skip_blank(text, end)
        sign = text[place : place + 1]
        place = _skip_blank(text, place + 1)
        if sign == "]":
            _check_end(text, place)
            return
        if sign != ",":
            raise InputError(f"is no JSON: expected , or ] at character {place}")


def read_object(text: str) -> dict[str, object]:
    """Read a JSON object.

    Raises
    ------
    InputError
        The text is no JSON object, or out of bounds as for ``array_items``.
    """
    _check_size(text)
    value, place = _decode(text, _skip_blank(text, 0))
    _check_end(text, place)
    return as_object(value, "the text")


def as_object(value: object, name: str) -> dict[str, object]:
    """Return a value that must be a JSON object, or refuse it by its name."""
    if not isinstance(value, dict):
        raise InputError(f"{name} must be a JSON object, not {shown(value)}")
    return value


def as_list(value: object, name: str) -> list[object]:
    """Return a value that must be a JSON array, or refuse it by its name."""
    if not isinstance(value, list):
        raise InputError(f"{name} must be a JSON array, not {shown(value)}")
    return value


def as_number(value: object, name: str) -> float:
    """Return a value that must be a number or null; null becomes NaN.

    Raises
    ------
    InputError
        It is anything else, or too large to be a number at all (1e400).
    """
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InputError(f"{name} must be a number, not {shown(value)}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if math.isinf(number):
        raise InputError(f"{name} is too large to be a number")
    return number


def as_text(value: object, name: str) -> str:
    """Return a value that must be a text; absent and null are the empty text."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InputError(f"{name} must be a text, not {shown(value)}")
    return value


def member(value: Mapping[str, object], *names: str) -> object:
    """Return the first member that is there under one of its spellings, or None."""
    return next((value[name] for name in names if name in value), None)


def plain_number(number: float) -> int | float | None:
    """Return a number as it is written: whole without a point, and NaN as null.

    Numbers past those that a double tells apart stay as they are: 1e308 would have 309 digits.

    Source: slidescore.md 5: QuPath reads x and y of points as whole numbers.
    """
    if math.isnan(number):
        return None
    return int(number) if float(number).is_integer() and abs(number) < 2**53 else number


def shown(value: object) -> str:
    """Return a value shortened for a message."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _refuse_constant(name: str) -> Never:
    raise InputError(f"is no JSON: {name} is not allowed; expected a number or null")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _decode(text: str, place: int) -> tuple[object, int]:
    try:
        return _DECODER.raw_decode(text, place)
    except json.JSONDecodeError as error:
        raise InputError(f"is no JSON: {error.msg} at character {error.pos + 1}") from None
    except RecursionError:
        raise InputError("is nested too deeply to be an answer") from None
    except ValueError:
        # Python refuses to read whole numbers of more than 4300 digits.
        raise InputError("holds a number with too many digits") from None


def _skip_blank(text: str, place: int) -> int:
    found = _BLANK.match(text, place)
    return found.end() if found else place


def _check_size(text: str) -> None:
    if text.count("{") + text.count("[") > MAX_CONTAINERS or text.count(",") > MAX_COMMAS:
        raise InputError(
            f"is too large: at most {MAX_CONTAINERS:,} objects and arrays fit one answer; "
            "send it as an anno2 file"
        )


def _check_end(text: str, place: int) -> None:
    if _skip_blank(text, place) != len(text):
        raise InputError(f"is no JSON: something follows its end at character {place + 1}")
