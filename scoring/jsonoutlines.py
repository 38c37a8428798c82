"""Outlines taken out of JSON text, many elements at once, before a decoder makes objects of them.

A decoder makes an object of each number, which is most of the time and memory that such a file
takes. Outlines that are written plainly are read here as one text of numbers; of all else the
decoder learns as ever.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from scoring.numbertext import Floats, Form

_BLANKS = b" \t\r\n"
_MEANT = re.compile(
    rb"[ \t\r\n](?:(?<=[-+.0-9].)[ \t\r\n]*[-+.0-9]|(?<=[A-Za-z].)|[A-Za-z])", re.DOTALL
)
"""A blank that parts two numbers, or stands within a name."""
_PARTING = b"\0"
_MOST_KNOWN = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a format writes the outlines of an element, without blanks.

    Parameters
    ----------
    member
        The member that holds them.
    closing
        The sign behind which they end, and whether it is theirs.
    brackets
        What stands before the first number's own signs, and behind the last one's.
    between_points, between_rings
        What stands between two points, and two rings.
    point
        The form of a point with what stands before and behind it.
    """

    member: bytes
    closing: tuple[bytes, bool]
    brackets: tuple[bytes, bytes]
    between_points: bytes
    between_rings: bytes
    point: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlines:
    """What was taken out of some elements.

    Parameters
    ----------
    token
        Stands in each element where its outlines were. It is made up anew for each file.
    corners
        (n, 2) float64: the corners of all rings, one ring after the other, as they were written.
    sizes
        Corners of each ring.
    rings
        Rings of each element; 0 where nothing was taken out.
    texts
        Each element as it was.
    """

    token: int
    corners: Floats
    sizes: list[int]
    rings: list[int]
    texts: Sequence[bytes]

    def whole(self, index: int) -> object:
        """Return an element as the decoder makes it of the whole text."""
        value: object = orjson.loads(self.texts[index])
        return value


class OutlineCutter:
    """Takes the outlines out of the elements of one file.

    Attributes
    ----------
    token
        As in ``Outlines``.
    """

    def __init__(self, layout: Layout) -> None:
        self.token = secrets.randbits(60) | 1 << 60
        self._layout = layout
        self._form = Form(layout.point)
        head = rb"[ \t\r\n]*".join(re.escape(bytes([sign])) for sign in layout.brackets[0])
        self._opening = re.compile(
            b'"' + layout.member + rb'"[ \t\r\n]*:[ \t\r\n]*(?=' + head + rb'[ \t\r\n]*[-"0-9])'
        )
        self._known: dict[bytes, object] = {}

    def read(self, texts: Sequence[bytes]) -> tuple[list[object], Outlines] | None:
        """Return elements without their outlines, and these; None when one is not plain.

        Elements that are written alike are the same object.
        """
        token = str(self.token).encode()
        sign, is_theirs = self._layout.closing
        spans, places, elements = [], [], []
        for number, text in enumerate(texts):
            reduced = text
            found = self._opening.search(text)
            if found is not None:
                start = found.end()
                end = text.find(sign, start) + is_theirs
                spans.append(text[start:end])
                places.append(number)
                reduced = text[:start] + token + text[end:]
            try:
                elements.append(self._decoded(reduced))
            except orjson.JSONDecodeError:
                return None
        read = self._outlines(spans)
        if read is None:
            return None
        corners, polygons = read
        rings = [0] * len(texts)
        for number, sizes in zip(places, polygons, strict=True):
            rings[number] = len(sizes)
        return elements, Outlines(
            token=self.token,
            corners=corners,
            sizes=[size for sizes in polygons for size in sizes],
            rings=rings,
            texts=texts,
        )

    def _decoded(self, text: bytes) -> object:
        known = self._known.get(text)
        if known is None:
            known = orjson.loads(text)
            if len(self._known) < _MOST_KNOWN:
                self._known[text] = known
        return known

    def _outlines(self, spans: list[bytes]) -> tuple[Floats, list[list[int]]] | None:
        """Return all corners, and the sizes of the rings of each span."""
        layout = self._layout
        joined = _unblanked(_PARTING.join(spans))
        head, tail = layout.brackets
        if joined is None or not (joined.startswith(head) and joined.endswith(tail)):
            return None
        inner = joined[len(head) : -len(tail)]
        parting = tail + _PARTING + head
        polygons = [text.split(layout.between_rings) for text in inner.split(parting)]
        # A point begins with one bracket, and so do all but the first of a ring.
        sizes = [[ring.count(head[-1:]) + 1 for ring in rings] for rings in polygons]
        between = layout.between_points
        flat = inner.replace(parting, between).replace(layout.between_rings, between)
        corners = self._form.read(head[-1:] + flat + between[: len(between) - 1])
        if corners is None or len(polygons) != len(spans):
            return None
        return (corners, sizes) if sum(map(sum, sizes)) == len(corners) else None


def _unblanked(text: bytes) -> bytes | None:
    """Return JSON without blanks; None where that would join two numbers or mend a name."""
    if not any(blank in text for blank in (b" ", b"\n", b"\t", b"\r")):
        return text
    return None if _MEANT.search(text) else text.translate(None, _BLANKS)
