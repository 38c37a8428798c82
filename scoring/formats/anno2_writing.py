"""Annotation files (anno2) as they are written: the entries of their zip."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

# The package has no type annotations.
import brotli  # type: ignore[import-untyped]
import numpy as np
import numpy.typing as npt
import orjson

from scoring import grey_png
from scoring.formats import anno2_packing, anno2_tiles, annoshapes
from scoring.formats.anno2_packing import TILE_PX
from scoring.formats.anno2_tiles import Boxes
from scoring.jsontext import plain_number
from scoring.marked import starts_of
from scoring.shapes import Label, MaskPack

VERSION = "0.2.0"

FEW_POINTS = 500_000
LOW_DENSITY = 30
"""So many points, or so few a tile, are listed; others are packed like a mask.

Source: SDK, Encoder: few_points_cutoff and low_density_cutoff.
"""

_QUALITY = 5
"""Of brotli: the vendor's 8 takes four times as long for a twentieth less."""

_FOLDER = "polygon_container"


@dataclass(slots=True)
class Contents:
    """What one annotation file is to hold, gathered.

    Parameters
    ----------
    kind
        ``points``, ``mask``, ``polygons``, ``heatmap`` or ``binary-heatmap``.
    rings
        (n, 2) int32 corners of each outline or hole, in order.
    holes
        Number of an outline -> numbers of its holes.
    labels
        Number of an outline, and a label of it.
    items
        Number of an outline, or ``x,y`` of a point -> what is said of it, as JSON members.
    """

    kind: str = "polygons"
    rings: list[npt.NDArray[np.int32]] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    holes: dict[int, list[int]] = field(default_factory=dict)
    labels: list[tuple[int, Label]] = field(default_factory=list)
    items: dict[str, Mapping[str, object]] = field(default_factory=dict)
    points: list[npt.NDArray[np.int32]] = field(default_factory=list)
    mask: MaskPack | None = None
    values: npt.NDArray[np.uint8] | None = None
    place: tuple[float, float, float] = (0, 0, 1)
    user_metadata: Mapping[str, object] = field(default_factory=dict)


