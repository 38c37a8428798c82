"""JSON files of any length, read in pieces: the elements of their arrays, some hundred at a time.

The structure is found by looking at quotes and brackets only; the elements between them are
decoded by orjson, which refuses whatever is no JSON.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import orjson

from records.errors import InputError
from scoring.jsonoutlines import Layout, OutlineCutter, Outlines

CHUNK_BYTES = 1 << 19
"""Elements of so much text are decoded at once: some 100,000 numbers, megabytes as objects."""

MAX_ELEMENT_BYTES = 16 << 20
"""The longest element: a polygon of some million corners takes 200 MB once decoded."""

MAX_DEPTH = 100

MAX_NAME_BYTES = 1 << 20
"""The longest name, or plain value, of a member of the file's object."""

_SIGNS = np.zeros(256, dtype=np.bool_)
_SIGNS[list(b'"{}[]')] = True
_STEPS = np.zeros(256, dtype=np.int8)
_STEPS[list(b"{[")] = 1
_STEPS[list(b"}]")] = -1
_QUOTE = ord('"')
_ESCAPE = re.compile(rb"\\.", re.DOTALL)
_BLANKS = b" \t\r\n"
_KEY = re.compile(rb'[ \t\r\n]*("(?:[^"\\]++|\\.)*+")[ \t\r\n]*:[ \t\r\n]*', re.DOTALL)
_NEXT = re.compile(rb'[ \t\r\n]*,[ \t\r\n]*(\{[ \t\r\n]*"[^"\\]{1,40}")')
_MOST_MISSES = 4
_SCALAR = re.compile(rb'(?:"(?:[^"\\]++|\\.)*+"|[^",}\[\]{]+)(?=[ \t\r\n]*[,}])', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Batch:
    """Some elements of an array.

    Parameters
    ----------
    name
        The member of the file's object whose array it is; "" when the file is an array.
    first
        The number of the first of them in the array, counted from 1.
    outlines
        What was taken out of the elements, if anything.
    """

    name: str
    first: int
    elements: list[object]
    outlines: Outlines | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the file's object that is no array."""

    name: str
    value: object


def read(
    stream: BinaryIO,
    *,
    name: str,
    only: Container[str] | None = None,
    layout: Layout | None = None,
) -> Iterator[Batch | Member]:
    """Read a file that is an array, or an object some of whose members are arrays.

    Parameters
    ----------
    stream
        UTF-8, with or without a byte order mark.
    name
        What messages call the file.
    only
        The members whose arrays are wanted; others are passed over without being decoded.
    layout
        How the format writes outlines, which are then taken out of most elements.

    Raises
    ------
    InputError
        It is no JSON, holds NaN or a number beyond all bounds, is nested more than ``MAX_DEPTH``
        deep, or has an element of more than ``MAX_ELEMENT_BYTES``. The message names the element
        and the byte.
    """
    reader = _Reader(stream, name, only, layout)
    reader.skip(b"\xef\xbb\xbf")
    sign = reader.peek()
    if sign == b"[":
        reader.take(1)
        yield from reader.array("")
    elif sign == b"{":
        reader.take(1)
        yield from reader.members()
    else:
        raise reader.error("is no JSON array or object: expected [ or {")
    if reader.peek():
        raise reader.error("has something behind its end")


@dataclass(slots=True)
class _Scan:
    """How far the brackets of an array were counted."""

    place: int = 0
    depth: int = 0
    in_text: bool = False
    ends: list[int] = field(default_factory=list)
    """Where in the buffer each element that is an object or array ends."""
    end: int = -1
    """Where the array's own bracket stands."""


class _Reader:
    """Reads a stream piece by piece; ``_buffer`` starts at byte ``_behind`` of the file."""

    def __init__(
        self, stream: BinaryIO, name: str, only: Container[str] | None, layout: Layout | None
    ) -> None:
        self._cutter = OutlineCutter(layout) if layout else None
        self._next: tuple[bytes, bytes] | None = None
        self._misses = 0
        self._stream = stream
        self._name = name
        self._only = only
        self._buffer = b""
        self._behind = 0
        self._is_over = False

    def error(self, reason: str, *, at: int = 0) -> InputError:
        """Return the complaint about what stands at a place of the buffer."""
        return InputError(f"{reason} (at byte {self._behind + at + 1:,})", source=self._name)

    def take(self, count: int) -> bytes:
        """Return so many bytes of the buffer, and go on behind them."""
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        self._behind += count
        return taken

    def skip(self, mark: bytes) -> None:
        """Go on behind a mark when it stands here."""
        self._fill(len(mark))
        if self._buffer.startswith(mark):
            self.take(len(mark))

    def peek(self) -> bytes:
        """Return the next byte that is no blank; nothing at the end."""
        while True:
            rest = self._buffer.lstrip(_BLANKS)
            self.take(len(self._buffer) - len(rest))
            if rest or not self._more():
                return rest[:1]

    def members(self) -> Iterator[Batch | Member]:
        """Yield what the members of an object hold, up to its end."""
        if self.peek() == b"}":
            self.take(1)
            return
        while True:
            key = self._key()
            if self.peek() == b"[":
                self.take(1)
                yield from self.array(key)
            else:
                yield Member(key, self._value(key))
            sign = self.peek()
            if sign not in {b",", b"}"}:
                raise self.error("is no JSON: expected , or }")
            self.take(1)
            if sign == b"}":
                return

    def array(self, name: str) -> Iterator[Batch]:
        """Yield the elements of an array, up to its end."""
        number = 1
        scan = _Scan()
        is_wanted = self._only is None or name in self._only
        while scan.end < 0:
            if is_wanted and (batch := self._without_outlines(name, number)):
                number += len(batch.elements)
                yield batch
                scan = _Scan()
                continue
            self._scan(scan, f"{name or 'element'} {number:,}")
            cut = scan.end if scan.end >= 0 else scan.ends[-1]
            if not is_wanted:
                number += len(scan.ends)
                self.take(cut)
                scan.place -= cut
                continue
            elements = self._elements(scan.ends, cut, name=name, first=number)
            self._learn(scan.ends)
            if elements:
                yield Batch(name, number, elements)
            number += len(elements)
            self.take(cut)
            scan.place -= cut
        if self.take(1) != b"]":
            raise self.error("is no JSON: expected ]", at=-1)

    def _learn(self, ends: list[int]) -> None:
        """Note what stands between two elements, as tools write it all through a file."""
        found = _NEXT.match(self._buffer, ends[0]) if ends else None
        if found:
            self._next = b"}" + found[0], found[1]

    def _without_outlines(self, name: str, number: int) -> Batch | None:
        """Return the next elements without their outlines; None where they are not plain.

        The text is parted wherever it looks like the end of an element. Each part is decoded by
        itself, so that what passes is elements indeed.
        """
        if self._cutter is None or self._next is None or self._misses >= _MOST_MISSES:
            return None
        if len(self._buffer) < CHUNK_BYTES:
            self._more()
        between, start = self._next
        end = self._buffer.rfind(between) + 1
        empty, *parts = (b"}" + self._buffer[:end]).split(between)
        if empty or not parts:
            return None
        texts = [start + part + b"}" for part in parts[:-1]]
        found = self._cutter.read([*texts, start + parts[-1]])
        self._misses = 0 if found else self._misses + 1
        if found is None:
            return None
        self.take(end)
        return Batch(name, number, *found)

    def _elements(self, ends: list[int], cut: int, *, name: str, first: int) -> list[object]:
        text = self._buffer[:cut]
        if first > 1:
            # What was read before ended with an element: here stands a comma, or the array's end.
            rest = text.lstrip(_BLANKS)
            if not rest:
                return []
            if not (rest.startswith(b",") and rest[1:].strip(_BLANKS)):
                raise self.error("is no JSON: expected , and a value, or ]")
            text = b" " * (len(text) - len(rest) + 1) + rest[1:]
        try:
            found: list[object] = orjson.loads(b"[" + text + b"]")
        except orjson.JSONDecodeError as error:
            place = max(0, error.pos - 1)
            number = first + sum(end <= place for end in ends)
            raise self.error(
                f"{name or 'element'} {number:,} is no JSON: {_reason(error)}", at=place
            ) from None
        return found

    def _scan(self, scan: _Scan, what: str) -> None:
        """Read on and count brackets until an element, or the array itself, ends."""
        scan.ends, scan.end = [], -1
        while not scan.ends and scan.end < 0:
            if len(self._buffer) > MAX_ELEMENT_BYTES:
                raise self.error(
                    f"{what} holds more than {MAX_ELEMENT_BYTES >> 20} MiB; expected a shape of "
                    "at most some million corners"
                )
            if scan.place >= len(self._buffer) and not self._more():
                raise self.error(f"{what} is cut off", at=len(self._buffer))
            self._count(scan)

    def _count(self, scan: _Scan) -> None:
        """Count the brackets of what was not looked at yet."""
        fresh = self._buffer[scan.place :]
        if b"\\" in fresh:
            # An escape that is cut in two is looked at again with its second half.
            tail = len(fresh) - len(fresh.rstrip(b"\\"))
            if tail % 2 and not self._is_over:
                fresh = fresh[:-1]
                if not fresh:
                    self._more()
                    return
            fresh = _ESCAPE.sub(b"__", fresh)
        signs = np.frombuffer(fresh, dtype=np.uint8)
        places = np.flatnonzero(_SIGNS[signs])
        found = signs[places]
        quotes = found == _QUOTE
        inside = (np.cumsum(quotes) + scan.in_text) % 2 == 1
        brackets = places[~inside & ~quotes]
        steps = _STEPS[signs[brackets]]
        depths = scan.depth + np.cumsum(steps, dtype=np.int64)
        self._check_depth(depths, scan)
        over = brackets[depths < 0]
        ends = brackets[(depths == 0) & (steps < 0)]
        if len(over):
            scan.end = scan.place + int(over[0])
            ends = ends[ends < over[0]]
        scan.ends = (ends + (scan.place + 1)).tolist()
        scan.depth = int(depths[-1]) if len(depths) else scan.depth
        scan.in_text = bool(inside[-1]) if len(inside) else scan.in_text
        scan.place += len(fresh)

    def _check_depth(self, depths: npt.NDArray[np.int64], scan: _Scan) -> None:
        if len(depths) and int(depths.max()) > MAX_DEPTH:
            raise self.error(f"is nested more than {MAX_DEPTH} deep", at=scan.place)

    def _key(self) -> str:
        while (found := _KEY.match(self._buffer)) is None:
            if len(self._buffer) > MAX_NAME_BYTES or not self._more():
                raise self.error('is no JSON: expected "name":')
        self.take(found.end())
        return str(self._decoded(found[1], "a name"))

    def _value(self, key: str) -> object:
        """Return a value that is no array."""
        if self.peek() == b"{":
            self.take(1)
            scan = _Scan()
            while scan.end < 0:
                self._scan(scan, key)
            return self._decoded(b"{" + self.take(scan.end + 1), key)
        while (found := _SCALAR.match(self._buffer)) is None:
            if len(self._buffer) > MAX_NAME_BYTES or not self._more():
                raise self.error(f"{key} is no JSON, or is cut off")
        value = self._decoded(found[0], key)
        self.take(found.end())
        return value

    def _decoded(self, text: bytes, what: str) -> object:
        try:
            value: object = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise self.error(f"{what} is no JSON: {_reason(error)}") from None
        return value

    def _fill(self, count: int) -> None:
        while len(self._buffer) < count and self._more():
            pass

    def _more(self) -> bool:
        if self._is_over:
            return False
        piece = self._stream.read(CHUNK_BYTES)
        self._is_over = not piece
        self._buffer += piece
        return bool(piece)


def _reason(error: orjson.JSONDecodeError) -> str:
    """Return what is wrong, without the line and column, which count from the piece's start."""
    return error.msg.split(": line ")[0]
