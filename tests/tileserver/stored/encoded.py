"""TIFF files made for the tests of stored tiles, out of tiles that are encoded here."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import imagecodecs
import numpy as np
import simplejpeg
import tifffile

from slides_sample import gradient

_TABLES = {0xDB, 0xC4, 0xDD}
_SOS = 0xDA


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """How tiles are encoded.

    ``colours`` is ycbcr420, ycbcr444, rgb, jp2k_rgb or jp2k_ycbcr. JPEG streams keep the marker
    that tells the colours unless ``marked`` is False; their tables lie apart if ``abbreviated``.
    """

    tile: int = 256
    colours: str = "ycbcr420"
    marked: bool = False
    abbreviated: bool = True
    quality: int = 90
    padding: str = "black"


@dataclass(frozen=True, kw_only=True)
class Making:
    """What is special about a file."""

    bigtiff: bool = False
    missing: frozenset[tuple[int, int, int]] = frozenset()
    """Level, column and row of tiles that are left out."""

    subifds: bool = False
    philips: bool = False
    description: str | None = None
    extra: dict[str, object] = field(default_factory=dict)


@functools.cache
def gradient_levels(width, height, downsamples=(1, 4, 16), round_up=False):
    """Return the levels of a gradient slide as exact pixels."""
    levels = []
    for downsample in downsamples:
        sizes = ((-(-n // downsample) if round_up else n // downsample) for n in (width, height))
        columns, rows = (max(1, n) for n in sizes)
        colours = gradient.expected_region((0, 0, columns, rows), downsample, (width, height))
        levels.append(np.clip(colours + 0.5, 0, 255).astype(np.uint8))
    return levels


@functools.cache
def noise_levels(width, height, downsamples=(1, 4, 16), seed=1):
    """Return the levels of a slide with detail of every scale, halves rounded up."""
    rng = np.random.default_rng(seed)
    full = np.zeros((height, width, 3))
    for cell in (4, 16, 64, 256):
        rough = rng.uniform(-40, 40, (-(-height // cell), -(-width // cell), 3))
        full += np.kron(rough, np.ones((cell, cell, 1)))[:height, :width]
    full = np.clip(full + 150, 0, 255)
    return [shrunk(full, downsample) for downsample in downsamples]


def shrunk(full, factor):
    """Return means over squares, the last pixels repeated to fill the last squares."""
    height, width = (-(-n // factor) * factor for n in full.shape[:2])
    padding = ((0, height - full.shape[0]), (0, width - full.shape[1]), (0, 0))
    whole = np.pad(full.astype(np.float64), padding, mode="edge")
    squares = whole.reshape(height // factor, factor, width // factor, factor, 3)
    return (squares.mean(axis=(1, 3)) + 0.5).astype(np.uint8)


def write(path: Path, levels, encoding: Encoding | None = None, making: Making | None = None):
    """Write a pyramidal TIFF file whose tiles are encoded as asked for."""
    encoding, making = encoding or Encoding(), making or Making()
    with tifffile.TiffWriter(path, bigtiff=making.bigtiff) as writer:
        for number, level in enumerate(levels):
            streams = list(_encoded(level, encoding))
            tables, bodies = streams[0][0], [body for _, body in streams]
            columns = -(-level.shape[1] // encoding.tile)
            for index in range(len(bodies)):
                if (number, index % columns, index // columns) in making.missing:
                    bodies[index] = b""
            shape = level.shape
            if making.philips:
                sides = (-(-n // encoding.tile) * encoding.tile for n in level.shape[:2])
                shape = (*sides, 3)
            writer.write(
                iter(bodies),
                shape=shape,
                dtype=np.uint8,
                tile=(encoding.tile, encoding.tile),
                photometric="ycbcr" if "ycbcr" in encoding.colours else "rgb",
                subsampling=(2, 2) if encoding.colours == "ycbcr420" else (1, 1),
                compression=7 if not encoding.colours.startswith("jp2k") else 34712,
                jpegtables=tables or None,
                metadata=None,
                description=making.description if number == 0 or not making.subifds else None,
                subfiletype=int(number > 0),
                subifds=len(levels) - 1 if making.subifds and number == 0 else None,
                **making.extra,
            )
    _overwrite_tags(path, encoding)
    return path


def aperio(width, height):
    """Return the description by which OpenSlide knows an Aperio file."""
    return (
        f"Aperio Image Library v12.4.0 \r\n{width}x{height} [0,0 {width}x{height}] JPEG|MPP = 0.25"
    )


def decoded(stream):
    """Return the pixels of a JPEG file as a browser shows them."""
    return simplejpeg.decode_jpeg(stream, colorspace="RGB")


def split(stream: bytes, *, marked: bool, abbreviated: bool) -> tuple[bytes, bytes]:
    """Return the tables of a JPEG stream and the stream without them, or b"" and the whole."""
    tables, rest, position = [b"\xff\xd8"], [b"\xff\xd8"], 2
    while stream[position + 1] != _SOS:
        marker = stream[position + 1]
        end = position + 2 + int.from_bytes(stream[position + 2 : position + 4], "big")
        if marker in _TABLES and abbreviated:
            tables.append(stream[position:end])
        elif marked or not 0xE0 <= marker <= 0xEF:
            rest.append(stream[position:end])
        position = end
    rest.append(stream[position:])
    return b"".join([*tables, b"\xff\xd9"]) if abbreviated else b"", b"".join(rest)


def encode(pixels, encoding: Encoding) -> tuple[bytes, bytes]:
    """Return the tables and the stream of one tile."""
    pixels = np.ascontiguousarray(pixels)
    if encoding.colours == "jp2k_rgb":
        return b"", imagecodecs.jpeg2k_encode(pixels, level=45, codecformat="j2k")
    if encoding.colours == "jp2k_ycbcr":
        from PIL import Image

        ycbcr = np.asarray(Image.fromarray(pixels).convert("YCbCr"))
        return b"", imagecodecs.jpeg2k_encode(ycbcr, level=45, codecformat="j2k", mct=False)
    if encoding.colours == "rgb":
        stream = imagecodecs.jpeg8_encode(
            pixels, level=encoding.quality, colorspace="rgb", outcolorspace="rgb"
        )
    else:
        stream = simplejpeg.encode_jpeg(
            pixels,
            quality=encoding.quality,
            colorspace="RGB",
            colorsubsampling=encoding.colours.removeprefix("ycbcr"),
        )
    return split(stream, marked=encoding.marked, abbreviated=encoding.abbreviated)


def at_once(slide, dz_level, column, row):
    """Return what ``fast`` gives of a tile that the system has in memory.

    A system may drop the pages of a file at any time; ``fast`` then gives None.
    """
    data = slide.fast(dz_level, column, row)
    if data is None:
        stores = [store._file for store in slide._stores if store is not None]
        for file in (*getattr(slide._file, "_files", [slide._file]), *stores):
            os.pread(file.descriptor, os.fstat(file.descriptor).st_size, 0)
        data = slide.fast(dz_level, column, row)
    return data


def _encoded(level, encoding) -> Iterator[tuple[bytes, bytes]]:
    side = encoding.tile
    for top in range(0, level.shape[0], side):
        for left in range(0, level.shape[1], side):
            part = level[top : top + side, left : left + side]
            missing = ((0, side - part.shape[0]), (0, side - part.shape[1]), (0, 0))
            # Black is the worst that a file can hold beyond the slide.
            mode = {"mode": "edge"} if encoding.padding == "edge" else {"constant_values": 0}
            yield encode(np.pad(part, missing, **mode), encoding)


def _overwrite_tags(path, encoding):
    """Give pages the compression and colours that the writer does not let one choose."""
    compression = {"jp2k_rgb": 33005, "jp2k_ycbcr": 33003}.get(encoding.colours, 7)
    photometric = 6 if "ycbcr" in encoding.colours else 2
    with tifffile.TiffFile(path, mode="r+b") as file:
        for page in [*file.pages, *(file.pages[0].pages or [])]:
            page.tags[259].overwrite(compression)
            page.tags[262].overwrite(photometric)
