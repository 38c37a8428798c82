"""Measures: how far two pictures of one level are apart, shifted, and torn between tiles."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Exact = NDArray[np.float64]

EQUAL_DB = 138.0
"""What a PSNR of equal pictures is told as."""

_LUMA = np.array([0.299, 0.587, 0.114])

_BLOCK = 16
"""Side of the blocks within which JPEG keeps detail; at their borders it errs most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How a level differs from what it should be.

    Parameters
    ----------
    psnr
        Peak signal-to-noise ratio in dB.
    largest
        Difference of any colour of any pixel, of 255.
    mean
        Absolute difference, of 255.
    shift
        By how many pixels of the level it lies beside its place.
    seam
        How much more the step from pixel to pixel differs between two tiles than elsewhere, in
        brightness, of 255.
    """

    psnr: float
    largest: float
    mean: float
    shift: float
    seam: float


def compare(ours: Picture, theirs: Exact, tile_side: int) -> Difference:
    """Compare two pictures of one size.

    Parameters
    ----------
    ours
        Put together from tiles.
    theirs
        What it should be.
    tile_side
        Of ours.
    """
    error = ours - theirs
    squares = float((error**2).mean())
    return Difference(
        psnr=min(EQUAL_DB, 10 * math.log10(255**2 / max(squares, 1e-9))),
        largest=float(np.abs(error).max()),
        mean=float(np.abs(error).mean()),
        shift=max(_shift(error, theirs, axis) for axis in (0, 1)),
        seam=max(_seam(error, axis, tile_side) for axis in (0, 1)),
    )


def _shift(error: Exact, theirs: Exact, axis: int) -> float:
    """Return the shift by least squares: a picture shifted by d differs by d times its slope."""
    if theirs.shape[axis] < 3:
        return 0.0
    slope = np.gradient(theirs, axis=axis)
    steepness = float((slope**2).sum())
    return abs(float((error * slope).sum())) / steepness if steepness > 1e-9 else 0.0


def _seam(error: Exact, axis: int, tile_side: int) -> float:
    """Return the mean error of steps across borders of tiles, less that across blocks beside them.

    A picture that is torn errs in the step across the border, however small its error is elsewhere.
    The nearest other borders of JPEG blocks, which lie in much the same part of the picture, are
    the measure of what compressing does.
    """
    # Brightness alone: colour that is stored at half the size is smoothed within tiles only.
    steps = np.abs(np.diff(error @ _LUMA, axis=axis)).mean(axis=1 - axis)
    places = [n for n in range(tile_side, len(steps), tile_side) if n + _BLOCK <= len(steps)]
    if not places:
        return 0.0
    # The step from pixel n - 1 to pixel n has the number n - 1.
    beside = [steps[n - 1 + near] for n in places for near in (-_BLOCK, _BLOCK)]
    return float(np.mean([steps[n - 1] for n in places]) - np.mean(beside))