def write(contents: Contents) -> bytes:
    """Return the zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in _entries(contents):
            # A fixed date: the same shapes make the same file.
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    return buffer.getvalue()


def _entries(contents: Contents) -> Iterator[tuple[str, bytes]]:
    parts: Sequence[tuple[str, bytes]]
    match contents.kind:
        case "polygons":
            count, parts = len(contents.counts), list(_polygons(contents))
        case "points":
            count, parts = _points(contents)
        case "mask":
            count, parts = _mask(contents)
        case _:
            count, parts = _heatmap(contents)
    metadata = {"version": VERSION, "type": contents.kind, "numItems": count}
    yield "system_metadata.json", _json(metadata)
    yield "user_metadata.json", _json(contents.user_metadata)
    yield from parts
    if contents.items:
        yield "items_metadata.json.br", _brotli(orjson.dumps(contents.items))


def _polygons(contents: Contents) -> Iterator[tuple[str, bytes]]:
    corners = np.concatenate([np.empty((0, 2), dtype=np.int32), *contents.rings])
    contents.rings.clear()
    starts = starts_of(contents.counts)
    boxes = anno2_tiles.boxes_of(corners, starts)
    yield from _densities(boxes)
    everything = np.arange(len(starts) - 1)
    big = np.flatnonzero(boxes.is_big)
    yield from (
        (f"{_FOLDER}/{name}.br", _brotli(data))
        for name, data in (
            ("tile_polygons_i.msgpack", anno2_tiles.tile_index(boxes, everything)),
            ("big_tile_polygons_i.msgpack", anno2_tiles.tile_index(boxes, big)),
            ("encoded_polygons.bin", anno2_packing.write(corners, starts)),
            (
                "simpl_encoded_polygons.bin",
                anno2_packing.write(*anno2_tiles.coarse(corners, starts)),
            ),
        )
    )
    holes = {str(outline): found for outline, found in contents.holes.items()}
    yield f"{_FOLDER}/negative_polygons.json", _json(holes)
    if contents.labels:
        labels = [
            annoshapes.label_fields(label) | {"polygon_i": number}
            for number, label in contents.labels
        ]
        yield "labels.json", _json(labels)


def _points(contents: Contents) -> tuple[int, list[tuple[str, bytes]]]:
    points = np.concatenate([np.empty((0, 2), dtype=np.int32), *contents.points])
    tiles = np.unique(points >> 8, axis=0) if len(points) >= FEW_POINTS else points
    if len(points) < FEW_POINTS or len(points) < LOW_DENSITY * len(tiles):
        listed = [{"x": x, "y": y} for x, y in points.tolist()]
        parts = [("anno1_points.json.br", _brotli(orjson.dumps(listed)))]
    else:
        parts = [("masks.tar.gz", _tar(_point_tiles(points)))]
    if len(points) >= FEW_POINTS:
        parts += _densities(Boxes(points, points))
    return len(points), parts


def _point_tiles(points: npt.NDArray[np.int32]) -> Iterator[tuple[int, int, bytes]]:
    """Yield column, row and picture of each tile that points lie in."""
    tiles = points >> 8
    order = np.lexsort((tiles[:, 0], tiles[:, 1]))
    points, tiles = points[order], tiles[order]
    starts = np.flatnonzero(np.r_[True, (np.diff(tiles, axis=0) != 0).any(axis=1)])
    for start, end in zip(starts, [*starts[1:], len(points)], strict=True):
        picture = np.zeros((TILE_PX, TILE_PX), dtype=np.bool_)
        inside = points[start:end] & 255
        picture[inside[:, 1], inside[:, 0]] = True
        yield int(tiles[start, 0]), int(tiles[start, 1]), grey_png.encode(picture)


def _mask(contents: Contents) -> tuple[int, list[tuple[str, bytes]]]:
    mask = contents.mask or MaskPack(tile_px=TILE_PX, tiles={}, pixel_count=0)
    tiles = ((column, row, png) for (column, row), png in sorted(mask.tiles.items()))
    places = np.array(sorted(mask.tiles), dtype=np.int32).reshape(-1, 2) * TILE_PX
    # For tiles of 32 pixels each pixel would have to be counted; one density shows where they are.
    coarse = anno2_tiles.density(Boxes(places, places), TILE_PX)
    extra = [] if coarse is None else [(f"lookup-tables/density_{TILE_PX}px.png", coarse)]
    return mask.pixel_count, [*extra, ("masks.tar.gz", _tar(tiles))]


def _heatmap(contents: Contents) -> tuple[int, list[tuple[str, bytes]]]:
    values = contents.values
    if values is None:
        values = np.zeros((1, 1), dtype=np.uint8)
    x, y, size = map(plain_number, contents.place)
    place = {"x": x, "y": y, "sizePerPixel": size}
    return values.size, [
        ("heatmap.png", grey_png.encode(values)),
        ("heatmap_metadata.json", _json(place)),
    ]


def _densities(boxes: Boxes) -> Iterator[tuple[str, bytes]]:
    for tile_px in anno2_tiles.DENSITY_PX:
        picture = anno2_tiles.density(boxes, tile_px)
        if picture is not None:
            yield f"lookup-tables/density_{tile_px}px.png", picture


def _tar(tiles: Iterator[tuple[int, int, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=1, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        for column, row, png in tiles:
            info = tarfile.TarInfo(f"tile_x{column}_y{row}.png")
            info.size = len(png)
            archive.addfile(info, io.BytesIO(png))
    return buffer.getvalue()


def _json(value: object) -> bytes:
    return json.dumps(value, indent=2, ensure_ascii=False).encode()


def _brotli(data: bytes) -> bytes:
    packed: bytes = brotli.compress(data, quality=_QUALITY)
    return packed
