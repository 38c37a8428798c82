"""DICOM whole-slide files made for tests, with frames of any encoding and any table of offsets."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path

import imagecodecs
import numpy as np
import simplejpeg

JPEG, JPEG2000, NATIVE = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.1"
WSI = "1.2.840.10008.5.1.4.1.1.77.1.6"
_LONG = {"OB", "OV", "SQ", "UN", "UT"}
_ITEM, _END = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"


@dataclass(frozen=True)
class Frames:
    """How the frames of a file are stored."""

    syntax: str = JPEG
    colours: str = "ycbcr"
    subsampling: str = "420"
    table: str = "basic"
    side: int = 256
    quality: int = 85
    overrides: dict = field(default_factory=dict)


def element(tag: int, kind: str, value: bytes | int | str | list) -> bytes:
    """Return an element of explicit little-endian coding."""
    if isinstance(value, int):
        value = struct.pack({"US": "<H", "UL": "<I"}[kind], value)
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, list):
        value = b"".join(_ITEM + struct.pack("<I", len(item)) + item for item in value)
    value += (b"\0" if kind in {"UI", "OB"} else b" ") * (len(value) % 2)
    head = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + kind.encode()
    if kind in _LONG:
        return head + b"\0\0" + struct.pack("<I", len(value)) + value
    return head + struct.pack("<H", len(value)) + value


def tiles_of(pixels: np.ndarray, side: int) -> list[np.ndarray]:
    """Return the tiles row by row, filled up with the last pixels."""
    height, width = pixels.shape[:2]
    whole = np.pad(pixels, ((0, -height % side), (0, -width % side), (0, 0)), mode="edge")
    return [
        whole[y : y + side, x : x + side]
        for y in range(0, height, side)
        for x in range(0, width, side)
    ]


def encoded(tile: np.ndarray, frames: Frames) -> bytes:
    """Return a tile as it is stored."""
    tile = np.ascontiguousarray(tile)
    if frames.syntax == JPEG2000:
        return imagecodecs.jpeg2k_encode(tile, level=0, codecformat="J2K", mct=True)
    if frames.syntax == NATIVE:
        return tile.tobytes()
    if frames.colours == "rgb":
        return imagecodecs.jpeg8_encode(
            tile, level=frames.quality, colorspace="RGB", outcolorspace="RGB"
        )
    return simplejpeg.encode_jpeg(tile, quality=frames.quality, colorsubsampling=frames.subsampling)


def pixel_data(streams: list[bytes], frames: Frames) -> bytes:
    """Return the elements with the frames."""
    if frames.syntax == NATIVE:
        return element(0x7FE00010, "OB", b"".join(streams))
    streams = [stream + b"\0" * (len(stream) % 2) for stream in streams]
    items = [_ITEM + struct.pack("<I", len(stream)) + stream for stream in streams]
    if frames.table == "pieces":
        half = len(streams[0]) // 4 * 2
        pieces = [streams[0][:half], streams[0][half:]]
        items[0] = b"".join(_ITEM + struct.pack("<I", len(piece)) + piece for piece in pieces)
    starts = np.cumsum([0, *(len(item) for item in items)])[:-1]
    before, table = b"", b""
    if frames.table == "basic":
        table = struct.pack(f"<{len(starts)}I", *starts)
    if frames.table == "extended":
        lengths = [len(stream) for stream in streams]
        before = element(0x7FE00001, "OV", struct.pack(f"<{len(starts)}Q", *starts))
        before += element(0x7FE00002, "OV", struct.pack(f"<{len(lengths)}Q", *lengths))
    head = struct.pack("<HH", 0x7FE0, 0x0010) + b"OB\0\0" + struct.pack("<I", 0xFFFFFFFF)
    end = _END + struct.pack("<I", 0)
    return before + head + _ITEM + struct.pack("<I", len(table)) + table + b"".join(items) + end


def write(
    path: Path,
    pixels: np.ndarray,
    frames: Frames = Frames(),
    *,
    mm: float = 0.00025,
    kind: str = "VOLUME",
    series: str = "1.2.3.4",
) -> list[bytes]:
    """Write one file of a series, and return its frames as they are stored."""
    height, width = pixels.shape[:2]
    streams = [encoded(tile, frames) for tile in tiles_of(pixels, frames.side)]
    photometric = {JPEG2000: "YBR_RCT", NATIVE: "RGB"}.get(
        frames.syntax, "RGB" if frames.colours == "rgb" else "YBR_FULL_422"
    )
    spacing = element(0x00280030, "DS", f"{mm}\\{mm}") + element(0x00180050, "DS", "0.001")
    shared = element(0x00289110, "SQ", [spacing])
    flavour = "ORIGINAL\\PRIMARY\\" + kind + ("\\NONE" if mm < 0.0003 else "\\RESAMPLED")
    path_of_light = element(0x00480106, "SH", "1") + element(0x00480112, "DS", "20")
    body = {
        0x00080008: ("CS", flavour),
        0x00080016: ("UI", WSI),
        0x00080018: ("UI", f"1.2.3.{width}.{height}"),
        0x00080060: ("CS", "SM"),
        0x0020000D: ("UI", "1.2.3"),
        0x0020000E: ("UI", series),
        0x00200052: ("UI", "1.2.3.5"),
        0x00209311: ("CS", "TILED_FULL"),
        0x00280002: ("US", 3),
        0x00280004: ("CS", photometric),
        0x00280006: ("US", 0),
        0x00280008: ("IS", str(len(streams))),
        0x00280010: ("US", frames.side),
        0x00280011: ("US", frames.side),
        0x00280100: ("US", 8),
        0x00280101: ("US", 8),
        0x00280102: ("US", 7),
        0x00280103: ("US", 0),
        0x00480001: ("FL", struct.pack("<f", width * mm)),
        0x00480002: ("FL", struct.pack("<f", height * mm)),
        0x00480006: ("UL", width),
        0x00480007: ("UL", height),
        0x00480105: ("SQ", [path_of_light]),
        0x00480302: ("UL", 1),
        0x00480303: ("UL", 1),
        0x52009229: ("SQ", [shared]),
    }
    body.update(frames.overrides)
    data = b"".join(element(tag, *body[tag]) for tag in sorted(body) if body[tag] is not None)
    meta = element(0x00020001, "OB", b"\0\1") + element(0x00020002, "UI", WSI)
    meta += element(0x00020003, "UI", f"1.2.3.{width}.{height}")
    meta += element(0x00020010, "UI", frames.syntax) + element(0x00020012, "UI", "1.2.3.9")
    meta = element(0x00020000, "UL", len(meta)) + meta
    path.write_bytes(bytes(128) + b"DICM" + meta + data + pixel_data(streams, frames))
    return streams
