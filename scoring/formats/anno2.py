"""Annotation files (anno2): a zip of points, masks, polygons or a heat map, or gzipped JSON."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import orjson

from records.errors import InputError
from scoring import decompress, grey_png, jsontext
from scoring.formats import anno2_json, anno2_packing, anno2_writing, annoshapes
from scoring.formats.anno2_packing import MAX_CORNERS, MOST_TILE, TILE_PX
from scoring.formats.anno2_writing import Contents
from scoring.shapes import (
    Coordinates,
    Heatmap,
    Label,
    Levels,
    MaskPack,
    Pack,
    Points,
    PolygonPack,
    Shape,
)

KINDS = ("points", "mask", "polygons", "heatmap", "binary-heatmap")

MAX_FILE_BYTES = 512 << 20
MAX_JSON_BYTES = 256 << 20
MAX_POINTS = 16_000_000
MAX_TILES = 400_000
MAX_HEATMAP_PIXELS = 64_000_000

_SMALL_BYTES = 1 << 20
_TILE_BYTES = 80 << 10
_USER = "user_metadata.json"
_LIMITS = {
    "system_metadata.json": _SMALL_BYTES,
    "anno1_points.json.br": MAX_FILE_BYTES,
    "masks.tar.gz": MAX_FILE_BYTES,
    "polygon_container/encoded_polygons.bin.br": MAX_FILE_BYTES,
    "polygon_container/negative_polygons.json": 64 << 20,
    "labels.json": 16 << 20,
    "heatmap.png": 128 << 20,
    "heatmap_metadata.json": _SMALL_BYTES,
    "items_metadata.json.br": 64 << 20,
    _USER: _SMALL_BYTES,
}
"""The entries that are read. The others repeat these for the vendor's viewer (which polygons each
tile holds, simplified outlines, densities)."""

_TILE_NAME = re.compile(r"tile_x([0-9]{1,7})_y([0-9]{1,7})\.png")


@dataclass(frozen=True, slots=True)
class Annotation:
    """What an annotation file holds.

    Parameters
    ----------
    kind
        One of ``KINDS``; ``shapes`` for gzipped JSON that holds more than points.
    label_owners
        For each label of packed polygons the number of the outline it belongs to; -1 for none.
    items
        Number of an outline, or ``x,y`` of a point -> what its sender said of it.
    user_metadata
        What its sender said of the whole.
    """

    kind: str
    drawn: tuple[Shape | Pack, ...]
    label_owners: tuple[int, ...] = ()
    items: Mapping[str, object] = field(default_factory=dict)
    user_metadata: Mapping[str, object] = field(default_factory=dict)

    @property
    def item_count(self) -> int:
        """How many points, polygons, shapes or values of a heat map there are."""
        return sum(_count(entry) for entry in self.drawn)


def parse(stream: BinaryIO) -> Annotation:
    """Read an annotation file.

    Source: slidescore.md 6.2 (the zip) and 3.9 (gzipped anno1 JSON is accepted as well).

    Parameters
    ----------
    stream
        The file, seekable.

    Raises
    ------
    InputError
        It is neither, damaged, or unpacks to more than the bounds above.
    """
    if stream.seek(0, io.SEEK_END) > MAX_FILE_BYTES:
        raise InputError(f"an annotation file has at most {MAX_FILE_BYTES >> 20} MiB")
    stream.seek(0)
    magic = stream.read(4)
    stream.seek(0)
    if magic[:2] == b"\x1f\x8b":
        return _from_json(stream)
    if magic != b"PK\x03\x04":
        raise InputError("the file is no anno2 file; expected a zip, or gzipped JSON")
    archive = decompress.Archive(stream, _LIMITS)
    kind = _kind(archive)
    drawn: Shape | Pack
    owners: tuple[int, ...] = ()
    match kind:
        case "polygons":
            drawn, owners = _polygons(archive)
        case "points":
            drawn = Points(places=Coordinates(_points(archive)))
        case "mask":
            drawn = _mask(archive)
        case _:
            drawn = _heatmap(archive)
    said = _object(archive, _USER) if _USER in archive else {}
    return Annotation(kind, (drawn,), owners, _items(archive), said)


def write(contents: Contents) -> bytes:
    """Return the zip of an annotation file.

    Source: slidescore.md 6.2; SDK, lib/Encoder.py. Unlike the vendor's encoder this one keeps every
    corner.
    """
    return anno2_writing.write(contents)


def _from_json(stream: BinaryIO) -> Annotation:
    shapes = anno2_json.parse(stream)
    only_points = all(isinstance(shape, Points) for shape in shapes)
    return Annotation("points" if only_points else "shapes", shapes)


def _kind(archive: decompress.Archive) -> str:
    metadata = _object(archive, "system_metadata.json")
    version = str(metadata.get("version"))
    # Source: SDK, Decoder: every version below 1.0.0 is read as 0.2.0 is.
    if not re.fullmatch(r"0(\.[0-9]{1,4}){0,2}", version):
        raise InputError(f"anno2 version {jsontext.shown(version)} is unknown; expected 0.2.0")
    kind = metadata.get("type")
    if kind not in KINDS or not isinstance(kind, str):
        raise InputError(
            f"anno2 type {jsontext.shown(kind)} is unknown; expected one of {', '.join(KINDS)}"
        )
    return kind


def _points(archive: decompress.Archive) -> npt.NDArray[np.float64]:
    name = "anno1_points.json"
    if f"{name}.br" in archive:
        packed = archive.read(f"{name}.br")
        text = _decoded(decompress.unbrotli(packed, most_bytes=MAX_JSON_BYTES, name=name), name)
        return np.array(list(_listed_points(text)), dtype=np.float64).reshape(-1, 2)
    # Source: slidescore.md 6.2: many points are packed like a mask; points on one pixel are one.
    found: list[npt.NDArray[np.int32]] = []
    count = 0
    for column, row, png in _mask_tiles(archive):
        places = np.argwhere(_mask_tile(png))[:, ::-1]
        count += len(places)
        if count > MAX_POINTS:
            raise InputError(f"masks.tar.gz holds more than {MAX_POINTS:,} points")
        found.append(np.array((column, row), dtype=np.int32) * TILE_PX + places.astype(np.int32))
    return np.concatenate([np.empty((0, 2)), *found])


def _listed_points(text: str) -> Iterator[tuple[float, float]]:
    for number, point in enumerate(jsontext.flat_objects(text), start=1):
        if number > MAX_POINTS:
            raise InputError(f"anno1_points.json holds more than {MAX_POINTS:,} points")
        yield (
            jsontext.as_number(point.get("x"), f"x of point {number}"),
            jsontext.as_number(point.get("y"), f"y of point {number}"),
        )


def _mask(archive: decompress.Archive) -> MaskPack:
    tiles: dict[tuple[int, int], bytes] = {}
    count = 0
    for column, row, png in _mask_tiles(archive):
        tiles[column, row] = png
        count += int(np.count_nonzero(_mask_tile(png)))
    return MaskPack(tile_px=TILE_PX, tiles=tiles, pixel_count=count)


def _mask_tiles(archive: decompress.Archive) -> Iterator[tuple[int, int, bytes]]:
    """Yield column, row and picture of each tile of a mask, whose every set pixel is marked."""
    name = "masks.tar.gz"
    pieces = decompress.gunzip(
        io.BytesIO(archive.read(name)), most_bytes=MAX_TILES * _TILE_BYTES, name=name
    )
    files = decompress.tar_files(pieces, most_bytes=_TILE_BYTES, name=name)
    for number, (filename, png) in enumerate(files, start=1):
        found = _TILE_NAME.fullmatch(filename)
        if found is None or number > MAX_TILES:
            raise InputError(f"{name}: {filename[:60]!r} is no tile of a mask, or one too many")
        column, row = int(found[1]), int(found[2])
        if max(column, row) >= MOST_TILE:
            raise InputError(f"{name}: {filename[:60]!r} lies beyond any slide")
        yield column, row, png


def _mask_tile(png: bytes) -> npt.NDArray[np.uint8]:
    pixels = grey_png.decode(png, most_pixels=TILE_PX**2)
    if pixels.shape != (TILE_PX, TILE_PX):
        raise InputError(f"masks.tar.gz: tiles must be {TILE_PX} × {TILE_PX} pixels")
    return pixels


def _heatmap(archive: decompress.Archive) -> Heatmap:
    metadata = _object(archive, "heatmap_metadata.json")
    values = grey_png.decode(archive.read("heatmap.png"), most_pixels=MAX_HEATMAP_PIXELS)
    x, y, size = (
        jsontext.as_number(metadata.get(name), name) for name in ("x", "y", "sizePerPixel")
    )
    return Heatmap(levels=Levels(values), x=x, y=y, downscale=size)


def _polygons(archive: decompress.Archive) -> tuple[PolygonPack, tuple[int, ...]]:
    name = "polygon_container/encoded_polygons.bin"
    # Two bytes a corner, and as many again where each corner lies in a tile of its own.
    packed = decompress.unbrotli(archive.read(f"{name}.br"), most_bytes=8 * MAX_CORNERS, name=name)
    corners, starts = anno2_packing.parse(packed)
    labels, owners = _labels(archive)
    holes = _holes(archive, len(starts) - 1)
    return PolygonPack(corners=corners, starts=starts, holes=holes, labels=labels), owners


def _holes(archive: decompress.Archive, count: int) -> dict[int, tuple[int, ...]]:
    name = "polygon_container/negative_polygons.json"
    if name not in archive:
        return {}
    found: dict[int, tuple[int, ...]] = {}
    for outline, holes in _object(archive, name).items():
        indices = [outline, *map(str, jsontext.as_list(holes, name))]
        if not all(re.fullmatch("[0-9]{1,9}", text) and int(text) < count for text in indices):
            raise InputError(f"{name} names a polygon that is not there")
        found[int(outline)] = tuple(map(int, indices[1:]))
    return found


def _labels(archive: decompress.Archive) -> tuple[tuple[Label, ...], tuple[int, ...]]:
    if "labels.json" not in archive:
        return (), ()
    text = _decoded(archive.read("labels.json"), "labels.json")
    found = [jsontext.as_object(item, "a label") for item in jsontext.array_items(text)]
    owners = [item.get("polygon_i") for item in found]
    return (
        tuple(annoshapes.label(item) for item in found),
        tuple(owner if isinstance(owner, int) else -1 for owner in owners),
    )


def _items(archive: decompress.Archive) -> dict[str, object]:
    """Return what is said of single polygons or points; nothing when it is no JSON object."""
    name = "items_metadata.json"
    if f"{name}.br" not in archive:
        return {}
    packed = archive.read(f"{name}.br")
    data = decompress.unbrotli(packed, most_bytes=MAX_JSON_BYTES, name=name)
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise InputError(f"{name} is no JSON") from None
    return jsontext.as_object(value, name)


def _object(archive: decompress.Archive, name: str) -> dict[str, object]:
    try:
        return jsontext.read_object(_decoded(archive.read(name), name))
    except InputError as error:
        raise InputError(f"{name}: {error.reason}") from None


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise InputError(f"{name} is no UTF-8 text") from None


def _count(entry: Shape | Pack) -> int:
    match entry:
        case Points():
            return len(entry.places)
        case PolygonPack():
            return len(entry)
        case MaskPack():
            return entry.pixel_count
        case Heatmap():
            return entry.levels.array.size
        case _:
            return 1
