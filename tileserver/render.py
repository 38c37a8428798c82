"""Rendering: regions of a slide, at any scale, become pixels and JPEG."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import simplejpeg
from PIL import Image

from records.errors import InputError
from tileserver import geometry
from tileserver.deepzoom import DeepZoomPyramid
from tileserver.geometry import Region, Scale, Size
from tileserver.readers.base import Pixels, SlideError, SlideReader

TILE_QUALITY = 85
"""JPEG quality of tiles: a choice; scanners store 70 to 90, and tiles are compressed once more."""

FULL_COLOUR_QUALITY = 90
"""JPEG quality from which on colour keeps its full resolution; below, a quarter of it."""

MAX_RAW_SIDE = 2000
"""Longest side of a raw region. Source: slidescore.md 3.8, the vendor's own limit."""

OVERVIEW_SIDE = 1024
"""Longest side of the overview from which all smaller Deep Zoom levels are made."""

MAX_SOURCE_PIXELS = 2**32
"""Pixels that may be read for one picture. Only slides without stored overviews come near: about
20 s of decoding for the first overview, which is kept; beyond that they need converting."""

_BLOCK_PIXELS = 2**22

_TOO_FLAT = (
    "this slide stores no overview, and is too large to make one from its pixels; "
    "convert it to a pyramidal TIFF"
)

Read = Callable[[int, int, int, int], Pixels]
"""Reads (x, y, width, height) of one picture, also beyond its edges."""


@dataclass(frozen=True, slots=True)
class _Box:
    """The part of a source picture that an output shows, in pixels that may be fractions."""

    x: float
    y: float
    scale: Scale


def encode_jpeg(pixels: Pixels, quality: int) -> bytes:
    """Return pixels as a JFIF file.

    Parameters
    ----------
    pixels
        Shape (height, width, 3).
    quality
        1 to 100. From 90 on colour keeps its full resolution; below, a quarter of it, as scanners
        store it.
    """
    # Measured, 256 x 256 pixels of tissue at quality 85: simplejpeg 0.11 ms, Pillow 0.14 ms.
    encoded: bytes = simplejpeg.encode_jpeg(
        np.ascontiguousarray(pixels),
        quality=quality,
        colorspace="RGB",
        colorsubsampling="444" if quality >= FULL_COLOUR_QUALITY else "420",
    )
    return encoded


def render_tile(
    reader: SlideReader,
    dz_level: int,
    column: int,
    row: int,
    overview: Callable[[], Pixels] | None = None,
) -> Pixels:
    """Return the pixels of a Deep Zoom tile.

    A stored level of the tile's own resolution is copied. Otherwise squares of the next finer one
    are averaged: whole squares, so that a tile needs nothing of its neighbours and no seam shows.

    Parameters
    ----------
    reader
        The slide.
    dz_level, column, row
        The tile's address.
    overview
        Returns what ``render_overview`` made; used for smaller levels than that when given.

    Returns
    -------
    Pixels
        Shape (height, width, 3).

    Raises
    ------
    TileOutsideLevelError
        There is no such tile.
    SlideError
        The part cannot be decoded, or needs too much reading.
    """
    tile = reader.facts.pyramid.tile_region(dz_level, column, row)
    return render_level_part(reader, dz_level, tile, overview)


def render_overview(reader: SlideReader) -> Pixels:
    """Return the whole slide as its largest Deep Zoom level of at most ``OVERVIEW_SIDE`` pixels.

    Raises
    ------
    SlideError
        The slide cannot be decoded, or has no stored level small enough to be read whole.
    """
    dz_level = overview_level(reader.facts.pyramid)
    size = reader.facts.pyramid.level_size(dz_level)
    return render_level_part(reader, dz_level, Region(0, 0, size.width, size.height), None)


def fit(pixels: Pixels, longest: int) -> Pixels:
    """Return a picture made smaller so that no side is longer than ``longest`` pixels."""
    height, width = pixels.shape[:2]
    factor = longest / max(width, height)
    if factor >= 1:
        return pixels
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.HAMMING))


def overview_level(pyramid: DeepZoomPyramid) -> int:
    """Return the Deep Zoom level of the overview."""
    return min(pyramid.max_level, OVERVIEW_SIDE.bit_length() - 1)


