"""Annotation files (anno2) as marked shapes, and marked shapes as the contents of one."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from records.errors import InputError
from scoring import areas, marked as marking, shapes
from scoring.formats import anno2, qupath_objects
from scoring.formats.anno2 import Annotation
from scoring.formats.anno2_packing import MAX_CORNERS, MAX_POLYGONS
from scoring.formats.anno2_writing import Contents
from scoring.marked import PLAIN, Carrier, Losses, Marked, MarkedPack, Piece, Traits
from scoring.shapes import (
    Brush,
    Coordinates,
    Ellipse,
    Heatmap,
    Label,
    MaskPack,
    Points,
    PolygonPack,
    Polyline,
    Rect,
)

NAME = "anno2"

KIND = "anno2"
"""Under this name the metadata of a heat map tells that it is a binary one."""

MOST_PX = 2**31 - 1

_KEEPS = (
    "group",
    "colour",
    "name",
    "kind",
    "is_locked",
    "measurements",
    "metadata",
    "id",
    "label",
)


def parse(stream: BinaryIO, losses: Losses) -> Iterator[Piece]:
    """Read an annotation file.

    Raises
    ------
    InputError
        It is none.
    """
    del losses  # everything is read
    yield from pieces(anno2.parse(stream))


def pieces(annotation: Annotation) -> Iterator[Piece]:
    """Return the shapes of an annotation file, with what its sender said of each."""
    for entry in annotation.drawn:
        if isinstance(entry, PolygonPack):
            yield from _labelled(entry, annotation)
        elif isinstance(entry, Points) and annotation.items:
            yield from _told_points(entry, annotation.items)
        elif isinstance(entry, Heatmap) and annotation.kind == "binary-heatmap":
            yield Marked(shape=entry, traits=Traits(metadata=((KIND, annotation.kind),)))
        else:
            yield Marked(shape=entry)


def write(
    found: Iterable[Piece], losses: Losses, *, user_metadata: Mapping[str, object] | None = None
) -> Iterator[bytes]:
    """Write an annotation file: a zip of the first kind of shape that is there.

    Areas of any kind become polygons. Coordinates are rounded to whole pixels, and moved to the
    slide's edge where they lie left of or above it.

    Raises
    ------
    InputError
        There are more shapes than one such file may hold.
    """
    contents = gather(found, losses)
    contents.user_metadata = user_metadata or {}
    data = anno2.write(contents)
    for start in range(0, len(data), 1 << 20):
        yield data[start : start + (1 << 20)]


def gather(found: Iterable[Piece], losses: Losses) -> Contents:
    """Return the contents of the annotation file that holds these shapes."""
    gatherer = _Gatherer(losses)
    for piece in found:
        gatherer.add(piece)
    return gatherer.finished()


class _Gatherer:
    """Gathers shapes; polygons win over points, these over masks, these over heat maps."""

    def __init__(self, losses: Losses) -> None:
        self._carrier = Carrier(NAME, _KEEPS, losses)
        self._losses = losses
        self._contents = Contents()
        self._items: dict[str, Mapping[str, object]] = {}
        self._point_items: dict[str, Mapping[str, object]] = {}
        self._corner_count = 0
        self._heatmap: tuple[Heatmap, Traits] | None = None

    def add(self, piece: Piece) -> None:
        """Add shapes."""
        self._carrier.note(piece)
        if isinstance(piece, MarkedPack):
            self._add_pack(piece)
            return
        shape = piece.shape
        if isinstance(shape, PolygonPack):
            whole = marking.from_pack(shape)
            self._add_pack(dataclasses.replace(whole, traits=[piece.traits] * len(whole)))
        elif isinstance(shape, MaskPack):
            self._losses.add("mask left out: anno2 holds one", self._contents.mask is not None)
            self._contents.mask = self._contents.mask or shape
        elif isinstance(shape, Heatmap):
            self._losses.add("heat map left out: anno2 holds one", self._heatmap is not None)
            self._heatmap = self._heatmap or (shape, piece.traits)
        elif isinstance(shape, Polyline):
            self._carrier.leave_out("line")
        elif isinstance(shape, Points):
            sound = areas.sound_points(shape, self._losses)
            if sound is not None:
                self._add_points(sound, piece)
        elif shapes.problem(shape) not in shapes.REPAIRED:
            self._losses.add(f"shape left out: it {shapes.problem(shape)}")
        else:
            self._add_area(shape, piece)

    def finished(self) -> Contents:
        """Return what was gathered, as the first kind that is there."""
        contents = self._contents
        if contents.counts:
            contents.kind, contents.items = "polygons", self._items
        elif contents.points:
            contents.kind, contents.items = "points", self._point_items
        elif contents.mask is not None:
            contents.kind = "mask"
        elif self._heatmap is not None:
            self._set_heatmap(*self._heatmap)
        self._tell_others(contents)
        return contents

    def _tell_others(self, contents: Contents) -> None:
        reason = f"left out: an anno2 file of {contents.kind} holds nothing else"
        points = sum(map(len, contents.points))
        self._losses.add(f"point {reason}", points if contents.kind != "points" else 0)
        has_mask = contents.mask is not None and contents.kind != "mask"
        self._losses.add(f"mask {reason}", int(has_mask))
        has_heatmap = self._heatmap is not None and "heatmap" not in contents.kind
        self._losses.add(f"heat map {reason}", int(has_heatmap))

    def _add_pack(self, pack: MarkedPack) -> None:
        sizes = np.diff(pack.ring_starts)
        is_good = np.isfinite(pack.corners).all() and len(sizes) and sizes.min() > 0
        if not is_good or np.abs(pack.corners).max() > shapes.FARTHEST_PX:
            for single in pack.singly():
                if isinstance(single.shape, (Points, Brush)) or _is_drawn(single):
                    self.add(single)
                else:
                    self._losses.add("shape left out: it has no geometry")
            return
        first = len(self._contents.counts)
        self._rings(pack.corners, sizes.tolist())
        for index in np.flatnonzero(np.diff(pack.polygon_starts) > 1).tolist():
            start, end = (pack.polygon_starts[index : index + 2] + first).tolist()
            self._contents.holes[start] = list(range(start + 1, end))
        for index, traits in enumerate(pack.traits):
            identity = pack.ids[index] if pack.ids else ""
            if identity or traits is not PLAIN:
                self._say(first + int(pack.polygon_starts[index]), traits, identity)

    def _add_area(self, shape: shapes.Polygon | Ellipse | Rect | Brush, marked: Marked) -> None:
        first = len(self._contents.counts)
        if isinstance(shape, Brush):
            polygons, is_kept = areas.brush_polygons(shape)
            self._losses.add("brush computed anew: its holes or outlines overlap", not is_kept)
            several = "brush of several areas written as several polygons"
            self._losses.add(several, len(polygons) > 1)
            groups = [[ring.array for ring in rings] for rings in polygons]
        else:
            self._losses.add("ellipse written as a polygon", isinstance(shape, Ellipse))
            self._losses.add("rectangle written as a polygon", isinstance(shape, Rect))
            groups = [[shapes.outline(shape).array]]
        for rings in groups:
            start = len(self._contents.counts)
            for ring in rings:
                self._rings(ring, [len(ring)])
            if len(rings) > 1:
                self._contents.holes[start] = list(range(start + 1, start + len(rings)))
            self._say(start, marked.traits, marked.id)
        self._contents.labels += [(first, label) for label in shape.labels]

    def _rings(self, corners: npt.NDArray[np.float64], counts: list[int]) -> None:
        self._corner_count += len(corners)
        if self._corner_count > MAX_CORNERS or len(self._contents.counts) > MAX_POLYGONS:
            raise InputError(
                f"more than {MAX_CORNERS:,} corners or {MAX_POLYGONS:,} outlines are too many for "
                "one anno2 file"
            )
        self._contents.rings.append(self._whole(corners))
        self._contents.counts += counts

    def _whole(self, places: npt.NDArray[np.float64]) -> npt.NDArray[np.int32]:
        rounded = np.rint(places)
        moved = int((rounded != places).any(axis=1).sum())
        self._losses.add("coordinates rounded to whole pixels", moved)
        outside = int((rounded < 0).any(axis=1).sum())
        self._losses.add("coordinates moved to the slide's edge", outside)
        return np.clip(rounded, 0, MOST_PX).astype(np.int32)

    def _add_points(self, points: Points, marked: Marked) -> None:
        whole = self._whole(points.places.array)
        self._contents.points.append(whole)
        if marked.traits != PLAIN or marked.id:
            said = _said(marked.traits, marked.id)
            self._point_items |= {f"{x},{y}": said for x, y in whole.tolist()}

    def _say(self, number: int, traits: Traits, identity: str) -> None:
        if traits != PLAIN or identity:
            self._items[str(number)] = _said(traits, identity)

    def _set_heatmap(self, heatmap: Heatmap, traits: Traits) -> None:
        contents = self._contents
        values = heatmap.levels.array
        size = heatmap.downscale
        if size is None and heatmap.height is not None:
            size = heatmap.height / values.shape[0]
        if size is None and heatmap.width is not None:
            size = heatmap.width / values.shape[1]
        if size is None:
            raise InputError("a heat map without a size cannot be written as anno2")
        contents.kind = dict(traits.metadata).get(KIND, "heatmap")
        contents.values, contents.place = values, (heatmap.x, heatmap.y, size)


def _is_drawn(single: Marked) -> bool:
    shape = single.shape
    return not isinstance(shape, (MaskPack, PolygonPack)) and (
        shapes.problem(shape) in shapes.REPAIRED
    )


def _said(traits: Traits, identity: str) -> dict[str, object]:
    """Return what is said of a shape: the properties of its feature, as the SDK keeps them."""
    said = qupath_objects.write(traits)
    return said | {"id": identity} if identity else said


def _traits(value: object) -> tuple[Traits, str]:
    """Return traits and id from what is said; others' own forms are kept as metadata."""
    fields = value if isinstance(value, dict) else {"value": value}
    identity = fields.get("id")
    try:
        traits, _ = qupath_objects.parse({"properties": fields})
    except InputError:
        texts = tuple((str(name), str(text)) for name, text in fields.items())
        return Traits(metadata=texts), ""
    known = {"objectType", "name", "color", "classification", "isLocked", "measurements"}
    others = tuple(
        (name, str(text))
        for name, text in fields.items()
        if name not in known | {"metadata", "id", "isMissing"} and isinstance(text, (str, int))
    )
    if others:
        traits = dataclasses.replace(traits, metadata=(*traits.metadata, *others))
    return traits, str(identity) if isinstance(identity, (str, int)) else ""


