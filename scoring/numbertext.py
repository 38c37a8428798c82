"""Texts that repeat one form with numbers in it, as arrays: millions of numbers, no object each.

It reads what is plain and says None of everything else, which a real parser then reads or refuses.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from scoring import digits

SLOT = b"#"
"""Stands for a number in a form."""

_IN_NUMBERS = b"-.0123456789"
_OTHERS = bytes(sign for sign in range(256) if sign not in _IN_NUMBERS)
_MINUS, _ZERO, _NINE = b"-09"
_TWO_POINTS = re.compile(rb"\.[0-9]*+\.")

Floats = npt.NDArray[np.float64]
Numbers = Floats | npt.NDArray[np.int64]

_MOST_EXACT = float(2**53)


def plain(numbers: Floats) -> Numbers:
    """Return numbers as integers where all of them are whole."""
    is_whole = (np.rint(numbers) == numbers) & (np.abs(numbers) < _MOST_EXACT)
    return numbers.astype(np.int64) if is_whole.all() else numbers


def written(form: str, rows: Numbers) -> str:
    """Return a form, such as ``[%s,%s],``, filled with each row; whole numbers have no point."""
    return filled(form * len(rows), rows)


def filled(form: str, numbers: Numbers) -> str:
    """Return a form filled with numbers, one for each ``%s``; whole ones have no point."""
    values: Sequence[float] = numbers.ravel().tolist()
    if numbers.dtype.kind == "f":
        values = [int(value) if value.is_integer() else value for value in values]
    return form % tuple(values)


class Form:
    r"""One form, such as ``[#,#],``: what stands around the numbers of each repeat.

    Parameters
    ----------
    unit
        Begins and ends with other signs than those of numbers, and has one between two numbers.
    """

    def __init__(self, unit: bytes) -> None:
        parts = unit.split(SLOT)
        if not all(parts) or any(sign in _IN_NUMBERS for sign in unit):
            raise ValueError(f"{unit!r} is no form: expected signs around each number")
        self._around = b"".join(parts)
        first, *between, last = map(len, parts)
        self._first = first
        # How many signs stand behind the number in each slot, before the next number.
        self._gaps = np.array([*between, last + first])
        # One sign before each number is kept, as the blank that parts it from the one before.
        leading = bytes({part[-1] for part in parts[:-1]})
        self._dropped = bytes(sign for sign in _OTHERS if sign not in leading)
        self._blanks = bytes.maketrans(leading, b" " * len(leading))

    def read(self, text: bytes) -> Floats | None:
        """Return the numbers of a text that is this form, repeated.

        Numbers are as JSON writes them, without exponents.

        Returns
        -------
        array or None
            (repeats, numbers in a form) float64, all finite. None when the text is anything else.
        """
        around = text.translate(None, _IN_NUMBERS)
        count, rest = divmod(len(around), len(self._around))
        if rest or not count or around != self._around * count:
            return None
        signs = np.frombuffer(text, dtype=np.uint8)
        filled = self._slots_of(signs, count)
        found = None if filled is None else self._values(text, signs, *filled)
        return None if found is None else found.reshape(count, -1)

    def _slots_of(
        self, signs: npt.NDArray[np.uint8], count: int
    ) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]] | None:
        """Return where the numbers start and end, one in each slot; None when that is not so."""
        # Arithmetic of bytes: ten times as fast as looking each of them up.
        inside = ((signs - _MINUS) < len(range(_MINUS, _NINE + 1))) & (signs != ord("/"))
        edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
        starts, ends = edges[::2], edges[1::2]
        if inside[0] or len(starts) != count * len(self._gaps) or len(edges) % 2:
            return None
        if starts[0] != self._first:
            return None
        gaps = np.append(starts[1:] - ends[:-1], self._gaps[-1]).reshape(count, -1)
        return (starts, ends) if (gaps == self._gaps).all() else None

    def _values(
        self,
        text: bytes,
        signs: npt.NDArray[np.uint8],
        starts: npt.NDArray[np.intp],
        ends: npt.NDArray[np.intp],
    ) -> Floats | None:
        """Return the numbers that stand there; None when one of them is none."""
        negative = signs[starts] == _MINUS
        is_plain = b"-" not in text
        if not is_plain and text.count(b"-") != np.count_nonzero(negative):
            return None
        digits_from = starts + negative
        if not _are_sound(text, signs, digits_from, ends):
            return None
        found = digits.read(text, signs, digits_from, ends)
        if found is not None:
            return found if is_plain else np.where(negative, -found, found)
        blank = text.translate(self._blanks, self._dropped)
        found = np.fromstring(blank, dtype=np.float64, sep=" ")
        return found if np.isfinite(found).all() else None


def _are_sound(
    text: bytes,
    signs: npt.NDArray[np.uint8],
    starts: npt.NDArray[np.intp],
    ends: npt.NDArray[np.intp],
) -> bool:
    """Tell whether runs of digits and points are numbers: (0|[1-9][0-9]*)(.[0-9]+)?."""
    firsts = signs[starts]
    seconds = signs[np.minimum(starts + 1, len(signs) - 1)]
    is_digit = firsts - _ZERO < 10
    has_zero = (firsts == _ZERO) & (seconds - _ZERO < 10)
    if not is_digit.all() or has_zero.any() or not (signs[ends - 1] - _ZERO < 10).all():
        return False
    return not (b"." in text and _TWO_POINTS.search(text))
