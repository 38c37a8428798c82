"""Mosaics: encoded Deep Zoom tiles become pixels, and pixels of tiles one picture."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import simplejpeg

from tileserver.deepzoom import DeepZoomPyramid
from tileserver.iiif import LevelPart
from tileserver.readers.base import Pixels, SlideError


def decoded(data: bytes) -> Pixels:
    """Return the pixels of a tile, shape (height, width, 3).

    Raises
    ------
    SlideError
        It is damaged, as the file has it.
    """
    try:
        # The same decoder and settings as OpenSlide's, so that both see the same pixels.
        pixels: Pixels = simplejpeg.decode_jpeg(data, colorspace="RGB")
    except ValueError as error:
        raise SlideError("a stored tile of this slide is damaged") from error
    return pixels


def pasted(pyramid: DeepZoomPyramid, part: LevelPart, tile: Callable[[int, int], Pixels]) -> Pixels:
    """Return a part of a Deep Zoom level out of its tiles.

    Parameters
    ----------
    pyramid
        Whose level.
    part
        Within the level.
    tile
        Returns the pixels of the level's tile in a column and row.

    Returns
    -------
    Pixels
        Shape (part.region.height, part.region.width, 3).

    Raises
    ------
    SlideError
        A tile is of another size than it should be, or as ``tile`` raises.
    """
    region, side = part.region, pyramid.tile_size
    right, bottom = region.x + region.width, region.y + region.height
    pixels = np.empty((region.height, region.width, 3), np.uint8)
    for row in range(region.y // side, -(-bottom // side)):
        for column in range(region.x // side, -(-right // side)):
            place = pyramid.tile_region(part.dz_level, column, row)
            shown = tile(column, row)
            if shown.shape != (place.height, place.width, 3):
                raise SlideError("a stored tile of this slide is of another size than it declares")
            left, top = max(region.x, place.x), max(region.y, place.y)
            ends = (min(right, place.x + place.width), min(bottom, place.y + place.height))
            pixels[top - region.y : ends[1] - region.y, left - region.x : ends[0] - region.x] = (
                shown[top - place.y : ends[1] - place.y, left - place.x : ends[0] - place.x]
            )
    return pixels
