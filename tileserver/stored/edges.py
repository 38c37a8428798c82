"""Edges: what a stored tile contributes where the slide ends, or where the file has no tile."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tileserver.readers.base import Pixels


@dataclass(frozen=True, slots=True)
class Span:
    """What one tile contributes in one direction, in pixels of its level from the tile's start.

    Parameters
    ----------
    start, stop
        The part that is wanted.
    real
        How many of the tile's pixels show the slide; the file's padding follows.
    """

    start: int
    stop: int
    real: int

    def is_whole(self, side: int) -> bool:
        """Tell whether exactly the tile is wanted, and all of it shows the slide."""
        return self.start == 0 and self.stop == self.real == side


def spans(start: int, stop: int, length: int, side: int) -> dict[int, Span]:
    """Return what the tiles of a level contribute to a part of it, in one direction.

    Where the part reaches beyond the level, which lacks the last pixel if its size was rounded
    down, the last tile contributes that too.

    Parameters
    ----------
    start, stop
        Of the part, in pixels of the level. The start is that of a tile; the stop is too, or lies
        beyond the level.
    length
        Of the level.
    side
        Of a tile.

    Returns
    -------
    dict[int, Span]
        By the column or row of the tile.
    """
    first = min(start, length - 1) // side
    last = (min(stop, length) - 1) // side
    found = {}
    for index in range(first, last + 1):
        left = index * side
        found[index] = Span(
            start=max(start - left, 0),
            stop=(stop if index == last else left + side) - left,
            real=min(side, length - left),
        )
    return found


def cut(pixels: Pixels, across: Span, down: Span) -> Pixels:
    """Return the part of a tile that is wanted, the slide's last pixels repeated beyond its end.

    What the file holds there is padding, often black, and would darken the slide's rim.

    Parameters
    ----------
    pixels
        Of the whole tile, shape (height, width, 3), at least as large as is real.
    across, down
        What is wanted.
    """
    real = pixels[: down.real, : across.real]
    missing = (
        (0, max(0, down.stop - down.real)),
        (0, max(0, across.stop - across.real)),
        (0, 0),
    )
    if any(after for _, after in missing):
        real = np.pad(real, missing, mode="edge")
    return real[down.start : down.stop, across.start : across.stop]
