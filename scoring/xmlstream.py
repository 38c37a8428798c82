"""XML files of annotations, of any length: elements that hold points come as arrays.

A document type declaration is refused, and with it every entity; nothing outside the file is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple
from xml.parsers import expat

import numpy as np
import numpy.typing as npt

from records.errors import InputError
from scoring.problems import shown
from scoring.xmlpoints import PointCutter, PointGrammar, PointTable

CHUNK_BYTES = 1 << 18

MAX_TAG_BYTES = 1 << 20
"""The longest tag; the parser keeps one as a whole."""

MAX_DEPTH = 100

MAX_POINTS = 1_000_000
"""Points of one shape: some 350 MB while they are read, if they are not plain."""

Floats = npt.NDArray[np.float64]
Row = dict[str, str]


class Opened(NamedTuple):
    """An element starts."""

    tag: str
    attributes: Mapping[str, str]
    line: int


class Closed(NamedTuple):
    """An element ends."""

    tag: str


class Outlined(NamedTuple):
    """An element with the points in it.

    Parameters
    ----------
    rows
        The attributes of each point.
    table
        The points instead, where they were plain enough to be read at once.
    """

    attributes: Mapping[str, str]
    rows: list[Row]
    table: PointTable | None
    line: int


Event = Opened | Closed | Outlined


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """Which elements of a file are told, and how.

    Parameters
    ----------
    shape
        The element that is told at its end, with the points in it.
    told
        Others whose start and end are told, besides the outermost one.
    """

    shape: str
    points: PointGrammar
    told: frozenset[str]


def read(stream: BinaryIO, *, source: str, grammar: Grammar) -> Iterator[Event]:
    """Read a file event by event.

    Parameters
    ----------
    source
        What messages call the file.

    Raises
    ------
    InputError
        It is no XML, or out of bounds; the message names the line.
    """
    handler = _Handler(source, grammar)
    while piece := stream.read(CHUNK_BYTES):
        handler.feed(piece)
        yield from handler.taken()
    handler.end()
    yield from handler.taken()


def places(shape: Outlined, grammar: PointGrammar, *, source: str) -> Floats:
    """Return the places of a shape's points, in their order.

    Returns
    -------
    array
        (points, 2) float64, all finite.

    Raises
    ------
    InputError
        A coordinate is missing, or is no finite number; a decimal comma is taken for a point, for
        tools write it where the system's language has one.
    """
    if shape.table is not None:
        return shape.table.places
    found = _table(shape.rows, grammar.axes, source)
    if not shape.rows or grammar.order not in shape.rows[0]:
        return found
    orders = _table(shape.rows, (grammar.order,), source)[:, 0]
    return found[np.argsort(orders, kind="stable")]


def number(text: str, name: str, *, source: str) -> float:
    """Return an attribute that must be a finite number, or refuse it by its name."""
    return float(_numbers([text], name, source)[0])


def _table(rows: list[Row], names: Sequence[str], source: str) -> Floats:
    """Return attributes of points as numbers, (points, names)."""
    columns = [_numbers([row.get(name, "") for row in rows], name, source) for name in names]
    return np.array(columns).T.reshape(-1, len(names))


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

    def __init__(self, source: str, grammar: Grammar) -> None:
        self._source = source
        self._grammar = grammar
        self._points = grammar.points
        self._cutter = PointCutter(grammar.points)
        self._events: list[Event] = []
        self._rows: list[Row] = []
        self._table: PointTable | None = None
        self._shape: Opened | None = None
        self._depth = 0
        self._fed_bytes = 0
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = False
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._refuse

    def feed(self, piece: bytes) -> None:
        """Parse a piece of the file."""
        text = self._cutter.cut(piece)
        self._parse(text)
        self._fed_bytes += len(text)
        if self._fed_bytes - self._parser.CurrentByteIndex > MAX_TAG_BYTES:
            raise self.error(f"a tag is longer than {MAX_TAG_BYTES >> 20} MiB")

    def end(self) -> None:
        """Parse what is left."""
        self._parse(self._cutter.rest(), is_last=True)

    def taken(self) -> list[Event]:
        """Return the events since the last call."""
        # Looked at once a piece, for it would take a tenth of the time to look at each point.
        if len(self._rows) > MAX_POINTS:
            raise self.error(f"a shape has more than {MAX_POINTS:,} points")
        events, self._events = self._events, []
        return events

    def error(self, reason: str) -> InputError:
        """Return a complaint about where the parser is."""
        return InputError(reason, source=self._source, line=self._parser.CurrentLineNumber)

    def _parse(self, text: bytes, *, is_last: bool = False) -> None:
        try:
            self._parser.Parse(text, is_last)
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

    def _start(self, tag: str, attributes: Row) -> None:
        if tag in self._points.tags:
            self._rows.append(attributes)
            return
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self.error(f"is nested more than {MAX_DEPTH} deep")
        if tag == self._points.list_tag and self._cutter.mark in attributes:
            self._add(self._cutter.take(attributes[self._cutter.mark]))
        elif tag == self._grammar.shape:
            self._shape = Opened(tag, attributes, self._parser.CurrentLineNumber)
            self._rows, self._table = [], None
        elif tag in self._grammar.told or self._depth == 1:
            self._events.append(Opened(tag, attributes, self._parser.CurrentLineNumber))

    def _end(self, tag: str) -> None:
        if tag in self._points.tags:
            return
        self._depth -= 1
        shape = self._shape
        if tag in self._grammar.told:
            self._events.append(Closed(tag))
        elif tag == self._grammar.shape and shape is not None:
            if self._rows and self._table is not None:
                self._rows, self._table = _rows(self._table, self._points) + self._rows, None
            self._events.append(Outlined(shape.attributes, self._rows, self._table, shape.line))
            self._shape = None
            self._rows, self._table = [], None

    def _add(self, table: PointTable) -> None:
        """Add points that were taken out of the text."""
        if self._table is not None:
            self._rows += _rows(self._table, self._points)
        if self._rows:
            self._rows, self._table = self._rows + _rows(table, self._points), None
        else:
            self._table = table

    def _refuse(self, *_: object) -> None:
        raise self.error("a DOCTYPE is not allowed")


def _rows(table: PointTable, grammar: PointGrammar) -> list[Row]:
    """Return points as the parser tells them."""
    rows = [dict(zip(grammar.axes, map(repr, pair), strict=True)) for pair in table.places.tolist()]
    if table.orders is not None:
        for row, order in zip(rows, table.orders.tolist(), strict=True):
            row[grammar.order] = repr(order)
    return rows
