"""How sharp a slide is: an estimate of its blur from the tissue, at about one µm per pixel.

Ours: the vendor does not say what ``isOOF`` means. For an image blurred by a Gaussian of standard
deviation s (in pixels), the variance of its Laplacian divided by its own variance tends to 2 / s⁴,
whatever the stain's strength; so s is estimated as the fourth root of twice the inverse. Fine
structure that the optics would show in focus makes s small.

Measured at 1 µm per pixel, median over the tissue of OpenSlide's CMU-1 section and of a DAPI slide:
1.3 and 1.5 in focus; blurred by 1 µm 2.5 and 2.4, by 2 µm 4.4 and 3.5.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from records.errors import SlideError
from tileserver import render
from tileserver.geometry import Region, Size
from tileserver.pool import SlidePool
from tileserver.readers.base import Pixels, SlideReader

MAX_BLUR = 3.0
"""Blur, in pixels of the working scale (about µm), above which a slide is out of focus."""

WORKING_MPP = 1.0
"""µm per pixel at which blur is measured: coarse enough that compression and noise do not count."""

UNKNOWN_DOWNSAMPLE = 2.0
"""Level-0 pixels per pixel of the working scale where the file does not say how large they are."""

TILE_SIDE = 256
MAX_TILES = 16
_CELL_SIDE = 8
_MAX_CELLS = 64
_LEAST_CONTRAST = 6.0
_LUMA = np.array([0.299, 0.587, 0.114])


def look(pool: SlidePool, file: Path) -> bool | None:
    """Tell whether a slide's file is out of focus; None when it cannot be told.

    Parameters
    ----------
    pool
        Opens slides for serving, and none that was not looked at.

    Raises
    ------
    SlideError
        The file cannot be opened.
    BusyError
        It is being prepared for serving.
    """
    with pool.borrow(file) as reader:
        try:
            blur = estimate_blur(reader)
        except SlideError:
            # A huge slide without smaller levels: it opens, but has no overview to find tissue in.
            return None
    return None if blur is None else blur > MAX_BLUR


def estimate_blur(reader: SlideReader) -> float | None:
    """Return the blur of a slide's tissue; None when no part has enough contrast.

    Parameters
    ----------
    reader
        The slide.

    Returns
    -------
    float or None
        Standard deviation of the blur, in pixels of the working scale.

    Raises
    ------
    SlideError
        A part cannot be decoded.
    """
    facts = reader.facts
    downsample = UNKNOWN_DOWNSAMPLE if facts.mpp_x is None else max(1.0, WORKING_MPP / facts.mpp_x)
    l0_side = TILE_SIDE * downsample
    blurs = []
    for region in _tissue_regions(reader, l0_side):
        out = Size(
            max(1, round(region.width / downsample)), max(1, round(region.height / downsample))
        )
        blur = _blur(_grey(render.render_view(reader, region, out)))
        if blur is not None:
            blurs.append(blur)
    return float(np.median(blurs)) if blurs else None


def _tissue_regions(reader: SlideReader, l0_side: float) -> list[Region]:
    """Return up to ``MAX_TILES`` regions with contrast, spread over the slide."""
    size = reader.facts.size
    columns = min(_MAX_CELLS, max(1, math.floor(size.width / l0_side)))
    rows = min(_MAX_CELLS, max(1, math.floor(size.height / l0_side)))
    overview = _grey(
        render.render_view(
            reader,
            Region(0, 0, size.width, size.height),
            Size(columns * _CELL_SIDE, rows * _CELL_SIDE),
        )
    )
    cells = overview.reshape(rows, _CELL_SIDE, columns, _CELL_SIDE).std(axis=(1, 3))
    # Averaging takes contrast away; half of what a tile needs is enough to look closer.
    found = np.argwhere(cells >= min(_LEAST_CONTRAST / 2, float(cells.max())))
    chosen = found[np.linspace(0, len(found) - 1, min(MAX_TILES, len(found))).astype(int)]
    width, height = min(round(l0_side), size.width), min(round(l0_side), size.height)
    return [
        Region(
            round((column + 0.5) / columns * size.width - width / 2),
            round((row + 0.5) / rows * size.height - height / 2),
            width,
            height,
        )
        for row, column in chosen.tolist()
    ]


def _grey(pixels: Pixels) -> NDArray[np.float64]:
    grey: NDArray[np.float64] = pixels @ _LUMA
    return grey


def _blur(grey: NDArray[np.float64]) -> float | None:
    """Return the blur of one tile in pixels, None without contrast or when it is too small."""
    if min(grey.shape) < 16 or grey.std() < _LEAST_CONTRAST:
        return None
    laplacian = (
        grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * grey[1:-1, 1:-1]
    )
    sharpness = float(laplacian.var() / grey.var())
    return math.inf if sharpness == 0 else (2 / sharpness) ** 0.25