def render_raw_region(
    reader: SlideReader, slide_level: int, *, l0_x: int, l0_y: int, width: int, height: int
) -> Pixels:
    """Return a region of a stored level, with the background where the slide has no pixels.

    Source: slidescore.md 3.8, GetRawTile.

    Parameters
    ----------
    slide_level
        Stored level; 0 is the most detailed.
    l0_x, l0_y
        Upper left corner in level-0 pixels.
    width, height
        In pixels of the level, 1 to ``MAX_RAW_SIDE``.

    Raises
    ------
    InputError
        There is no such level, or the size is out of bounds.
    SlideError
        The part cannot be decoded.
    """
    facts = reader.facts
    if not 0 <= slide_level < len(facts.level_sizes):
        raise InputError(
            f"there is no level {slide_level}; this slide stores levels 0 to "
            f"{len(facts.level_sizes) - 1}, of which 0 is the most detailed"
        )
    if not (1 <= width <= MAX_RAW_SIDE and 1 <= height <= MAX_RAW_SIDE):
        raise InputError(
            f"width and height must be 1 to {MAX_RAW_SIDE} pixels, not {width} x {height}"
        )
    scale = geometry.level_scale(facts.size, facts.level_sizes[slide_level])
    l_x, l_y = math.floor(l0_x / scale.x), math.floor(l0_y / scale.y)
    level = facts.level_sizes[slide_level]
    # Further out nothing differs, and readers take 32 bits.
    l_x = min(max(l_x, -MAX_RAW_SIDE), level.width)
    l_y = min(max(l_y, -MAX_RAW_SIDE), level.height)
    return reader.read_region(slide_level, l_x, l_y, width, height)


def render_view(reader: SlideReader, l0_region: Region, out: Size) -> Pixels:
    """Return any part of a slide at any size, with the background where it has no pixels.

    Parameters
    ----------
    reader
        The slide.
    l0_region
        What is shown, in level-0 pixels; it may reach beyond the slide.
    out
        Size of the result; larger than the region enlarges.

    Returns
    -------
    Pixels
        Shape (out.height, out.width, 3).

    Raises
    ------
    SlideError
        The part cannot be decoded, or needs too much reading.
    """
    wanted = Scale(l0_region.width / out.width, l0_region.height / out.height)
    slide_level, scale = _finest_needed(reader, wanted)
    box = _Box(
        l0_region.x / scale.x,
        l0_region.y / scale.y,
        Scale(wanted.x / scale.x, wanted.y / scale.y),
    )
    read = functools.partial(reader.read_region, slide_level)
    return _resampled(read, box, out, reader.facts.tile_size)


