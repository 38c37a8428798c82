"""The questionsMap of ASAP imports: which colour of annotation answers which question."""

from __future__ import annotations

import functools
import re

from records.errors import InputError
from scoring.problems import shown

_COLOUR = re.compile(r"#?(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_LINE_END = re.compile(r"\r\n|\r|\n")


def parse(text: str) -> dict[str, str]:
    """Read a map of colours, as ``#rrggbb`` in lower case, to names of questions.

    Source: seed, "ASAP interoperability": one mapping a line, ``#ff0000;Tumor area``.

    Raises
    ------
    InputError
        A line has no colour, no question, or gives a colour a second question.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(_LINE_END.split(text), start=1):
        if not line.strip():
            continue
        colour, _, question = (part.strip() for part in line.partition(";"))
        if not question:
            raise InputError(
                f"{shown(line)} maps no colour to a question; expected #rrggbb;Question",
                source="questionsMap",
                line=number,
            )
        try:
            colour = normal_colour(colour)
        except InputError as error:
            raise InputError(error.reason, source="questionsMap", line=number) from None
        if found.setdefault(colour, question) != question:
            raise InputError(
                f"{colour} belongs to {shown(found[colour])} already",
                source="questionsMap",
                line=number,
            )
    return found


def write(questions: dict[str, str]) -> str:
    """Write a map of colours to names of questions."""
    return "".join(f"{colour};{question}\n" for colour, question in questions.items())


@functools.lru_cache(1024)
@functools.lru_cache(maxsize=1000)
def normal_colour(text: str) -> str:
    """Return a colour as ``#rrggbb`` in lower case; ``#rgb`` is its short form.

    Raises
    ------
    InputError
        It is no colour.
    """
    if not _COLOUR.fullmatch(text):
        raise InputError(f"{shown(text)} is no colour; expected #rrggbb")
    digits = text.removeprefix("#").lower()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))
