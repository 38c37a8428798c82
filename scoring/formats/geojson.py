"""GeoJSON in QuPath's flavour: features with class, kind, name, measurements and metadata.

Source: QuPath, ROITypeAdapters.java and QuPathTypeAdapters.java; RFC 7946 for the geometries.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from types import NoneType
from typing import BinaryIO

import numpy as np
import orjson

from records.errors import InputError
from scoring import areas, jsonstream
from scoring.formats import geojson_shapes, qupath_objects
from scoring.jsonoutlines import Layout, Outlines
from scoring.jsonstream import Batch
from scoring.jsontext import as_object, shown
from scoring.marked import ANNOTATION, Losses, Marked, MarkedPack, Piece, Traits, starts_of

NAME = "GeoJSON"

_MOST_TRAITS = 10_000
_MOST_MEMBERS = 1000
_AT_ONCE = 1000
_RECT_CORNERS = 5
_LAYOUT = Layout(
    member=b"coordinates",
    closing=(b"}", False),
    brackets=(b"[[[", b"]]]"),
    between_points=b"],[",
    between_rings=b"]],[[",
    point=b"[#,#],",
)
_NUMPY = orjson.OPT_SERIALIZE_NUMPY


def parse(stream: BinaryIO, losses: Losses) -> Iterator[Piece]:
    """Read a feature collection, an array of features, one feature, or one geometry.

    Memory is bounded by the largest feature. Consecutive polygons come packed.

    Parameters
    ----------
    losses
        Takes note of what is not read: features without geometry, nesting of objects.

    Raises
    ------
    InputError
        It is no GeoJSON; the message names the feature, counted from 1, and its member.
    """
    yield from _Reader(losses).pieces(stream)


def write(pieces: Iterable[Piece], losses: Losses) -> Iterator[bytes]:
    """Write a feature collection as QuPath does, a feature a line.

    Coordinates keep all their digits. QuPath refuses ids that are no UUIDs, and makes new ones.

    Parameters
    ----------
    losses
        Takes note of shapes that GeoJSON has no geometry for.
    """
    yield b'{"type":"FeatureCollection","features":['
    separator = b"\n"
    cache: dict[Traits, orjson.Fragment] = {}
    for piece in pieces:
        if isinstance(piece, Marked):
            lines = _lines_of(piece, losses)
        else:
            lines = _packed_lines(piece, cache)
        for line in lines:
            yield separator + line
            separator = b",\n"
    yield b"\n]}\n"


class _Reader:
    """Reads features; packs consecutive polygons."""

    def __init__(self, losses: Losses) -> None:
        self._losses = losses
        self._cache: dict[object, Traits] = {}
        self._rings: list[object] = []
        self._ring_counts: list[int] = []
        self._traits: list[Traits] = []
        self._ids: list[str] = []
        self._numbers: list[int] = []
        self._seen: dict[int, tuple[object, tuple[Traits, str] | None]] = {}

    def pieces(self, stream: BinaryIO) -> Iterator[Piece]:
        """Yield what the features hold."""
        members: dict[str, object] = {}
        for part in jsonstream.read(stream, name=NAME, layout=_LAYOUT):
            if isinstance(part, Batch) and part.name in {"", "features"}:
                if part.outlines is not None:
                    yield from self._plain(part, part.outlines)
                    continue
                for number, element in enumerate(part.elements, start=part.first):
                    yield from self._feature(element, number)
                yield from self._packed()
            elif isinstance(part, Batch):
                known = members.setdefault(part.name, [])
                if isinstance(known, list):
                    known.extend(part.elements)
            elif len(members) < _MOST_MEMBERS:
                members[part.name] = part.value
        yield from self._alone(members)

    def _plain(self, batch: Batch, outlines: Outlines) -> Iterator[Piece]:
        """Yield what features hold whose outlines are read already."""
        corners, sizes = geojson_shapes.opened(outlines.corners, np.array(outlines.sizes))
        ring_starts = starts_of(sizes)
        firsts = starts_of(outlines.rings).tolist()
        said: list[tuple[Traits, str]] = []

        def packed(end: int) -> Iterator[MarkedPack]:
            """Yield the features before one that were not yielded yet."""
            if not said:
                return
            first, last = firsts[end - len(said)], firsts[end]
            starts = ring_starts[first : last + 1]
            yield MarkedPack(
                corners=corners[starts[0] : starts[-1]],
                ring_starts=starts - starts[0],
                polygon_starts=starts_of(outlines.rings[end - len(said) : end]),
                traits=[traits for traits, _ in said],
                ids=[identity for _, identity in said],
            )
            said.clear()

        for index, element in enumerate(batch.elements):
            try:
                known = self._packable(element, outlines, index, firsts[index])
            except InputError as error:
                number = batch.first + index
                raise InputError(f"feature {number:,}: {error.reason}", source=NAME) from None
            if known is not None:
                said.append(known)
                continue
            yield from packed(index)
            yield from self._feature(outlines.whole(index), batch.first + index)
            yield from self._packed()
        yield from packed(len(batch.elements))

    def _packable(
        self, feature: object, outlines: Outlines, index: int, ring: int
    ) -> tuple[Traits, str] | None:
        """Return traits and id of a plain polygon; None when the feature is anything else."""
        count = outlines.rings[index]
        if not count:
            return None
        seen = self._seen.get(id(feature))
        # The feature is kept beside, so that no other can take its place in memory.
        known = seen[1] if seen and seen[0] is feature else self._polygon(feature, outlines.token)
        if len(self._seen) < _MOST_TRAITS:
            self._seen[id(feature)] = feature, known
        is_like_rect = count == 1 and outlines.sizes[ring] == _RECT_CORNERS
        if known is None or (is_like_rect and known[0].kind == ANNOTATION):
            return None
        return known

    def _polygon(self, feature: object, token: int) -> tuple[Traits, str] | None:
        if not isinstance(feature, dict) or _plain_coordinates(feature) != token:
            return None
        traits, identity = self._known_traits(feature)
        return None if _has_reserved(traits) else (traits, identity)

    def _alone(self, members: Mapping[str, object]) -> Iterator[Piece]:
        """Yield the shapes of a file that is one feature, or one geometry."""
        kind = members.get("type")
        if kind == "FeatureCollection" or (kind is None and not members):
            return
        if kind == "Feature":
            yield from self._feature(members, 1)
        elif isinstance(kind, str) and kind in geojson_shapes.GEOMETRIES:
            yield from self._feature({"type": "Feature", "geometry": members}, 1)
        else:
            raise InputError(
                f"type is {shown(kind)}; expected FeatureCollection, Feature or a geometry",
                source=NAME,
            )
        yield from self._packed()

    def _feature(self, element: object, number: int) -> Iterator[Piece]:
        try:
            feature = as_object(element, "a feature")
            if self._pack(feature, number):
                return
            yield from self._packed()
            yield from self._single(feature)
        except InputError as error:
            raise InputError(f"feature {number:,}: {error.reason}", source=NAME) from None

    def _pack(self, feature: Mapping[str, object], number: int) -> bool:
        """Keep a plain polygon for its pack; False when the feature is anything else."""
        rings = _plain_coordinates(feature)
        if not isinstance(rings, list) or not rings:
            return False
        traits, identity = self._known_traits(feature)
        if traits.kind == ANNOTATION and len(rings) == 1 and _has_five(rings[0]):
            # Perhaps a rectangle.
            return False
        if _has_reserved(traits):
            return False
        self._rings += rings
        self._ring_counts.append(len(rings))
        self._traits.append(traits)
        self._ids.append(identity)
        self._numbers.append(number)
        return True

    def _known_traits(self, feature: Mapping[str, object]) -> tuple[Traits, str]:
        """Return traits and id; features that say the same share one object."""
        properties, identity = feature.get("properties"), feature.get("id")
        if not isinstance(properties, dict) or not isinstance(identity, (str, NoneType)):
            return qupath_objects.parse(feature)
        if len(properties) > 3 or not _PLAIN_PROPERTIES.issuperset(properties):
            return qupath_objects.parse(feature)
        key = str(properties)
        known = self._cache.get(key)
        if known is None or (identity or "").startswith(("Path", "TMACore")):
            known, identity = qupath_objects.parse(feature)
            if len(self._cache) < _MOST_TRAITS:
                self._cache[key] = known
        return known, identity or ""

    def _single(self, feature: Mapping[str, object]) -> Iterator[Piece]:
        if feature.get("type") != "Feature":
            raise InputError(f"type is {shown(feature.get('type'))}; expected Feature")
        traits, identity = qupath_objects.parse(feature)
        geometry = feature.get("geometry")
        nucleus = feature.get("nucleusGeometry")
        if geometry is None or geometry == {}:
            self._losses.add("feature without a geometry left out")
        else:
            fields = as_object(geometry, "geometry")
            yield from geojson_shapes.parse(fields, traits, identity, nucleus, self._losses)
        properties = feature.get("properties")
        fields = properties if isinstance(properties, dict) else {}
        children = fields.get("childObjects", fields.get("children"))
        if isinstance(children, list):
            self._losses.add("nesting of objects undone", len(children))
            for child in children:
                yield from self._single(as_object(child, "a child"))

    def _packed(self) -> Iterator[MarkedPack]:
        if not self._traits:
            return
        corners, lengths = self._corners()
        yield MarkedPack(
            corners=corners,
            ring_starts=starts_of(lengths),
            polygon_starts=starts_of(self._ring_counts),
            traits=self._traits,
            ids=self._ids,
        )
        self._rings, self._ring_counts, self._numbers = [], [], []
        self._traits, self._ids = [], []

    def _corners(self) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.float64]], list[int]]:
        """Return the corners of all rings, none repeated at its end, and their numbers."""
        try:
            return geojson_shapes.rings_of(self._rings)
        except InputError:
            # Slowly once more, to tell which of them it is.
            start = 0
            for number, count in zip(self._numbers, self._ring_counts, strict=True):
                try:
                    geojson_shapes.rings_of(self._rings[start : start + count])
                except InputError as error:
                    raise InputError(f"feature {number:,}: {error.reason}", source=NAME) from None
                start += count
            raise


_PLAIN_PROPERTIES = frozenset({"objectType", "object_type", "classification", "isLocked", "color"})


def _plain_coordinates(feature: Mapping[str, object]) -> object:
    """Return the coordinates of a polygon that says nothing that a pack cannot hold, or None."""
    geometry = feature.get("geometry")
    if not isinstance(geometry, dict):
        return None
    is_plain = (
        geometry.get("type") == "Polygon"
        and len(geometry) == 2
        and len(feature) <= 4
        and "nucleusGeometry" not in feature
        and feature.get("type") == "Feature"
    )
    return geometry.get("coordinates") if is_plain else None


def _has_reserved(traits: Traits) -> bool:
    return any(name in geojson_shapes.RESERVED for name, _ in traits.metadata)


def _has_five(ring: object) -> bool:
    return isinstance(ring, list) and len(ring) == _RECT_CORNERS


def _lines_of(marked: Marked, losses: Losses) -> Iterator[bytes]:
    for geometry, extras in geojson_shapes.write(marked, losses):
        feature: dict[str, object] = {"type": "Feature"}
        if marked.id:
            feature["id"] = marked.id
        feature["geometry"] = geometry
        if marked.nucleus is not None:
            feature["nucleusGeometry"] = geojson_shapes.area_geometry(marked.nucleus)
        properties = qupath_objects.write(marked.traits)
        if extras:
            properties["metadata"] = {**dict(marked.traits.metadata), **extras}
        feature["properties"] = properties
        yield orjson.dumps(feature, option=_NUMPY)


def _packed_lines(pack: MarkedPack, cache: dict[Traits, orjson.Fragment]) -> Iterator[bytes]:
    if not len(pack):
        return
    floats, starts = areas.closed(pack.corners, pack.ring_starts)
    whole = np.isfinite(floats).all() and (floats == np.rint(floats)).all()
    corners = floats.astype(np.int64) if whole else floats
    ring_ends = starts.tolist()
    for index, (first, last) in enumerate(itertools.pairwise(pack.polygon_starts.tolist())):
        rings = [corners[ring_ends[ring] : ring_ends[ring + 1]] for ring in range(first, last)]
        traits = pack.traits[index]
        properties = cache.get(traits)
        if properties is None:
            properties = orjson.Fragment(orjson.dumps(qupath_objects.write(traits)))
            if len(cache) < _MOST_TRAITS:
                cache[traits] = properties
        feature: dict[str, object] = {"type": "Feature"}
        if pack.ids and pack.ids[index]:
            feature["id"] = pack.ids[index]
        feature["geometry"] = {"type": "Polygon", "coordinates": rings}
        feature["properties"] = properties
        yield orjson.dumps(feature, option=_NUMPY)
