"""XML files of annotations, of any length: elements that hold points come as arrays.

A document type declaration is refused, and with it every entity; nothing outside the file is read.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO
from xml.parsers import expat

import numpy as np
import numpy.typing as npt

from records.errors import InputError
from scoring.problems import shown

CHUNK_BYTES = 1 << 18

MAX_TAG_BYTES = 1 << 20
"""The longest tag; the parser keeps one as a whole."""

MAX_DEPTH = 100

MAX_POINTS = 1_000_000
"""Points of one shape: some 300 MB while they are read."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Opened:
    """An element starts."""

    tag: str
    attributes: Mapping[str, str]
    line: int


@dataclass(frozen=True, slots=True)
class Closed:
    """An element ends."""

    tag: str


@dataclass(frozen=True, slots=True)
class Outlined:
    """An element with the points in it, as their attributes: flat, name by value, all alike.

    Parameters
    ----------
    rows
        The attributes of each point: name, value, name, value, and so on.
    """

    attributes: Mapping[str, str]
    rows: list[list[str]]
    line: int


Event = Opened | Closed | Outlined


def read(
    stream: BinaryIO, *, source: str, shape_tag: str, point_tags: Collection[str]
) -> Iterator[Event]:
    """Read a file event by event.

    Parameters
    ----------
    source
        What messages call the file.
    shape_tag
        The element that is told at its end, with the points in it.
    point_tags
        The elements in it that are points.

    Raises
    ------
    InputError
        It is no XML, or out of bounds; the message names the line.
    """
    handler = _Handler(source, shape_tag, frozenset(point_tags))
    fed = 0
    while piece := stream.read(CHUNK_BYTES):
        handler.feed(piece)
        fed += len(piece)
        if fed - handler.parser.CurrentByteIndex > MAX_TAG_BYTES:
            raise handler.error(f"a tag is longer than {MAX_TAG_BYTES >> 20} MiB")
        yield from handler.taken()
    handler.feed(b"", is_last=True)
    yield from handler.taken()


def table(shape: Outlined, names: Collection[str], *, source: str) -> Floats:
    """Return attributes of a shape's points as numbers.

    Parameters
    ----------
    names
        Those wanted, in order; each point must have them.

    Returns
    -------
    array
        (points, names) float64, all finite.

    Raises
    ------
    InputError
        One is missing, or is no finite number; a decimal comma is taken for a point, for tools
        write it where the system's language has one.
    """
    columns = _columns(shape.rows, names)
    if columns is None:
        columns = [[dict(_pairs(row)).get(name, "") for row in shape.rows] for name in names]
    return np.array(
        [_numbers(column, name, source) for name, column in zip(names, columns, strict=True)]
    ).T.reshape(-1, len(names))


def number(text: str, name: str, *, source: str) -> float:
    """Return an attribute that must be a finite number, or refuse it by its name."""
    return float(_numbers([text], name, source)[0])


def _columns(rows: list[list[str]], names: Collection[str]) -> list[list[str]] | None:
    """Return the wanted values when all points have the same attributes in the same order."""
    if not rows:
        return [[] for _ in names]
    width = len(rows[0])
    known = rows[0][::2]
    if set(map(len, rows)) != {width} or not set(names) <= set(known):
        return None
    flat = list(itertools.chain.from_iterable(rows))
    if any(set(flat[2 * place :: width]) != {name} for place, name in enumerate(known)):
        return None
    return [flat[2 * known.index(name) + 1 :: width] for name in names]


def _pairs(row: list[str]) -> Iterator[tuple[str, str]]:
    return zip(row[::2], row[1::2], strict=True)


def _numbers(texts: list[str], name: str, source: str) -> Floats:
    try:
        found = np.array(list(map(float, texts)), dtype=np.float64)
        is_fine = bool(np.isfinite(found).all()) and "_" not in "".join(texts)
    except ValueError:
        is_fine = False
    if is_fine:
        return found
    return np.array([_number(text, name, source) for text in texts], dtype=np.float64)


def _number(text: str, name: str, source: str) -> float:
    plain = text.replace(",", ".") if text.count(",") == 1 and "." not in text else text
    try:
        value = float("nan" if "_" in plain else plain)
    except ValueError:
        value = float("nan")
    if not np.isfinite(value):
        raise InputError(f"{name} is {shown(text)}; expected a finite number", source=source)
    return value


class _Handler:
    """Gathers events from the parser."""

    def __init__(self, source: str, shape_tag: str, point_tags: frozenset[str]) -> None:
        self._source = source
        self._shape_tag = shape_tag
        self._point_tags = point_tags
        self._events: list[Event] = []
        self._rows: list[list[str]] = []
        self._shape: Opened | None = None
        self._depth = 0
        self.parser = expat.ParserCreate()
        self.parser.ordered_attributes = True
        self.parser.buffer_text = False
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._refuse

    def feed(self, piece: bytes, *, is_last: bool = False) -> None:
        """Parse a piece of the file."""
        try:
            self.parser.Parse(piece, is_last)
        except expat.ExpatError as error:
            reason = expat.errors.messages[error.code]
            raise InputError(
                f"is not well-formed: {reason}",
                source=self._source,
                line=error.lineno,
                column=error.offset + 1,
            ) from None
        except (LookupError, ValueError):
            # An encoding that Python does not know.
            raise self.error("has an unknown encoding; expected UTF-8") from None

    def taken(self) -> list[Event]:
        """Return the events since the last call."""
        # Looked at once a piece, for it would take a tenth of the time to look at each point.
        if len(self._rows) > MAX_POINTS:
            raise self.error(f"a shape has more than {MAX_POINTS:,} points")
        events, self._events = self._events, []
        return events

    def error(self, reason: str) -> InputError:
        """Return a complaint about where the parser is."""
        return InputError(reason, source=self._source, line=self.parser.CurrentLineNumber)

    def _start(self, tag: str, attributes: list[str]) -> None:
        if tag in self._point_tags:
            self._rows.append(attributes)
            return
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self.error(f"is nested more than {MAX_DEPTH} deep")
        opened = Opened(tag, dict(_pairs(attributes)), self.parser.CurrentLineNumber)
        if tag == self._shape_tag:
            self._shape = opened
            self._rows = []
        else:
            self._events.append(opened)

    def _end(self, tag: str) -> None:
        if tag in self._point_tags:
            return
        self._depth -= 1
        if tag != self._shape_tag:
            self._events.append(Closed(tag))
        elif self._shape is not None:
            self._events.append(Outlined(self._shape.attributes, self._rows, self._shape.line))
            self._shape = None
            self._rows = []

    def _refuse(self, *_: object) -> None:
        raise self.error("a DOCTYPE is not allowed")
