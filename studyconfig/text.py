"""Configuration text: bytes into lines and fields that know their place, to name it in errors."""

from __future__ import annotations

import codecs
import difflib
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from records.errors import InputError

MAX_FILE_BYTES = 16 * 1024 * 1024
"""The largest configuration file: 100,000 slides with long paths fit."""

MAX_LINES = 200_000

MAX_SHOWN = 60
"""How many characters of a wrong text a message shows."""

_LINE_END = re.compile(r"\r\n|\n|\r")
NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")
"""What configuration files never hold, besides TAB and the ends of lines."""


MAX_MISTAKES = 100
"""How many mistakes of one file are told; a file with more is most likely of another kind."""


class ConfigSyntaxError(InputError):
    """A configuration file does not have its form; says where, and what would be right."""

    others: tuple[ConfigSyntaxError, ...] = ()
    """Further mistakes of the same file, in its order."""

    @property
    def mistakes(self) -> tuple[ConfigSyntaxError, ...]:
        """Return this mistake and the further ones."""
        return (self, *self.others)


class Mistakes:
    """Keeps the mistakes of a file while its other lines are read, so that all are told at once."""

    def __init__(self) -> None:
        self._found: list[ConfigSyntaxError] = []

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keep the mistake that stops the block.

        Raises
        ------
        ConfigSyntaxError
            There are too many mistakes to go on.
        """
        try:
            yield
        except ConfigSyntaxError as error:
            self._found += error.mistakes
        if len(self._found) >= MAX_MISTAKES:
            self.check()

    def check(self) -> None:
        """Insist that there was none.

        Raises
        ------
        ConfigSyntaxError
            There was one, or more, in the order of the lines.
        """
        if not self._found:
            return
        found = sorted(self._found, key=lambda error: (error.line or 0, error.column or 0))
        if len(found) >= MAX_MISTAKES:
            last = found[MAX_MISTAKES - 1]
            more = ConfigSyntaxError(
                f"there are {MAX_MISTAKES} mistakes up to here; the rest was not read",
                source=last.source,
                line=last.line,
            )
            found = [*found[:MAX_MISTAKES], more]
        first, *others = found
        first.others = tuple(others)
        raise first


@dataclass(frozen=True, slots=True)
class Field:
    """A piece of a line, without the spaces around it, and its column, counted from 1."""

    text: str
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a file, without its end."""

    source: str
    number: int
    text: str

    @property
    def is_blank(self) -> bool:
        """Tell whether there is nothing but white space."""
        return not self.text.strip()

    def fields(self, separator: str, *, most: int = -1) -> list[Field]:
        """Return what stands between separators, the last of ``most`` fields taking the rest."""
        found = []
        start = 0
        for part in self.text.split(separator, most - 1 if most > 0 else -1):
            indent = len(part) - len(part.lstrip())
            found.append(Field(part.strip(), start + indent + 1))
            start += len(part) + len(separator)
        return found

    def error(self, message: str, column: int = 1) -> ConfigSyntaxError:
        """Return the error to raise about this line."""
        return ConfigSyntaxError(message, source=self.source, line=self.number, column=column)

    def check_length(self, field: Field, limit: int, what: str) -> None:
        """Insist that a field fits its place in the database.

        Raises
        ------
        ConfigSyntaxError
            It is longer than ``limit`` characters.
        """
        if len(field.text) > limit:
            raise self.error(
                f"{what} has {len(field.text)} characters; at most {limit} are possible",
                field.column,
            )


def decode(data: bytes, *, source: str) -> str:
    """Turn the bytes of a configuration file into text.

    Parameters
    ----------
    data
        UTF-8 with or without byte order mark, or UTF-16 with one (as Excel's "Unicode text").
    source
        Name of the file, for messages.

    Raises
    ------
    ConfigSyntaxError
        The file is too large or holds a byte that is not of its encoding; never guessed.
    """
    if len(data) > MAX_FILE_BYTES:
        raise ConfigSyntaxError(
            f"the file has {len(data)} bytes; at most {MAX_FILE_BYTES} are read", source=source
        )
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    else:
        encoding = "utf-8"
        data = data.removeprefix(codecs.BOM_UTF8)
    mistakes = Mistakes()
    while True:
        try:
            content = data.decode(encoding)
        except UnicodeDecodeError as error:
            with mistakes.kept():
                raise _stray_byte(data, error, encoding, source) from None
            if encoding == "utf-16":
                # What follows half a character cannot be told.
                mistakes.check()
            data = data[: error.start] + b"?" + data[error.end :]
        else:
            mistakes.check()
            return content


def lines(content: str, *, source: str) -> list[Line]:
    r"""Return the lines of a text, ended by ``\n``, ``\r\n`` or ``\r``.

    Raises
    ------
    ConfigSyntaxError
        There is a control character or a second byte order mark (the file is not text, or UTF-16
        without mark), or there are too many lines.
    """
    content = content.removeprefix("\ufeff")
    mistakes = Mistakes()
    for stray in NOT_TEXT.finditer(content):
        with mistakes.kept():
            line, column = _place(content[: stray.start()])
            raise ConfigSyntaxError(
                f"the character U+{ord(stray.group()):04X} does not belong into text; "
                "expected a text file, saved as UTF-8",
                source=source,
                line=line,
                column=column,
            )
    mistakes.check()
    if content.count("\n") + content.count("\r") >= 2 * MAX_LINES:
        raise ConfigSyntaxError(f"there are more than {MAX_LINES} lines", source=source)
    return [
        Line(source=source, number=number, text=text)
        for number, text in enumerate(_LINE_END.split(content), start=1)
    ]


def shown(content: str) -> str:
    """Return text from outside, quoted and shortened, for a message."""
    return repr(content if len(content) <= MAX_SHOWN else f"{content[: MAX_SHOWN - 1]}…")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `` Did you mean …?`` with the known word that is closest, or nothing."""
    by_lower = {entry.lower(): entry for entry in known}
    close = difflib.get_close_matches(word[:MAX_SHOWN].lower(), by_lower, n=1, cutoff=0.6)
    return f" Did you mean {by_lower[close[0]]}?" if close else ""


def _stray_byte(
    data: bytes, error: UnicodeDecodeError, encoding: str, source: str
) -> ConfigSyntaxError:
    line, column = _place(data[: error.start].decode(encoding, errors="ignore"))
    name = "UTF-16" if encoding == "utf-16" else "UTF-8"
    return ConfigSyntaxError(
        f"the byte 0x{data[error.start]:02X} is not {name}"
        f"{_latin_1_hint(data[error.start], name)}; save the file as UTF-8",
        source=source,
        line=line,
        column=column,
    )


def _place(before: str) -> tuple[int, int]:
    """Return line and column, from 1, of what follows ``before``."""
    parts = _LINE_END.split(before)
    return len(parts), len(parts[-1]) + 1


def _latin_1_hint(byte: int, name: str) -> str:
    return f" (in Latin-1 it would be {chr(byte)!r})" if name == "UTF-8" and byte >= 0xA0 else ""
