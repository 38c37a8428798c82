"""Pyramid files: pictures of falling size become one tiled TIFF, plain or Aperio's SVS."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image

from records import filestore

Pixels = NDArray[np.uint8]

_INCH_UM = 25_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """How pixels are kept in a file.

    Parameters
    ----------
    tile
        Side of a tile in pixels, a multiple of 16.
    compression
        ``jpeg``, or ``deflate`` which loses nothing.
    quality
        Of JPEG, 1 to 100.
    subsampling
        Of colour in JPEG: (2, 2) keeps a quarter of it, (1, 1) all.
    """

    tile: int = 256
    compression: Literal["jpeg", "deflate"] = "jpeg"
    quality: int = 80
    subsampling: tuple[int, int] = (2, 2)


def write_plain(path: Path, levels: Sequence[Pixels], storage: Storage, *, mpp: float) -> None:
    """Write a pyramidal TIFF with the resolution in its tags.

    Parameters
    ----------
    path
        Where to; it appears whole or not at all.
    levels
        Shape (height, width, 3) each, the most detailed first.
    storage
        How pixels are kept.
    mpp
        Of the first level, in micrometres per pixel.
    """
    with filestore.atomic_path(path) as part, tifffile.TiffWriter(part, ome=False) as writer:
        for index, level in enumerate(levels):
            writer.write(
                _tiles(level, storage.tile),
                shape=level.shape,
                dtype=level.dtype,
                subfiletype=int(index > 0),
                resolution=(1e4 / mpp * level.shape[1] / levels[0].shape[1],) * 2,
                resolutionunit="CENTIMETER",
                **_tiled(storage),
            )


def write_aperio(
    path: Path,
    levels: Sequence[Pixels],
    storage: Storage,
    *,
    mpp: float,
    objective: int,
    label: Pixels,
    icc_profile: bytes | None = None,
) -> None:
    """Write an SVS file as Aperio scanners do: levels, a thumbnail after the first, a label.

    Source: the layout of CMU-1.svs in OpenSlide's test data.

    Parameters
    ----------
    path
        Where to; it appears whole or not at all.
    levels
        Shape (height, width, 3) each, the most detailed first.
    storage
        How pixels are kept.
    mpp
        Of the first level, in micrometres per pixel.
    objective
        Magnification of the scanner's lens.
    label
        Picture of the slide's label, shape (height, width, 3).
    icc_profile
        Of the colours of the levels.
    """
    height, width = levels[0].shape[:2]
    head = f"Aperio Image Library v12.4.0 \r\n{width}x{height}"
    form = f"({storage.tile}x{storage.tile}) JPEG/RGB Q={storage.quality}"
    facts = f"AppMag = {objective}|MPP = {mpp:.4f}|ScanScope ID = SYNTHETIC|Filename = {path.stem}"
    thumbnail = np.asarray(Image.fromarray(levels[-1]).resize((width // 8, height // 8)))
    strip: dict[str, Any] = {
        "photometric": "rgb",
        "compression": "jpeg",
        "rowsperstrip": 16,
        "metadata": None,
    }
    with filestore.atomic_path(path) as part, tifffile.TiffWriter(part, ome=False) as writer:
        for index, level in enumerate(levels):
            size = f"{level.shape[1]}x{level.shape[0]}"
            shrunk = "" if index == 0 else f" -> {size}"
            writer.write(
                _tiles(level, storage.tile),
                shape=level.shape,
                dtype=level.dtype,
                description=f"{head} [0,0 {width}x{height}] {form}{shrunk}|{facts}",
                resolution=(_INCH_UM / mpp, _INCH_UM / mpp),
                resolutionunit="INCH",
                iccprofile=icc_profile,
                **_tiled(storage),
            )
            if index == 0:
                words = f"{head} -> {thumbnail.shape[1]}x{thumbnail.shape[0]} - |{facts}"
                writer.write(thumbnail, description=words, **strip)
        words = f"Aperio Image Library v12.4.0 \r\nlabel {label.shape[1]}x{label.shape[0]}"
        writer.write(label, description=words, subfiletype=1, **strip)


def shrink(pixels: Pixels, factor: int) -> Pixels:
    """Return a smaller picture of means of ``factor`` x ``factor`` pixels; the rest is cut off."""
    height, width = (length // factor * factor for length in pixels.shape[:2])
    return np.asarray(Image.fromarray(pixels[:height, :width]).reduce(factor))


def _tiles(level: Pixels, side: int) -> Iterator[Pixels]:
    """Yield the tiles, row by row; where they reach beyond the level its last pixels repeat.

    Padding with black, as ``tifffile`` would, leaves ripples of JPEG within the level.
    """
    height, width = level.shape[:2]
    for top in range(0, height, side):
        for left in range(0, width, side):
            tile = level[top : top + side, left : left + side]
            missing = ((0, side - tile.shape[0]), (0, side - tile.shape[1]), (0, 0))
            yield np.pad(tile, missing, mode="edge")


def _tiled(storage: Storage) -> dict[str, Any]:
    common: dict[str, Any] = {"tile": (storage.tile, storage.tile), "metadata": None}
    if storage.compression == "deflate":
        return common | {"photometric": "rgb", "compression": "deflate", "predictor": True}
    return common | {
        # The colours given; stored are brightness and colour (YCbCr), as the subsampling tells.
        "photometric": "rgb",
        "compression": "jpeg",
        "compressionargs": {"level": storage.quality},
        "subsampling": storage.subsampling,
    }
