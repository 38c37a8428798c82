"""Gradient slides: every pixel's colour is arithmetic of its level-0 address, at every level."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slides_sample import pyramid
from slides_sample.pyramid import Pixels, Storage

Numbers = NDArray[np.floating[Any]]

PERIOD = 256
"""Width of one stripe of the blue channel, in level-0 pixels.

Red and green rise once over the whole slide and say roughly where a pixel is; blue rises and falls
by almost one step per pixel, so that a shift of one pixel is seen.
"""

TOLERANCE = 6
"""Greatest difference from ``expected_colour`` after JPEG at quality 90 with all colour kept."""

_LOW, _HIGH = 20.0, 235.0


def expected_colour(
    l0_x: Numbers, l0_y: Numbers, footprint: float, size: tuple[int, int]
) -> Numbers:
    """Return the mean colour of squares of a gradient slide.

    Parameters
    ----------
    l0_x, l0_y
        Upper left corners of the squares, in level-0 pixels, shapes (width,) and (height,).
    footprint
        Side of the squares in level-0 pixels: 1 at level 0, the downsample elsewhere.
    size
        (width, height) of the slide at level 0.

    Returns
    -------
    Numbers
        Shape (height, width, 3), exact before rounding; 0 to 255.
    """
    colours = np.empty((len(l0_y), len(l0_x), 3))
    colours[..., 0] = _ramp(l0_x, footprint, size[0])[None, :]
    colours[..., 1] = _ramp(l0_y, footprint, size[1])[:, None]
    across, down = _stripes(l0_x, footprint), _stripes(l0_y, footprint)
    colours[..., 2] = 127.5 + 53 * (across[None, :] + down[:, None])
    return colours


def expected_region(
    region: tuple[float, float, int, int], footprint: float, size: tuple[int, int]
) -> Numbers:
    """Return the colours of a region of a level.

    Parameters
    ----------
    region
        (l0_x, l0_y, width, height): corner in level-0 pixels, size in pixels of the level.
    footprint
        Downsample of the level.
    size
        (width, height) of the slide at level 0.

    Returns
    -------
    Numbers
        Shape (height, width, 3).
    """
    l0_x, l0_y, width, height = region
    columns = l0_x + footprint * np.arange(width, dtype=np.float64)
    rows = l0_y + footprint * np.arange(height, dtype=np.float64)
    return expected_colour(columns, rows, footprint, size)


def write_gradient_slide(
    path: Path,
    *,
    width: int,
    height: int,
    tile: int = 256,
    downsamples: tuple[int, ...] = (1, 4, 16),
    round_up: bool = False,
    storage: Storage | None = None,
    mpp: float = 0.25,
) -> None:
    """Write a gradient slide as a pyramidal TIFF.

    Parameters
    ----------
    path
        Where to; it appears whole or not at all.
    width, height
        In level-0 pixels.
    tile
        Side of a tile in pixels.
    downsamples
        One whole number per level, 1 first.
    round_up
        Whether a level of which part of a pixel remains has one pixel more, or drops the rest;
        scanners do either.
    storage
        How pixels are kept; JPEG at quality 90 with all colour when not given.
    mpp
        Micrometres per level-0 pixel.
    """
    levels: list[Pixels] = []
    for downsample in downsamples:
        columns, rows = (
            max(1, -(-length // downsample) if round_up else length // downsample)
            for length in (width, height)
        )
        colours = expected_region((0, 0, columns, rows), downsample, (width, height))
        levels.append(np.clip(colours + 0.5, 0, 255).astype(np.uint8))
    chosen = storage or Storage(tile=tile, quality=90, subsampling=(1, 1))
    pyramid.write_plain(path, levels, chosen, mpp=mpp)


def _ramp(start: Numbers, footprint: float, length: int) -> Numbers:
    centre = start + footprint / 2
    return _LOW + (_HIGH - _LOW) * centre / length


def _stripes(start: Numbers, footprint: float) -> Numbers:
    """Return the mean, from -1 to 1, of a triangle wave over [start, start + footprint)."""
    mean: Numbers = (_integral(start + footprint) - _integral(start)) / footprint
    return mean


def _integral(x: Numbers) -> Numbers:
    """Return the integral from 0 of the triangle wave that is -1 at 0 and 1 at half a period."""
    phase = np.mod(x, PERIOD) / PERIOD
    rising = 2 * phase**2 - phase
    falling = -2 * phase**2 + 3 * phase - 1
    area: Numbers = PERIOD * np.where(phase < 0.5, rising, falling)
    return area
