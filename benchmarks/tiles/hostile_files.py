"""Hostile files: slides that claim what they do not hold, loop, or unfold without end."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tifffile

_PNG = b"\x89PNG\r\n\x1a\n"
_TIFF = struct.Struct("<2sHI")
_ENTRY = struct.Struct("<HHII")
_IMAGE_WIDTH, _IMAGE_LENGTH, _NEW_SUBFILE = 256, 257, 254
_LONG = 4
_SOF = b"\xff\xc0\x00\x11\x08"


def make_hostile_files(folder: Path, good: Path) -> list[Path]:
    """Make the files that are not there yet.

    Parameters
    ----------
    folder
        Where to.
    good
        A small Aperio slide to spoil.

    Returns
    -------
    list[Path]
        All of them, by name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in _MAKERS.items():
        path = folder / name
        if not path.exists():
            path.write_bytes(make(good.read_bytes()))
    huge = folder / "tile-of-6-gb.tif"
    if not huge.exists():
        _write_huge_tile(huge)
    entities = folder / "entities.ome.tif"
    if not entities.exists():
        _write_entities(entities)
    return sorted(path for path in folder.iterdir() if path.is_file())


def _cut(good: bytes) -> bytes:
    return good[: len(good) // 2]


def _spoil_every_frame(good: bytes) -> bytes:
    """Let each JPEG tile claim 65,500 pixels a side: decoded, 12.9 GB each."""
    parts = good.split(_SOF)
    side = struct.pack(">HH", 65_500, 65_500)
    return parts[0] + b"".join(_SOF + side + part[4:] for part in parts[1:])


def _fill_with_noise(good: bytes) -> bytes:
    """Keep the directories, which are at both ends, and lose the pixels between."""
    noise = np.random.default_rng(5).bytes(len(good) - 16_384)
    return good[:8_192] + noise + good[-8_192:]


def _png_bomb(_: bytes) -> bytes:
    """Return 50,000 x 50,000 pixels of one bit: 0.3 MB of file, 2.5 GB as bytes of grey."""
    side = 50_000
    packer = zlib.compressobj(9)
    row = bytes(1 + side // 8)
    data = b"".join(packer.compress(row * 1_000) for _ in range(side // 1_000)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return _PNG + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _png_claim(_: bytes) -> bytes:
    """Return a picture that claims 100,000 x 100,000 pixels of 64 bits, and holds none."""
    header = struct.pack(">IIBBBBB", 100_000, 100_000, 16, 6, 0, 0, 0)
    data = zlib.compress(bytes(1_000))
    return _PNG + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    body = name + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def _directories(count: int, last: int) -> bytes:
    """Return a TIFF of many directories of no pixels; ``last`` is where the last one points."""
    entries = [(_NEW_SUBFILE, 0), (_IMAGE_WIDTH, 64), (_IMAGE_LENGTH, 64)]
    size = 2 + len(entries) * _ENTRY.size + 4
    parts = [_TIFF.pack(b"II", 42, _TIFF.size)]
    for index in range(count):
        following = _TIFF.size + (index + 1) * size if index + 1 < count else last
        body = b"".join(_ENTRY.pack(tag, _LONG, 1, value) for tag, value in entries)
        parts.append(struct.pack("<H", len(entries)) + body + struct.pack("<I", following))
    return b"".join(parts)


_MAKERS: dict[str, Callable[[bytes], bytes]] = {
    "cut-in-half.svs": _cut,
    "frames-of-13-gb.svs": _spoil_every_frame,
    "noise-for-pixels.svs": _fill_with_noise,
    "bomb.png": _png_bomb,
    "claim.png": _png_claim,
    "loop-of-two.tif": lambda _: _directories(2, _TIFF.size),
    "300000-directories.tif": lambda _: _directories(300_000, 0),
}


def _write_huge_tile(path: Path) -> None:
    """Write a slide of one tile that claims 65,536 x 32,768 pixels."""
    with tifffile.TiffWriter(path, bigtiff=True) as writer:
        writer.write(
            iter([zlib.compress(bytes(100_000))]),
            shape=(32_768, 65_536, 3),
            dtype=np.uint8,
            tile=(32_768, 65_536),
            compression="deflate",
            photometric="rgb",
            metadata=None,
        )


def _write_entities(path: Path) -> None:
    """Write a picture whose OME-XML unfolds to 3 GB ("billion laughs")."""
    lines = ['<!ENTITY a0 "ha">']
    lines += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)]
    text = f'<?xml version="1.0"?><!DOCTYPE OME [{"".join(lines)}]><OME>&a9;</OME>'
    pixels = np.full((64, 64, 3), 200, np.uint8)
    tifffile.imwrite(path, pixels, description=text, metadata=None, photometric="rgb")
