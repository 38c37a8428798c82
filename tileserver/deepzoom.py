"""Deep Zoom pyramids: which levels and tiles a slide has, by arithmetic alone."""

from __future__ import annotations

from dataclasses import dataclass

from records.errors import NotFoundError
from tileserver import geometry
from tileserver.geometry import Region, Size

DEFAULT_TILE_SIZE = 256


class TileOutsideLevelError(NotFoundError):
    """There is no such Deep Zoom level, or no tile at that column and row of it."""


@dataclass(frozen=True, slots=True)
class DeepZoomPyramid:
    """The levels of a slide, each half as large as the next, cut into tiles without overlap.

    Deep Zoom level 0 is one pixel, the last one the slide at full detail. Overlap is 0, because
    clients paste tiles side by side (slidescore.md 3.8).

    Parameters
    ----------
    size
        Of the slide, in level-0 pixels.
    tile_size
        Side of a tile; those in the last column and row are smaller.
    """

    size: Size
    tile_size: int = DEFAULT_TILE_SIZE

    @property
    def max_level(self) -> int:
        """Return the level at full detail: ceil(log2(longest side))."""
        return (self.size.longest - 1).bit_length()

    @property
    def level_count(self) -> int:
        """Return how many levels there are."""
        return self.max_level + 1

    def downsample(self, dz_level: int) -> int:
        """Return how many level-0 pixels a pixel of the level covers in each direction."""
        return 1 << (self.max_level - dz_level)

    def level_size(self, dz_level: int) -> Size:
        """Return the size of a level in its own pixels.

        Raises
        ------
        TileOutsideLevelError
            There is no such level.
        """
        if not 0 <= dz_level <= self.max_level:
            raise TileOutsideLevelError(
                f"there is no level {dz_level}; this slide has levels 0 to {self.max_level}"
            )
        return geometry.halved(self.size, self.max_level - dz_level)

    def tile_grid(self, dz_level: int) -> Size:
        """Return how many columns and rows of tiles a level has.

        Raises
        ------
        TileOutsideLevelError
            There is no such level.
        """
        level = self.level_size(dz_level)
        return Size(-(-level.width // self.tile_size), -(-level.height // self.tile_size))

    def tile_region(self, dz_level: int, column: int, row: int) -> Region:
        """Return where a tile lies, in pixels of its Deep Zoom level.

        Raises
        ------
        TileOutsideLevelError
            There is no such tile.
        """
        level, grid = self.level_size(dz_level), self.tile_grid(dz_level)
        if not (0 <= column < grid.width and 0 <= row < grid.height):
            raise TileOutsideLevelError(
                f"there is no tile {column}_{row}; level {dz_level} has {grid.width} columns "
                f"and {grid.height} rows"
            )
        x, y = column * self.tile_size, row * self.tile_size
        return Region(
            x, y, min(self.tile_size, level.width - x), min(self.tile_size, level.height - y)
        )

    def descriptor(self) -> str:
        """Return the DZI document of the pyramid.

        Source: slidescore.md 3.8; Format is also the extension of the tiles.
        """
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<Image xmlns="http://schemas.microsoft.com/deepzoom/2008" '
            f'Format="jpeg" Overlap="0" TileSize="{self.tile_size}">'
            f'<Size Width="{self.size.width}" Height="{self.size.height}"/></Image>\n'
        )