def render_level_part(
    reader: SlideReader,
    dz_level: int,
    part: Region,
    overview: Callable[[], Pixels] | None,
    max_source_pixels: int = MAX_SOURCE_PIXELS,
) -> Pixels:
    """Return a part of a Deep Zoom level, from the coarsest source that has its detail.

    Parameters
    ----------
    reader
        The slide.
    dz_level
        The level.
    part
        Within the level, in its pixels.
    overview
        As for ``render_tile``.
    max_source_pixels
        How many pixels may be read for it.

    Raises
    ------
    SlideError
        The part cannot be decoded, or needs too much reading.
    """
    pyramid = reader.facts.pyramid
    source = _stored_source(reader, dz_level)
    if overview is not None:
        scale = pyramid.downsample(overview_level(pyramid))
        if source.scale.mean < scale <= pyramid.downsample(dz_level):
            source = _overview_source(overview(), scale)
    downsample = pyramid.downsample(dz_level)
    factor = Scale(downsample / source.scale.x, downsample / source.scale.y)
    box = _Box(part.x * factor.x, part.y * factor.y, factor)
    out = Size(part.width, part.height)
    if out.area * factor.x * factor.y > max_source_pixels:
        raise SlideError(_TOO_FLAT)
    read = _within(source.read, source.size)
    return _resampled(read, box, out, source.tile_size, source.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """A picture of the whole slide that parts are read from."""

    read: Read
    size: Size
    scale: Scale
    tile_size: Size


def _stored_source(reader: SlideReader, dz_level: int) -> _Source:
    downsample = reader.facts.pyramid.downsample(dz_level)
    slide_level, scale = _finest_needed(reader, Scale(downsample, downsample))
    return _Source(
        read=functools.partial(reader.read_region, slide_level),
        size=reader.facts.level_sizes[slide_level],
        scale=scale,
        tile_size=reader.facts.tile_size,
    )


def _overview_source(picture: Pixels, scale: int) -> _Source:
    def read(x: int, y: int, width: int, height: int) -> Pixels:
        return picture[y : y + height, x : x + width]

    size = Size(picture.shape[1], picture.shape[0])
    return _Source(read=read, size=size, scale=Scale(scale, scale), tile_size=size)


def _finest_needed(reader: SlideReader, wanted: Scale) -> tuple[int, Scale]:
    """Return the coarsest stored level that still has the detail wanted, and its scale."""
    facts = reader.facts
    found = (0, Scale(1, 1))
    for slide_level, size in enumerate(facts.level_sizes):
        scale = geometry.level_scale(facts.size, size)
        # A thousandth less detail than wanted is not seen; quotients of sizes are that uneven.
        if scale.x <= wanted.x * 1.001 and scale.y <= wanted.y * 1.001:
            found = (slide_level, scale)
    return found


def _within(read: Read, size: Size) -> Read:
    """Return a reading that repeats the last pixels beyond the edges.

    A level whose size was rounded down lacks the last column or row that Deep Zoom has.
    """

    def read_clamped(x: int, y: int, width: int, height: int) -> Pixels:
        columns = np.clip(np.arange(x, x + width), 0, size.width - 1)
        rows = np.clip(np.arange(y, y + height), 0, size.height - 1)
        left, right = int(columns[0]), int(columns[-1]) + 1
        top, bottom = int(rows[0]), int(rows[-1]) + 1
        inner = read(left, top, right - left, bottom - top)
        if inner.shape[:2] == (height, width):
            return inner
        return inner[np.ix_(rows - top, columns - left)]

    return read_clamped


def _resampled(
    read: Read, box: _Box, out: Size, tile_size: Size, limit: Size | None = None
) -> Pixels:
    """Return a source picture's part at the size ``out``, reading it block by block.

    Pixels at the edge of a picture of size ``limit`` are means of what there is of it; without a
    limit, of the background beyond as well.
    """
    if box.scale == Scale(1, 1) and box.x == int(box.x) and box.y == int(box.y):
        return read(int(box.x), int(box.y), out.width, out.height)
    if out.area * box.scale.x * box.scale.y > MAX_SOURCE_PIXELS:
        raise SlideError(_TOO_FLAT)
    pixels = np.empty((out.height, out.width, 3), np.uint8)
    block = _block(box.scale, out, tile_size)
    for top in range(0, out.height, block.height):
        for left in range(0, out.width, block.width):
            size = Size(min(block.width, out.width - left), min(block.height, out.height - top))
            corner = _Box(box.x + left * box.scale.x, box.y + top * box.scale.y, box.scale)
            pixels[top : top + size.height, left : left + size.width] = _shrunk(
                read, corner, size, limit
            )
    return pixels


def _block(scale: Scale, out: Size, tile_size: Size) -> Size:
    """Return how much output to make at once: squares, or whole rows where the file has strips."""
    columns = max(1, int(math.sqrt(_BLOCK_PIXELS) / scale.x))
    if tile_size.width > 4 * tile_size.height or tile_size.height == 1:
        columns = out.width
    rows = int(_BLOCK_PIXELS / (min(columns, out.width) * scale.x * scale.y))
    return Size(min(columns, out.width), min(max(1, rows), out.height))


def _shrunk(read: Read, box: _Box, out: Size, limit: Size | None) -> Pixels:
    """Return one block: means of whole squares, or a filter where the scale is no whole number."""
    whole = (round(box.scale.x), round(box.scale.y))
    if (*whole, round(box.x), round(box.y)) == (box.scale.x, box.scale.y, box.x, box.y):
        x, y = round(box.x), round(box.y)
        width, height = out.width * whole[0], out.height * whole[1]
        if limit is not None:
            width, height = (
                min(width, max(1, limit.width - x)),
                min(height, max(1, limit.height - y)),
            )
        small = np.asarray(Image.fromarray(read(x, y, width, height)).reduce(whole))
        missing = ((0, out.height - small.shape[0]), (0, out.width - small.shape[1]), (0, 0))
        return np.pad(small, missing, mode="edge")
    # The filter's reach beyond the box, so that neighbouring blocks see the same pixels.
    reach_x, reach_y = math.ceil(box.scale.x) + 2, math.ceil(box.scale.y) + 2
    left, top = math.floor(box.x) - reach_x, math.floor(box.y) - reach_y
    right = math.ceil(box.x + out.width * box.scale.x) + reach_x
    bottom = math.ceil(box.y + out.height * box.scale.y) + reach_y
    source = read(left, top, right - left, bottom - top)
    inner_x, inner_y = box.x - left, box.y - top
    part = (
        inner_x,
        inner_y,
        inner_x + out.width * box.scale.x,
        inner_y + out.height * box.scale.y,
    )
    is_smaller = box.scale.x > 1 and box.scale.y > 1
    kernel = Image.Resampling.HAMMING if is_smaller else Image.Resampling.BICUBIC
    return np.asarray(Image.fromarray(source).resize((out.width, out.height), kernel, box=part))
