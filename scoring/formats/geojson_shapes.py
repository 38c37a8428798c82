"""The geometries of GeoJSON as shapes, and shapes as geometries of GeoJSON."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from records.errors import InputError
from scoring import areas, marked as marking, shapes
from scoring.formats import annoshapes
from scoring.jsontext import as_list, as_object, as_text, shown
from scoring.marked import ANNOTATION, Losses, Marked, Traits
from scoring.shapes import (
    Brush,
    Coordinates,
    Ellipse,
    Heatmap,
    Label,
    MaskPack,
    Points,
    Polygon,
    PolygonPack,
    Polyline,
    Rect,
    Shape,
)

GEOMETRIES = frozenset(
    {
        "Point",
        "MultiPoint",
        "LineString",
        "MultiLineString",
        "Polygon",
        "MultiPolygon",
        "GeometryCollection",
    }
)

Floats = npt.NDArray[np.float64]

_LABELS, _MODIFIED, _AREA = "labels", "modifiedOn", "area"
RESERVED = frozenset({_LABELS, _MODIFIED, _AREA})
"""Names of metadata under which shapes carry what Slide Score says of them."""

_FIRST_PLANE = {"c": -1, "z": 0, "t": 0}
_NAMES = {Heatmap: "heat map", MaskPack: "mask"}


def parse(
    geometry: Mapping[str, object],
    traits: Traits,
    identity: str,
    nucleus: object,
    losses: Losses,
) -> Iterator[Marked]:
    """Yield the shapes of a geometry: several for a collection or for several lines.

    Raises
    ------
    InputError
        It is no geometry.
    """
    metadata = dict(traits.metadata)
    common = _common(metadata)
    if common:
        traits = dataclasses.replace(traits, metadata=tuple(metadata.items()))
    if geometry.get("plane") not in (None, _FIRST_PLANE):
        losses.add("plane (z, t or channel) left out: shapes belong to the whole slide")
    core = None if nucleus is None else _nucleus(nucleus)
    found = list(_shapes(geometry, traits.kind, losses))
    if len(found) > 1:
        losses.add("several geometries of one feature taken apart")
    for shape in found:
        if not isinstance(shape, Points) and common:
            shape = dataclasses.replace(shape, **common)
        yield Marked(shape=shape, traits=traits, id=identity, nucleus=core)


def write(marked: Marked, losses: Losses) -> Iterator[tuple[dict[str, object], dict[str, str]]]:
    """Yield the geometries of a shape, with what its metadata must say besides.

    A shape that has no geometry is left out, for a missing coordinate is no number.
    """
    shape = marked.shape
    if isinstance(shape, (Heatmap, MaskPack)):
        losses.add(f"{_NAMES[type(shape)]} left out: GeoJSON has none")
        return
    if isinstance(shape, PolygonPack):
        for single in marking.singly([marking.from_pack(shape)]):
            yield from write(single, losses)
        return
    if isinstance(shape, Points):
        sound = areas.sound_points(shape, losses)
        if sound is None:
            return
        shape = sound
    elif shapes.problem(shape) not in shapes.REPAIRED:
        losses.add(f"shape left out: it {shapes.problem(shape)}")
        return
    extras = {} if isinstance(shape, Points) else _extras(shape)
    for geometry in _geometries(shape, losses):
        yield geometry, extras


def rings_of(rings: list[object]) -> tuple[Floats, list[int]]:
    """Return the corners of rings as one array, none repeated at its end, and how many each has.

    Raises
    ------
    InputError
        A ring is no array of positions.
    """
    try:
        counts = list(map(len, rings))  # type: ignore[arg-type]  # what has no length is refused
        positions: list[Any] = list(itertools.chain.from_iterable(rings))  # type: ignore[arg-type]
        numbers = list(itertools.chain.from_iterable(positions))
        plain = set(map(type, numbers)) <= {int, float} and set(map(len, positions)) <= {2}
        corners = np.array(numbers, dtype=np.float64).reshape(-1, 2) if plain else None
    except (TypeError, ValueError, OverflowError):
        corners = None
    if corners is None:
        parts = [_positions(ring) for ring in rings]
        counts, corners = list(map(len, parts)), np.concatenate([np.empty((0, 2)), *parts])
    return opened(corners, np.array(counts, dtype=np.int64))


def opened(corners: Floats, counts: npt.NDArray[np.int64]) -> tuple[Floats, list[int]]:
    """Drop the last corner of each ring that repeats its first.

    Parameters
    ----------
    counts
        (rings,) corners of each ring.

    Returns
    -------
    array, list of int
        The corners left, and how many each ring has of them.
    """
    starts = marking.starts_of(counts)
    long = np.flatnonzero(counts > 1)
    firsts, lasts = corners[starts[long]], corners[starts[long + 1] - 1]
    repeated = long[(firsts == lasts).all(axis=1)]
    kept = counts.copy()
    kept[repeated] -= 1
    return np.delete(corners, starts[repeated + 1] - 1, axis=0), kept.tolist()


def _positions(value: object) -> Floats:
    """Return an array of positions, without the height that some have."""
    rows = [as_list(position, "a position") for position in as_list(value, "coordinates")]
    for row in rows:
        numbers = [part for part in row if type(part) in {int, float}]
        if len(numbers) != len(row) or not 2 <= len(row) <= 4:
            raise InputError(f"a position is {shown(row)}; expected [x, y], both numbers")
    return np.array([row[:2] for row in rows], dtype=np.float64).reshape(-1, 2)


def _shapes(geometry: Mapping[str, object], kind: str, losses: Losses) -> Iterator[Shape]:
    name = as_text(geometry.get("type"), "geometry.type")
    if name == "GeometryCollection":
        for part in as_list(geometry.get("geometries"), "geometries"):
            yield from _shapes(as_object(part, "a geometry"), kind, losses)
        return
    if name not in GEOMETRIES:
        raise InputError(
            f"geometry.type is {shown(name)}; expected one of {', '.join(sorted(GEOMETRIES))}"
        )
    coordinates = as_list(geometry.get("coordinates"), "coordinates")
    if not coordinates:
        losses.add("empty geometry left out")
        return
    lines = coordinates if name == "MultiLineString" else [coordinates]
    match name:
        case "Point":
            yield Points(places=Coordinates(_positions([coordinates])))
        case "MultiPoint":
            yield Points(places=Coordinates(_positions(coordinates)))
        case "Polygon":
            yield _polygon(coordinates, geometry.get("isEllipse") is True, kind)
        case "MultiPolygon":
            yield _multipolygon(coordinates)
        case _:
            yield from (Polyline(line=Coordinates(_positions(line))) for line in lines)


def _polygon(
    coordinates: list[object], is_ellipse: bool, kind: str
) -> Polygon | Ellipse | Rect | Brush:
    outline, *holes = _rings(coordinates)
    if is_ellipse and len(outline):
        # Source: ROITypeAdapters.java: the bounding box is what counts.
        (left, top), (right, bottom) = outline.array.min(axis=0), outline.array.max(axis=0)
        return Ellipse(
            x=float(left + right) / 2,
            y=float(top + bottom) / 2,
            radius_x=float(right - left) / 2,
            radius_y=float(bottom - top) / 2,
        )
    if holes:
        return Brush(positive=(outline,), negative=tuple(holes))
    upright = upright_rect(outline.array) if kind == ANNOTATION else None
    return upright or Polygon(outline=outline)


def _multipolygon(coordinates: list[object]) -> Brush:
    parts = [_rings(as_list(part, "a polygon")) for part in coordinates]
    return Brush(
        positive=tuple(rings[0] for rings in parts if rings),
        negative=tuple(hole for rings in parts for hole in rings[1:]),
    )


def _rings(coordinates: list[object]) -> list[Coordinates]:
    corners, lengths = rings_of(coordinates)
    ends = marking.starts_of(lengths).tolist()
    return [Coordinates(corners[start:end]) for start, end in itertools.pairwise(ends)]


def _nucleus(value: object) -> Polygon | Brush | None:
    geometry = as_object(value, "nucleusGeometry")
    coordinates = as_list(geometry.get("coordinates"), "nucleusGeometry.coordinates")
    if not coordinates:
        return None
    if geometry.get("type") == "MultiPolygon":
        return _multipolygon(coordinates)
    outline, *holes = _rings(coordinates)
    return Brush(positive=(outline,), negative=tuple(holes)) if holes else Polygon(outline=outline)


def upright_rect(corners: Floats) -> Rect | None:
    """Return four corners as a rectangle when its sides are level and plumb.

    Source: QuPath, GeometryTools.java, reads such a polygon as a rectangle too.
    """
    if corners.shape != (4, 2):
        return None
    (left, top), (right, bottom) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    clockwise = [[left, top], [right, top], [right, bottom], [left, bottom]]
    places = corners.tolist()
    if left == right or top == bottom or [left, top] not in places:
        return None
    turned = places[places.index([left, top]) :] + places[: places.index([left, top])]
    if turned not in (clockwise, clockwise[:1] + clockwise[:0:-1]):
        return None
    return Rect(x=left, y=top, width=right - left, height=bottom - top)


def _geometries(
    shape: Points | Polygon | Polyline | Ellipse | Rect | Brush, losses: Losses
) -> Iterator[dict[str, object]]:
    match shape:
        case Points(places=places):
            if len(places) == 1:
                yield {"type": "Point", "coordinates": _packed(places.array[0])}
            else:
                yield {"type": "MultiPoint", "coordinates": _packed(places.array)}
        case Polyline(line=line):
            yield {"type": "LineString", "coordinates": _packed(line.array)}
        case Ellipse():
            ring = _closed(shapes.outline(shape).array)
            yield {"type": "Polygon", "coordinates": [ring], "isEllipse": True}
        case Brush():
            polygons, is_kept = areas.brush_polygons(shape)
            if not is_kept:
                losses.add("brush computed anew: its holes or outlines overlap")
            if polygons:
                yield _area(polygons)
        case _:
            corners = _closed(shapes.outline(shape).array)
            yield {"type": "Polygon", "coordinates": [corners]}


def area_geometry(shape: Polygon | Brush) -> dict[str, object]:
    """Return the geometry of an area."""
    if isinstance(shape, Polygon):
        return _area([[shape.outline]])
    return _area(areas.brush_polygons(shape)[0])


def _area(polygons: list[list[Coordinates]]) -> dict[str, object]:
    closed = [[_closed(ring.array) for ring in rings] for rings in polygons]
    if len(closed) == 1:
        return {"type": "Polygon", "coordinates": closed[0]}
    return {"type": "MultiPolygon", "coordinates": closed}


def _closed(corners: Floats) -> Floats:
    return _packed(np.concatenate((corners, corners[:1])))


def _packed(places: Floats) -> Floats:
    """Return places as the encoder wants them: row by row in memory."""
    return np.ascontiguousarray(places)


def _common(metadata: dict[str, str]) -> dict[str, Any]:
    """Take what a shape itself carries out of the metadata."""
    found: dict[str, Any] = {}
    if _LABELS in metadata:
        try:
            found["labels"] = _labels(metadata[_LABELS])
            del metadata[_LABELS]
        except (InputError, orjson.JSONDecodeError):
            # Somebody else's entry of that name.
            pass
    for name, ours in ((_MODIFIED, "modified_on"), (_AREA, "area")):
        if name in metadata:
            found[ours] = metadata.pop(name)
    return found


def _labels(text: str) -> tuple[Label, ...]:
    return tuple(annoshapes.label(item) for item in as_list(orjson.loads(text), _LABELS))


def _extras(shape: Polygon | Polyline | Ellipse | Rect | Brush) -> dict[str, str]:
    """Return the metadata that carries what a shape says itself."""
    extras: dict[str, str] = {}
    if shape.labels:
        fields = [annoshapes.label_fields(label) for label in shape.labels]
        extras[_LABELS] = orjson.dumps(fields).decode()
    if shape.modified_on:
        extras[_MODIFIED] = shape.modified_on
    if shape.area:
        extras[_AREA] = shape.area
    return extras
