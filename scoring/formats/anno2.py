"""Annotation files (anno2): a zip of points, masks, polygons or a heat map, or gzipped JSON."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from records.errors import InputError
from scoring import decompress, elias_omega, grey_png, jsontext
from scoring.formats import annoshapes
from scoring.shapes import (
    Coordinates,
    FileLink,
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
MAX_CORNERS = 32_000_000
MAX_POLYGONS = 4_000_000
MAX_TILES = 400_000
MAX_HEATMAP_PIXELS = 64_000_000

_SMALL_BYTES = 1 << 20
_TILE_PX = 256
_TILE_BYTES = 80 << 10
_MOST_TILE = 1 << 22
_LIMITS = {
    "system_metadata.json": _SMALL_BYTES,
    "anno1_points.json.br": MAX_FILE_BYTES,
    "masks.tar.gz": MAX_FILE_BYTES,
    "polygon_container/encoded_polygons.bin.br": MAX_FILE_BYTES,
    "polygon_container/negative_polygons.json": 64 << 20,
    "labels.json": 16 << 20,
    "heatmap.png": 128 << 20,
    "heatmap_metadata.json": _SMALL_BYTES,
}
"""The entries that are read. The others repeat these for the vendor's viewer (which polygons each
tile holds, simplified outlines, densities), or are the sender's own (user_metadata.json)."""

_TILE_NAME = re.compile(r"tile_x([0-9]{1,7})_y([0-9]{1,7})\.png")


@dataclass(frozen=True, slots=True)
class Annotation:
    """What an annotation file holds.

    Parameters
    ----------
    kind
        One of ``KINDS``; ``shapes`` for gzipped JSON that holds more than points.
    """

    kind: str
    drawn: tuple[Shape | Pack, ...]

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
    match kind:
        case "polygons":
            return Annotation(kind, (_polygons(archive),))
        case "points":
            return Annotation(kind, (Points(places=Coordinates(_points(archive))),))
        case "mask":
            return Annotation(kind, (_mask(archive),))
        case _:
            return Annotation(kind, (_heatmap(archive),))


def _from_json(stream: BinaryIO) -> Annotation:
    pieces = decompress.gunzip(stream, most_bytes=MAX_JSON_BYTES, name="the file")
    drawn = annoshapes.parse(_decoded(b"".join(pieces), "the file"))
    if any(isinstance(shape, FileLink) for shape in drawn):
        raise InputError("an annotation file cannot refer to another one")
    shapes = tuple(shape for shape in drawn if not isinstance(shape, FileLink))
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
        found.append(np.array((column, row), dtype=np.int32) * _TILE_PX + places.astype(np.int32))
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
    return MaskPack(tile_px=_TILE_PX, tiles=tiles, pixel_count=count)


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
        if max(column, row) >= _MOST_TILE:
            raise InputError(f"{name}: {filename[:60]!r} lies beyond any slide")
        yield column, row, png


def _mask_tile(png: bytes) -> npt.NDArray[np.uint8]:
    pixels = grey_png.decode(png, most_pixels=_TILE_PX**2)
    if pixels.shape != (_TILE_PX, _TILE_PX):
        raise InputError(f"masks.tar.gz: tiles must be {_TILE_PX} × {_TILE_PX} pixels")
    return pixels


def _heatmap(archive: decompress.Archive) -> Heatmap:
    metadata = _object(archive, "heatmap_metadata.json")
    values = grey_png.decode(archive.read("heatmap.png"), most_pixels=MAX_HEATMAP_PIXELS)
    x, y, size = (
        jsontext.as_number(metadata.get(name), name) for name in ("x", "y", "sizePerPixel")
    )
    return Heatmap(levels=Levels(values), x=x, y=y, downscale=size)


def _polygons(archive: decompress.Archive) -> PolygonPack:
    name = "polygon_container/encoded_polygons.bin"
    # Two bytes a corner, and as many again where each corner lies in a tile of its own.
    packed = decompress.unbrotli(archive.read(f"{name}.br"), most_bytes=8 * MAX_CORNERS, name=name)
    corners, starts = _unpacked(_Fields(packed))
    return PolygonPack(
        corners=corners,
        starts=starts,
        holes=_holes(archive, len(starts) - 1),
        labels=_labels(archive),
    )


class _Fields:
    """Reads the fields of packed polygons one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    def number(self) -> int:
        """Return the next number: 32 bits, little-endian."""
        return int.from_bytes(self._take(4), "little")

    def block(self) -> bytes:
        """Return the next block, which its length in bytes precedes."""
        return self._take(self.number())

    def _take(self, count: int) -> bytes:
        taken = self._data[self._place : self._place + count]
        if len(taken) < count:
            raise InputError("encoded_polygons.bin is cut off")
        self._place += count
        return taken


def _unpacked(fields: _Fields) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Return the corners of all polygons, (n, 2), and where each polygon starts among them.

    The corners of all polygons form one path. It is cut into runs of corners in one tile of
    256 × 256 pixels; packed are each run's step from the tile before it, in x and in y, its number
    of corners, and each corner's place in its tile. Source: slidescore.md 6.2.
    """
    if fields.number() != _TILE_PX:
        raise InputError(f"encoded_polygons.bin: the tile size is not {_TILE_PX}")
    fields.number(), fields.number()  # Rows and columns of tiles, which the corners tell as well.
    length_bytes = fields.block()
    if len(length_bytes) % 4 or len(length_bytes) // 4 > MAX_POLYGONS:
        raise InputError(f"encoded_polygons.bin holds more than {MAX_POLYGONS:,} polygons")
    lengths = np.frombuffer(length_bytes, dtype="<u4").astype(np.int64)
    steps_x, steps_y, runs = (
        elias_omega.decode(fields.block(), most=MAX_CORNERS) for _ in range(3)
    )
    remainders = np.frombuffer(fields.block(), dtype=np.uint8).reshape(-1)
    count = len(remainders) // 2
    if len(remainders) % 2 or (lengths % 2).any() or lengths.sum() != len(remainders):
        raise InputError("encoded_polygons.bin: lengths and corners do not fit together")
    if count > MAX_CORNERS:
        raise InputError(f"encoded_polygons.bin holds more than {MAX_CORNERS:,} corners")
    # The bits that fill up the last byte read as ones: runs count only up to the last corner.
    run_count = int(np.searchsorted(np.cumsum(runs), count)) + 1 if count else 0
    if run_count > min(len(runs), len(steps_x), len(steps_y)):
        raise InputError("encoded_polygons.bin: runs and corners do not fit together")
    runs = runs[:run_count].copy()
    if run_count:
        runs[-1] -= runs.sum() - count
    tiles = np.column_stack((_tiles(steps_x[:run_count]), _tiles(steps_y[:run_count])))
    corners = np.repeat(tiles, runs, axis=0) * _TILE_PX + remainders.reshape(-1, 2)
    return corners, np.concatenate(([0], np.cumsum(lengths // 2)))


def _tiles(steps: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
    """Return the tiles that steps lead to; 1, 2, 3, 4, 5 … stand for steps of 0, 1, -1, 2, -2 …."""
    tiles = np.cumsum(np.where(steps % 2, -(steps // 2), steps // 2))
    if (np.abs(tiles) >= _MOST_TILE).any():
        raise InputError("encoded_polygons.bin: a corner lies beyond any slide")
    return tiles.astype(np.int32)


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


def _labels(archive: decompress.Archive) -> tuple[Label, ...]:
    if "labels.json" not in archive:
        return ()
    text = _decoded(archive.read("labels.json"), "labels.json")
    return tuple(annoshapes.label(item) for item in jsontext.array_items(text))


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
