"""Sizes, regions and scales: whole numbers of pixels whose plane the holder's name tells."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """A width and a height in pixels, or a number of columns and rows."""

    width: int
    height: int

    @property
    def longest(self) -> int:
        """Return the longer side."""
        return max(self.width, self.height)

    @property
    def area(self) -> int:
        """Return how many pixels there are."""
        return self.width * self.height


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of pixels; (x, y) is its upper left corner."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Scale:
    """How many level-0 pixels one pixel of a level covers, across and down."""

    x: float
    y: float

    @property
    def mean(self) -> float:
        """Return one number for both directions."""
        return (self.x + self.y) / 2


def halved(size: Size, times: int) -> Size:
    """Return a size halved several times, rounded up, at least 1 x 1."""
    return Size(max(1, -(-size.width >> times)), max(1, -(-size.height >> times)))


def is_nearly(size: Size, other: Size) -> bool:
    """Tell whether two sizes differ by at most a pixel, as rounding up and down do."""
    return abs(size.width - other.width) <= 1 and abs(size.height - other.height) <= 1


def level_scale(full: Size, level: Size) -> Scale:
    """Return the downsample with which a stored level was made.

    Scanners shrink by whole numbers and then drop or fill up what remains of a pixel. The quotient
    of the sizes, which OpenSlide reports, is a little off then (45000 / 2812 = 16.0028): enough
    to miss the level that is wanted, or to shift it. So the whole number that explains the sizes is
    taken, powers of two first, and the quotients only where none does.

    Parameters
    ----------
    full
        Of level 0.
    level
        Of the level.
    """
    across, down = full.width / level.width, full.height / level.height
    mean = math.sqrt(across * down)
    for whole in (2 ** round(math.log2(mean)), round(mean)):
        # Within a pixel of the size rounded up: that is also the size rounded down.
        if whole >= 1 and is_nearly(level, Size(-(-full.width // whole), -(-full.height // whole))):
            return Scale(whole, whole)
    return Scale(across, down)
