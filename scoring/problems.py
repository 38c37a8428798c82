"""Problems: what is wrong with an upload, gathered so that all of it is told at once."""

from __future__ import annotations

from records.errors import InputError

MAX_TOLD = 20


class Problems:
    """Messages about single lines, told together in one refusal."""

    def __init__(self) -> None:
        self._messages: list[str] = []
        self._count = 0

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return self._count > 0

    def add(self, line: int, message: str) -> None:
        """Note what is wrong with a line, counted from 1; 0 is a thing that has no lines."""
        self._count += 1
        if self._count <= MAX_TOLD:
            self._messages.append(f"line {line}: {message}" if line else message)

    def refuse_if_any(self) -> None:
        """Raise an InputError that tells the first problems and how many more there are."""
        if not self._count:
            return
        more = self._count - len(self._messages)
        tail = [f"and {more} more wrong lines"] if more else []
        raise InputError("\n".join(["nothing was stored:", *self._messages, *tail]))


def shown(value: str) -> str:
    """Return a cell of a table, quoted and shortened, for a message."""
    return repr(value if len(value) <= 60 else f"{value[:57]}…")
