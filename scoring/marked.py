"""Marked shapes: shapes with what a tool says of them, one by one or packed by the thousand.

They are what every format of annotations is read into and written from.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.numbertext import Numbers, plain
from scoring.shapes import (
    Brush,
    Coordinates,
    MaskPack,
    Pack,
    Points,
    Polygon,
    PolygonPack,
    Shape,
)

ANNOTATION = "annotation"
"""The kind of object that a person draws. Source: QuPath, QuPathTypeAdapters.java, MAP_TYPES."""

KINDS = (ANNOTATION, "detection", "cell", "tile", "tmaCore")


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What a tool says of a shape besides where it is.

    Parameters
    ----------
    group
        Its class (QuPath), group (ASAP), layer (ImageScope), category (COCO) or question; or "".
    colour
        ``#rrggbb``, or "".
    kind
        One of ``KINDS``.
    measurements
        Name and value; the value may be NaN or infinite.
    metadata
        Name and text.
    """

    group: str = ""
    colour: str = ""
    name: str = ""
    kind: str = ANNOTATION
    is_locked: bool = False
    measurements: tuple[tuple[str, float], ...] = ()
    metadata: tuple[tuple[str, str], ...] = ()


PLAIN = Traits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """One shape with its traits.

    Parameters
    ----------
    id
        The name under which the tool knows it, often a UUID; or "".
    nucleus
        The outline of a cell's nucleus within the shape.
    """

    shape: Shape | Pack
    traits: Traits = PLAIN
    id: str = ""
    nucleus: Polygon | Brush | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MarkedPack:
    """Many polygons in few arrays, each with its traits, as large files are read.

    Parameters
    ----------
    corners
        (n, 2) float64: the corners of all rings, one ring after the other, level-0 pixels; the
        first corner of a ring is not repeated at its end.
    ring_starts
        (rings + 1,) int64: where each ring starts in ``corners``, and the end of the last.
    polygon_starts
        (polygons + 1,) int64: where each polygon starts among the rings, and the end of the last.
        Its first ring is its outline, the others are holes in it.
    traits
        One for each polygon; most are the same object.
    ids
        One for each polygon, or none at all.
    """

    corners: npt.NDArray[np.float64]
    ring_starts: npt.NDArray[np.int64]
    polygon_starts: npt.NDArray[np.int64]
    traits: Sequence[Traits]
    ids: Sequence[str] = ()

    def __len__(self) -> int:
        return len(self.polygon_starts) - 1

    def rings(self, index: int) -> list[npt.NDArray[np.float64]]:
        """Return the rings of a polygon, its outline first."""
        first, last = self.polygon_starts[index : index + 2].tolist()
        ends = self.ring_starts[first : last + 1].tolist()
        return [self.corners[start:end] for start, end in itertools.pairwise(ends)]

    def plain_rings(self) -> Iterator[list[Numbers]]:
        """Yield the rings of each polygon, in integers where all corners are whole."""
        corners = plain(self.corners)
        ends = self.ring_starts.tolist()
        for first, last in itertools.pairwise(self.polygon_starts.tolist()):
            yield [corners[ends[ring] : ends[ring + 1]] for ring in range(first, last)]

    def singly(self) -> Iterator[Marked]:
        """Return the polygons one by one: a ``Polygon``, or a ``Brush`` when it has holes."""
        for index, traits in enumerate(self.traits):
            outline, *holes = (Coordinates(ring) for ring in self.rings(index))
            shape = Brush(positive=(outline,), negative=tuple(holes)) if holes else None
            yield Marked(
                shape=shape or Polygon(outline=outline),
                traits=traits,
                id=self.ids[index] if self.ids else "",
            )


Piece = Marked | MarkedPack


class Packer:
    """Gathers consecutive polygons into packs, as a format's reader meets them."""

    def __init__(self) -> None:
        self._corners: list[npt.NDArray[np.float64]] = []
        self._ring_counts: list[int] = []
        self._traits: list[Traits] = []
        self._ids: list[str] = []

    def add(self, rings: Sequence[npt.NDArray[np.float64]], traits: Traits, id_: str = "") -> None:
        """Add a polygon: its outline, then its holes, (n, 2) each."""
        self._corners += rings
        self._ring_counts.append(len(rings))
        self._traits.append(traits)
        self._ids.append(id_)

    def __len__(self) -> int:
        return len(self._traits)

    def packed(self) -> Iterator[MarkedPack]:
        """Yield a pack of what was added since the last one, if anything was."""
        if not self._traits:
            return
        yield MarkedPack(
            corners=np.concatenate(self._corners),
            ring_starts=starts_of(list(map(len, self._corners))),
            polygon_starts=starts_of(self._ring_counts),
            traits=self._traits,
            ids=self._ids if any(self._ids) else (),
        )
        self._corners, self._ring_counts, self._traits, self._ids = [], [], [], []


class Losses:
    """What could not be carried over as it was, by what happened to it, counted.

    Each is a short sentence without its number: ``heat map left out: GeoJSON has none``.
    """

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, what: str, count: int = 1) -> None:
        """Note that something happened to so many shapes."""
        if count:
            self._counts[what] += count

    def lines(self) -> list[str]:
        """Return a line for each, the most frequent first."""
        return [f"{count:,} × {what}" for what, count in self._counts.most_common()]


