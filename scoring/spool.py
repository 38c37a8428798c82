"""Spools: replies of any length, written while a transaction reads, and sent after it."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO

_MEMORY_BYTES = 4 << 20
_BLOCK_BYTES = 1 << 18

File = IO[bytes]


def open_file() -> File:
    """Return an empty file, on disk from some megabytes on.

    A slow client of it holds neither memory nor a transaction.
    """
    return tempfile.SpooledTemporaryFile(max_size=_MEMORY_BYTES)


def written(lines: Iterable[str]) -> File:
    """Return a file of texts in UTF-8, to be read from its start."""
    return filled(line.encode() for line in lines)


def filled(pieces: Iterable[bytes]) -> File:
    """Return a file of these bytes, to be read from its start."""
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(open_file())
        for piece in pieces:
            file.write(piece)
        file.seek(0)
        stack.pop_all()
        return file


def blocks(file: File) -> Iterator[bytes]:
    """Return the rest of a file in pieces, and close it."""
    with file:
        while block := file.read(_BLOCK_BYTES):
            yield block


def json_array(items: Iterable[str]) -> Iterator[str]:
    """Return the pieces of a JSON array of items that are JSON already, one a line."""
    separator = "["
    for item in items:
        yield separator + item
        separator = ",\n"
    yield "]" if separator != "[" else "[]"
