"""Points taken out of the text of an XML file, many shapes at once, before a parser sees it.

A parser of XML tells each point by a call of its own; that is most of the time that such a file
takes. Points that are all written alike, as tools write them, are read here as one text of numbers.
All else is left where it stands.
"""

from __future__ import annotations

import itertools
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scoring.numbertext import SLOT, Floats, Form

MOST_HELD_BYTES = 4 << 20
"""Text of one shape up to which its points are read here; longer ones are left to the parser."""

_BLANKS = b" \t\r\n"
_ATTRIBUTE = rb"""[ \t\r\n]+[A-Za-z_]+="[^"<&]*\""""
_NAME = re.compile(rb'([A-Za-z_]+)="[^"]*"')
# Behind these, the same bytes may mean something else: comments, marked sections, instructions.
_ODD = (b"<!", b"<?")
_DECLARATION = re.compile(
    rb"(?:\xef\xbb\xbf)?<\?xml(?:[ \t\r\n]+(?:version|standalone)=(?:\"[^\"<]*\"|'[^'<]*')"
    rb"|[ \t\r\n]+encoding=[\"'](?i:utf-8|us-ascii|iso-8859-1)[\"'])*[ \t\r\n]*\?>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PointGrammar:
    """The elements that are points.

    Parameters
    ----------
    list_tag
        The element that holds the points of a shape.
    tags
        The elements in it that are points.
    axes
        Their attributes x and y.
    order
        Their attribute that tells their order, where they have it.
    """

    list_tag: str
    tags: frozenset[str]
    axes: tuple[str, str] = ("X", "Y")
    order: str = "Order"


class PointTable(NamedTuple):
    """The points of a shape.

    Parameters
    ----------
    places
        (n, 2) float64, in their order.
    orders
        (n,) float64: what they say of it, if anything.
    """

    places: Floats
    orders: Floats | None


class PointCutter:
    """Takes points out of a text that comes in pieces.

    Attributes
    ----------
    mark
        The attribute of the list whose value numbers what was taken out of it. It is made up anew
        each time, so that no file can have it.
    """

    def __init__(self, grammar: PointGrammar) -> None:
        self.mark = "x" + secrets.token_hex(8)
        self._grammar = grammar
        self._tag = grammar.list_tag.encode()
        self._held = b""
        self._is_begun = False
        self._is_plain = True
        self._form: _PointForm | None = None
        self._tables: dict[str, PointTable] = {}
        self._number = 0

    def cut(self, piece: bytes) -> bytes:
        """Return text for the parser; what stands in it has its line and column in the file."""
        text = self._held + piece
        self._held = b""
        if not self._is_plain:
            return text
        declaration = None if self._is_begun else _DECLARATION.match(text)
        self._is_begun = True
        start = declaration.end() if declaration else 0
        # The second sign alone is rare, and found ten times as fast.
        if any(sign[-1:] in text and text.find(sign, start) >= 0 for sign in _ODD):
            self._is_plain = False
            return text
        closing = b"</" + self._tag + b">"
        end = text.rfind(closing) + len(closing)
        if end < len(closing):
            # A long text goes on without its last sign, which may begin a comment.
            end = 0 if len(text) < MOST_HELD_BYTES else len(text) - 1
        self._held = text[end:]
        return self._without_points(text[:end], closing)

    def rest(self) -> bytes:
        """Return what was held back, at the end."""
        return self._held

    def take(self, number: str) -> PointTable:
        """Return what was taken out under a number; once."""
        return self._tables.pop(number)

    def _without_points(self, text: bytes, closing: bytes) -> bytes:
        first, *parts = text.split(b"<" + self._tag + b">")
        found = [part.partition(closing) for part in parts]
        tables = self._read([span for span, _, _ in found])
        if tables is None or not all(end for _, end, _ in found):
            return text
        pieces = [first]
        for (span, end, rest), table in zip(found, tables, strict=True):
            self._number += 1
            self._tables[str(self._number)] = table
            mark = f' {self.mark}="{self._number}"'.encode()
            pieces += (b"<", self._tag, mark, b">", _emptied(span, len(mark)), end, rest)
        return b"".join(pieces)

    def _read(self, spans: list[bytes]) -> list[PointTable] | None:
        """Return the points in spans of text; None when one of them has others than plain ones."""
        points = [span.strip(_BLANKS) for span in spans]
        tables = None if self._form is None else self._form.read(points)
        if tables is None and points:
            # Each tool writes in its own way, but all the same in one file.
            self._form = _PointForm.of(max(spans, key=len), self._grammar)
            tables = None if self._form is None else self._form.read(points)
        return tables


class _PointForm:
    """How the points of a file are written.

    Parameters
    ----------
    point
        A point with a slot for each number.
    between
        The blanks between two points.
    """

    def __init__(self, grammar: PointGrammar, point: bytes, between: bytes) -> None:
        names = [name.decode() for name in _NAME.findall(point)]
        self._form = Form(point + between)
        self._between = between
        self._start = point.partition(SLOT)[0]
        self._ends = point.count(b">")
        self._axes = [names.index(name) for name in grammar.axes]
        self._order = names.index(grammar.order) if grammar.order in names else None

    @classmethod
    def of(cls, span: bytes, grammar: PointGrammar) -> _PointForm | None:
        """Return the form of the first point in a text; None when it is not a plain one."""
        tags = "|".join(map(re.escape, grammar.tags)).encode()
        found = re.match(
            rb"[ \t\r\n]*(<(" + tags + rb"))((?:" + _ATTRIBUTE + rb")+)"
            rb"([ \t\r\n]*(?:/>|></\2>))([ \t\r\n]*)",
            span,
        )
        if found is None:
            return None
        start, _, attributes, end, between = found.groups()
        names = [name.decode() for name in _NAME.findall(attributes)]
        if len(set(names)) < len(names) or not set(grammar.axes) <= set(names):
            return None
        point = start + _NAME.sub(rb'\1="' + SLOT + b'"', attributes) + end
        return cls(grammar, point, between)

    def read(self, spans: Sequence[bytes]) -> list[PointTable] | None:
        """Return the points of each span, without blanks around them; None when one is another."""
        filled = [span for span in spans if span]
        if not all(span.startswith(self._start) and span.endswith(b">") for span in filled):
            return None
        text = self._between.join([*filled, b""])
        values = self._form.read(text)
        if values is None:
            return None
        lengths = [len(span) + len(self._between) if span else 0 for span in spans]
        # Counted all at once: a span by itself takes a microsecond.
        tags = np.flatnonzero(np.frombuffer(text, dtype=np.uint8) == ord(">"))
        ends = np.searchsorted(tags, np.cumsum(lengths)) // self._ends
        if self._order is not None:
            values = _in_order(values, values[:, self._order], ends)
        places = values[:, self._axes]
        orders = None if self._order is None else values[:, self._order]
        return [
            PointTable(places[start:end], None if orders is None else orders[start:end])
            for start, end in itertools.pairwise([0, *ends.tolist()])
        ]


def _in_order(values: Floats, orders: Floats, ends: npt.NDArray[np.intp]) -> Floats:
    """Return points sorted by their orders within each shape."""
    falls = np.flatnonzero(orders[1:] <= orders[:-1]) + 1
    if np.isin(falls, ends[:-1]).all():
        return values
    owners = np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0))
    return values[np.lexsort((orders, owners))]


def _emptied(span: bytes, added: int) -> bytes:
    """Return blanks of so many lines, and as far in the last one; ``added`` signs stand before."""
    lines = span.count(b"\n")
    if lines:
        return b"\n" * lines + b" " * (len(span) - span.rindex(b"\n") - 1)
    return b" " * (len(span) - added)