class Carrier:
    """Tells the losses what a format cannot say of the shapes that are written into it.

    Parameters
    ----------
    format_name
        What messages call the format.
    keeps
        Which fields of ``Traits`` and ``Marked`` it has, and ``labels``.
    """

    def __init__(self, format_name: str, keeps: Collection[str], losses: Losses) -> None:
        self.losses = losses
        self._name = format_name
        self._keeps = frozenset(keeps)
        self._cache: dict[Traits, list[str]] = {}

    def note(self, piece: Piece) -> None:
        """Note what of a piece is not written."""
        if isinstance(piece, MarkedPack):
            for traits in piece.traits:
                self._note_traits(traits)
            if "id" not in self._keeps:
                self._lose("id", sum(map(bool, piece.ids)))
            return
        self._note_traits(piece.traits)
        shape = piece.shape
        labels = 0 if isinstance(shape, (Points, MaskPack)) else len(shape.labels)
        found = {"id": bool(piece.id), "nucleus": piece.nucleus is not None, "label": labels}
        for name, count_ in found.items():
            if name not in self._keeps:
                self._lose(name, int(count_))

    def leave_out(self, what: str, count_: int = 1) -> None:
        """Note that the format has no such shape."""
        self.losses.add(f"{what} left out: {self._name} has none", count_)

    def _lose(self, name: str, count_: int) -> None:
        self.losses.add(f"{_WORDS[name]} left out: {self._name} has none", count_)

    def _note_traits(self, traits: Traits) -> None:
        if traits is PLAIN:
            return
        lost = self._cache.get(traits)
        if lost is None:
            lost = [name for name in _WORDS if name not in self._keeps and _has(traits, name)]
            if len(self._cache) < _MOST_CACHED:
                self._cache[traits] = lost
        for name in lost:
            self._lose(name, 1)


_MOST_CACHED = 10_000
_MOST_AT_ONCE = 20_000
_WORDS = {
    "group": "class",
    "colour": "colour",
    "name": "name",
    "kind": "kind of object",
    "is_locked": "lock",
    "measurements": "measurements",
    "metadata": "metadata",
    "id": "id",
    "nucleus": "nucleus",
    "label": "label",
}


def _has(traits: Traits, name: str) -> bool:
    return getattr(traits, name, None) != getattr(PLAIN, name, None)


def singly(pieces: Iterable[Piece]) -> Iterator[Marked]:
    """Return the shapes of pieces one by one."""
    for piece in pieces:
        if isinstance(piece, Marked):
            yield piece
        else:
            yield from piece.singly()


def count(piece: Piece) -> int:
    """Return how many shapes a piece holds."""
    return 1 if isinstance(piece, Marked) else len(piece)


def from_pack(
    pack: PolygonPack, traits: Sequence[Traits] = (), ids: Sequence[str] = ()
) -> MarkedPack:
    """Return the polygons of an annotation file; a hole of several outlines is repeated in each.

    Parameters
    ----------
    traits, ids
        One for each outline of the pack, holes included; or none at all.
    """
    inner = {hole for holes in pack.holes.values() for hole in holes}
    if not inner and not traits:
        return MarkedPack(
            corners=pack.corners.astype(np.float64),
            ring_starts=pack.starts,
            polygon_starts=np.arange(len(pack) + 1, dtype=np.int64),
            traits=[PLAIN] * len(pack),
        )
    outlines = [index for index in range(len(pack)) if index not in inner]
    rings = [[index, *pack.holes.get(index, ())] for index in outlines]
    order = np.fromiter(itertools.chain.from_iterable(rings), dtype=np.int64)
    lengths = np.diff(pack.starts)[order]
    return MarkedPack(
        corners=pack.corners[_spans(pack.starts[order], lengths)].astype(np.float64),
        ring_starts=starts_of(lengths),
        polygon_starts=starts_of(list(map(len, rings))),
        traits=[traits[index] if traits else PLAIN for index in outlines],
        ids=[ids[index] for index in outlines] if ids else (),
    )


def parts_of(pack: PolygonPack, traits: Traits = PLAIN) -> Iterator[MarkedPack]:
    """Yield the polygons of an annotation file, some thousand at a time where they are plain.

    Parameters
    ----------
    traits
        Of each polygon.
    """
    if pack.holes or pack.labels:
        yield from_pack(pack, [traits] * len(pack))
        return
    for first in range(0, len(pack), _MOST_AT_ONCE):
        starts = pack.starts[first : first + _MOST_AT_ONCE + 1]
        count = len(starts) - 1
        yield MarkedPack(
            corners=pack.corners[starts[0] : starts[-1]].astype(np.float64),
            ring_starts=starts - starts[0],
            polygon_starts=np.arange(count + 1, dtype=np.int64),
            traits=[traits] * count,
        )


def starts_of(lengths: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Return where runs of these lengths start, and the end of the last."""
    ends: npt.NDArray[np.int64] = np.cumsum(np.asarray(lengths, dtype=np.int64), dtype=np.int64)
    return np.concatenate((np.zeros(1, dtype=np.int64), ends))


def _spans(starts: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the indices of all elements of spans, one span after the other."""
    offsets = np.repeat(starts - starts_of(lengths)[:-1], lengths)
    return np.arange(len(offsets), dtype=np.int64) + offsets
