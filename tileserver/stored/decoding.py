"""Decoding: a stored tile becomes pixels, at its whole size, a half, a quarter or an eighth."""

from __future__ import annotations

import imagecodecs
import numpy as np
import simplejpeg
from PIL import Image

from tileserver.readers.base import Pixels
from tileserver.readers.tiff_pages import DAMAGE
from tileserver.stored import streams
from tileserver.stored.levels import APERIO_YCBCR, JPEG
from tileserver.stored.passthrough import LevelTiles
from tileserver.stored.streams import StreamError

FACTORS = (1, 2, 4, 8)
"""How much smaller a tile can be decoded at once: JPEG holds squares of 8 x 8 pixels as waves, and
leaving out the short ones gives the smaller picture (measured: 95 microseconds instead of 139)."""


_JPEG_MS, _JPEG2000_MS = 1.5, 30.0
"""For a million pixels; measured: 0.1 and 1.9 milliseconds for 256 x 256."""


def expected_ms(compression: int, pixels: int) -> float:
    """Return roughly how many milliseconds it takes to decode so many pixels."""
    return pixels / 1e6 * (_JPEG_MS if compression == JPEG else _JPEG2000_MS)


def decode_tile(tiles: LevelTiles, column: int, row: int, factor: int = 1) -> Pixels:
    """Return the pixels of a stored tile, with its padding.

    Parameters
    ----------
    tiles
        Of the level.
    column, row
        Of the tile, which must not be missing.
    factor
        One of ``FACTORS``.

    Returns
    -------
    Pixels
        Shape (side / factor, side / factor, 3).

    Raises
    ------
    SlideError
        The tile is cut short, damaged, or of another size.
    """
    data = tiles.read(column, row)
    try:
        if tiles.level.compression == JPEG:
            pixels = _decode_jpeg(tiles, data, factor)
        else:
            pixels = reduce(_decode_jpeg2000(tiles, data), factor)
    except DAMAGE as error:
        raise tiles.damaged(column, row, error) from error
    side = tiles.tile_size // factor
    if pixels.shape != (side, side, 3) or pixels.dtype != np.uint8:
        reason = StreamError(f"it has the shape {pixels.shape}")
        raise tiles.damaged(column, row, reason)
    return pixels


def reduce(pixels: Pixels, factor: int) -> Pixels:
    """Return the means of squares of ``factor`` x ``factor`` pixels, which must fit."""
    if factor == 1:
        return pixels
    return np.asarray(Image.fromarray(np.ascontiguousarray(pixels)).reduce(factor))


def halve(pixels: Pixels) -> Pixels:
    """Return the means of squares of 2 x 2 pixels, as often rounded down as up.

    Rounding each half up, as ``reduce`` does, would brighten a level made by ten halvings by one
    or two steps of 255. Source: libjpeg, jcsample.c, h2v2_downsample, has the same remedy.
    """
    rows = pixels[0::2].astype(np.uint16)
    rows += pixels[1::2]
    sums = rows[:, 0::2] + rows[:, 1::2]
    sums[:, 0::2] += 1
    sums[:, 1::2] += 2
    sums >>= 2
    return sums.astype(np.uint8)


def _decode_jpeg(tiles: LevelTiles, data: bytes, factor: int) -> Pixels:
    stream = tiles.as_file(data, only_whole=True)
    if stream is None:
        raise StreamError("it is smaller than a tile")
    side = tiles.tile_size // factor
    # Not strict: a stream that ends early is shown as far as it goes, as OpenSlide and browsers do.
    pixels: Pixels = simplejpeg.decode_jpeg(
        stream, colorspace="RGB", min_width=side, min_height=side, strict=False
    )
    return pixels


def _decode_jpeg2000(tiles: LevelTiles, data: bytes) -> Pixels:
    size = streams.jpeg2000_size(data)
    if size.longest > tiles.tile_size:
        raise StreamError(f"it declares {size.width} x {size.height} pixels")
    pixels = np.asarray(imagecodecs.jpeg2k_decode(data))
    if tiles.level.compression == APERIO_YCBCR:
        return np.asarray(Image.fromarray(pixels, "YCbCr").convert("RGB"))
    return pixels
