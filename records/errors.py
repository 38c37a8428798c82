"""What can go wrong, as six meanings; everything else is a bug.

::

    AppError
    ├─ InputError     the request, or the text of a file, is wrong
    ├─ RightsError    the token is bad, expired or without the right
    ├─ NotFoundError  no such study, case, slide, tile or upload
    ├─ ConflictError  the state forbids it
    ├─ SlideError     the slide file cannot be opened or decoded
    └─ BusyError      the disk is full or no worker is free

Rooms subclass these; only ``access.replies`` knows which HTTP status each one is. Messages name the
thing and the form that was expected, and are shown to people: no secrets, no absolute paths.
"""

from __future__ import annotations


class AppError(Exception):
    """An expected failure, told to the person or script that asked.

    Parameters
    ----------
    message
        What is wrong and what would be right, in one or two sentences.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InputError(AppError):
    """The request, or the text of a file, is wrong.

    Parameters
    ----------
    message
        What is wrong and the form that was expected.
    source
        Name of the file or parameter, when the message alone does not say it.
    line
        Line within ``source``, counted from 1.
    column
        Column within the line, counted from 1.
    """

    def __init__(
        self,
        message: str,
        *,
        source: str | None = None,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        self.reason = message
        self.source = source
        self.line = line
        self.column = column
        place = ", ".join(
            part
            for part in (
                source,
                f"line {line}" if line is not None else None,
                f"column {column}" if column is not None else None,
            )
            if part
        )
        super().__init__(f"{place}: {message}" if place else message)


class RightsError(AppError):
    """The token or session is missing, bad, expired or without the right."""


class NotFoundError(AppError):
    """There is no such study, case, slide, tile or upload."""


class ConflictError(AppError):
    """The state of the thing forbids the act."""


class SlideError(AppError):
    """The slide file cannot be opened or decoded."""


class BusyError(AppError):
    """The disk is full, or no worker is free; trying later may help."""