def _labelled(pack: PolygonPack, annotation: Annotation) -> Iterator[Piece]:
    """Return the polygons of a pack: those with labels one by one, the others packed."""
    if not annotation.items and not pack.labels:
        yield from marking.parts_of(pack)
        return
    said = (
        [_traits(annotation.items.get(str(number))) for number in range(len(pack))]
        if (annotation.items)
        else []
    )
    whole = marking.from_pack(
        pack,
        traits=[traits for traits, _ in said],
        ids=[identity for _, identity in said] if any(identity for _, identity in said) else (),
    )
    labels: dict[int, list[Label]] = {}
    for owner, label in zip(annotation.label_owners, pack.labels, strict=True):
        labels.setdefault(owner, []).append(label)
    if not labels:
        yield whole
        return
    inner = {hole for holes in pack.holes.values() for hole in holes}
    numbers = [number for number in range(len(pack)) if number not in inner]
    for number, single in zip(numbers, whole.singly(), strict=True):
        mine = tuple(labels.get(number, ()))
        shape = single.shape
        if mine and isinstance(shape, (shapes.Polygon, Brush)):
            shape = dataclasses.replace(shape, labels=mine)
        yield dataclasses.replace(single, shape=shape)


def _told_points(points: Points, items: Mapping[str, object]) -> Iterator[Marked]:
    """Return points by what is said of them, those of which nothing is said last."""
    places = points.places.array
    groups: dict[tuple[Traits, str], list[int]] = {}
    for number, (x, y) in enumerate(places.astype(np.int64).tolist()):
        said = items.get(f"{x},{y}")
        key = (PLAIN, "") if said is None else _traits(said)
        groups.setdefault(key, []).append(number)
    for (traits, identity), numbers in groups.items():
        yield Marked(shape=Points(places=Coordinates(places[numbers])), traits=traits, id=identity)
