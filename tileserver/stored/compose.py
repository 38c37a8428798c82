"""Composition: tiles of any Deep Zoom level as pixels, made of the stored tiles beneath them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tileserver.deepzoom import DeepZoomPyramid
from tileserver.geometry import Region
from tileserver.readers import base
from tileserver.readers.base import Pixels
from tileserver.stored import decoding, edges
from tileserver.stored.edges import Span
from tileserver.stored.index import COMPOSED, MISSING
from tileserver.stored.passthrough import LevelTiles

_MAX_DISTANCE = len(decoding.FACTORS) - 1


class Composer:
    """Makes tiles of a slide's Deep Zoom levels.

    A tile up to three levels above a stored one is made of stored tiles decoded at a half, a
    quarter or an eighth. Those further above are halved from the tiles below them. Each tile covers
    whole tiles of the level it is made of, so that it needs nothing of its neighbours; and the
    same tile always comes out the same, whoever asks for it and when.

    Parameters
    ----------
    tiles
        Of the stored levels, the most detailed first.
    pyramid
        The levels of the slide.
    """

    def __init__(self, tiles: Sequence[LevelTiles], pyramid: DeepZoomPyramid) -> None:
        self._tiles = tuple(tiles)
        self._pyramid = pyramid
        self._side = pyramid.tile_size

    def pixels(self, halvings: int, column: int, row: int) -> Pixels:
        """Return a tile.

        Parameters
        ----------
        halvings
            Of level 0 that give the tile's level.
        column, row
            Of the tile, which must exist.

        Returns
        -------
        Pixels
            Shape (height, width, 3).

        Raises
        ------
        SlideError
            A stored tile cannot be decoded.
        """
        return self._made_from(self._nearest(halvings), halvings, column, row)

    def run(self, halvings: int) -> range | None:
        """Return the levels that are made one from the other, where a level is among them.

        Returns
        -------
        range | None
            The first is made of stored tiles, the others are halved from the one before. None for a
            level that is made of stored tiles alone.
        """
        stored = [tiles.level.halvings for tiles in self._tiles]
        first = stored[self._nearest(halvings)] + _MAX_DISTANCE
        if halvings <= first:
            return None
        coarser = [number for number in stored if number > halvings]
        return range(first, min([*coarser, self._pyramid.max_level + 1]))

    def is_blank(self, halvings: int, column: int, row: int) -> bool:
        """Tell whether the file has no stored tile beneath a tile, so that it is all background."""
        return self._is_blank(self._tiles[self._nearest(halvings)], halvings, column, row)

    def blank(self, halvings: int, column: int, row: int) -> Pixels:
        """Return a tile of background."""
        out = self._region(halvings, column, row)
        return base.filled(out.width, out.height, base.WHITE)

    def expected_ms(self, halvings: int, column: int, row: int) -> float:
        """Return roughly how many milliseconds it takes to decode the stored tiles for a tile."""
        tiles = self._tiles[self._nearest(halvings)]
        area = self._source_area(tiles, halvings, column, row)
        pixels = area.width * area.height * self._side**2
        return decoding.expected_ms(tiles.level.compression, pixels)

    def halved(
        self, halvings: int, column: int, row: int, below: dict[tuple[int, int], Pixels]
    ) -> Pixels:
        """Return a tile made of those one level below it.

        Parameters
        ----------
        halvings, column, row
            Of the tile.
        below
            By column and row, the up to four tiles.
        """
        out = self._region(halvings, column, row)
        lowest = next(iter(below.values()))
        canvas = np.empty((2 * out.height, 2 * out.width, 3), lowest.dtype)
        bottom = right = 0
        for (child_column, child_row), pixels in below.items():
            y, x = (child_row - 2 * row) * self._side, (child_column - 2 * column) * self._side
            bottom, right = max(bottom, y + len(pixels)), max(right, x + pixels.shape[1])
            canvas[y : y + pixels.shape[0], x : x + pixels.shape[1]] = pixels
        # A level of odd size lacks a pixel of the last square.
        canvas[bottom:] = canvas[bottom - 1 : bottom]
        canvas[:, right:] = canvas[:, right - 1 : right]
        return decoding.halve(canvas)

    def below(self, halvings: int, column: int, row: int) -> list[tuple[int, int]]:
        """Return columns and rows of the up to four tiles one level below a tile."""
        grid = self._pyramid.tile_grid(self._pyramid.max_level - halvings + 1)
        return [
            (child_column, child_row)
            for child_row in range(2 * row, min(2 * row + 2, grid.height))
            for child_column in range(2 * column, min(2 * column + 2, grid.width))
        ]

    def _nearest(self, halvings: int) -> int:
        """Return which stored level is the coarsest that has the detail of a Deep Zoom level."""
        fine = [n for n, tiles in enumerate(self._tiles) if tiles.level.halvings <= halvings]
        return fine[-1]

    def _made_from(self, source: int, halvings: int, column: int, row: int) -> Pixels:
        tiles = self._tiles[source]
        distance = halvings - tiles.level.halvings
        if self._is_blank(tiles, halvings, column, row):
            return self.blank(halvings, column, row)
        if distance <= _MAX_DISTANCE:
            return self._direct(source, halvings, column, row)
        below = {
            address: self._made_from(source, halvings - 1, *address)
            for address in self.below(halvings, column, row)
        }
        return self.halved(halvings, column, row, below)

    def _direct(self, source: int, halvings: int, column: int, row: int) -> Pixels:
        """Return a tile made of stored tiles decoded at a fraction of their size."""
        tiles = self._tiles[source]
        level = tiles.level
        factor = 1 << (halvings - level.halvings)
        out = self._region(halvings, column, row)
        x, y = out.x * factor, out.y * factor
        across = edges.spans(x, x + out.width * factor, level.size.width, self._side)
        down = edges.spans(y, y + out.height * factor, level.size.height, self._side)
        pixels = np.empty((out.height, out.width, 3), np.uint8)
        for tile_row, rows in down.items():
            top = (tile_row * self._side + rows.start - y) // factor
            for tile_column, columns in across.items():
                left = (tile_column * self._side + columns.start - x) // factor
                piece = self._piece(source, (tile_column, tile_row), columns, rows, factor)
                pixels[top : top + piece.shape[0], left : left + piece.shape[1]] = piece
        return pixels

    def _piece(
        self, source: int, address: tuple[int, int], across: Span, down: Span, factor: int
    ) -> Pixels:
        """Return what one stored tile contributes, shrunk."""
        tiles = self._tiles[source]
        count = tiles.byte_count(*address)
        if count == MISSING:
            width, height = across.stop - across.start, down.stop - down.start
            return base.filled(width // factor, height // factor, base.WHITE)
        if count == COMPOSED:
            whole = self._made_from(source - 1, tiles.level.halvings, *address)
        elif across.is_whole(self._side) and down.is_whole(self._side):
            return decoding.decode_tile(tiles, *address, factor)
        else:
            whole = decoding.decode_tile(tiles, *address)
        return decoding.reduce(edges.cut(whole, across, down), factor)

    def _is_blank(self, tiles: LevelTiles, halvings: int, column: int, row: int) -> bool:
        area = self._source_area(tiles, halvings, column, row)
        counts = tiles.level.byte_counts.reshape(tiles.level.rows, tiles.level.columns)
        return not counts[area.y : area.y + area.height, area.x : area.x + area.width].any()

    def _source_area(self, tiles: LevelTiles, halvings: int, column: int, row: int) -> Region:
        """Return the columns and rows of the stored tiles that a tile is made of."""
        count = 1 << (halvings - tiles.level.halvings)
        size = tiles.level.size
        last_column = (size.width - 1) // self._side
        last_row = (size.height - 1) // self._side
        x, y = min(column * count, last_column), min(row * count, last_row)
        return Region(x, y, min(count, last_column + 1 - x), min(count, last_row + 1 - y))

    def _region(self, halvings: int, column: int, row: int) -> Region:
        return self._pyramid.tile_region(self._pyramid.max_level - halvings, column, row)
