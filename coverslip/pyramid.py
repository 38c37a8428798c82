"""The levels of a slide as its server offers them, by arithmetic alone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Address = tuple[int, int, int]
"""Deep Zoom level, column and row of a tile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What a server tells of a slide.

    Parameters
    ----------
    name
        Of the slide.
    level_sizes
        Width and height of each stored level in its own pixels, the most detailed first.
    downsamples
        How many level-0 pixels a pixel of each stored level covers, in one direction.
    tile_size
        Side of the tiles under which the slide is served.
    mpp
        Micrometres per level-0 pixel, across and down; None when nobody knows.
    objective_power
        Magnification of the scanner's lens; None when the file does not say.
    background
        Red, green and blue where the file has no pixels.
    bounds
        x, y, width and height of the part with tissue, in level-0 pixels; None if not told.
    associated_images
        Names of further pictures in the file: label, macro, thumbnail.
    icc_profile
        Description, colorSpace and byteCount of the colours as stored; None for no profile.
    """

    name: str
    level_sizes: tuple[tuple[int, int], ...]
    downsamples: tuple[float, ...]
    tile_size: int
    mpp: tuple[float, float] | None
    objective_power: float | None
    background: tuple[int, int, int]
    bounds: tuple[int, int, int, int] | None
    associated_images: tuple[str, ...]
    icc_profile: Mapping[str, Any] | None

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Metadata:
        """Read the ``metadata`` of GetImageMetadata."""
        mpp_x, mpp_y = told["mppX"], told["mppY"]
        red, green, blue = bytes.fromhex((told["backgroundColor"] or "#ffffff").lstrip("#"))
        bounds = tuple(told[f"bounds{side}"] for side in ("X", "Y", "Width", "Height"))
        return cls(
            name=told["fileName"],
            level_sizes=tuple(zip(told["levelWidths"], told["levelHeights"], strict=True)),
            downsamples=tuple(told["downsamples"]),
            tile_size=told["osdTileSize"],
            mpp=None if mpp_x is None or mpp_y is None else (mpp_x, mpp_y),
            objective_power=told["objectivePower"],
            background=(red, green, blue),
            bounds=None if None in bounds else bounds,
            associated_images=tuple(told.get("associatedImages", ())),
            icc_profile=told.get("iccProfile"),
        )

    @property
    def size(self) -> tuple[int, int]:
        """Return width and height of the slide in level-0 pixels."""
        return self.level_sizes[0]

    @property
    def halvings(self) -> int:
        """Return how often the slide can be halved until one pixel is left."""
        return (max(self.size) - 1).bit_length()


@dataclass(frozen=True, slots=True)
class HalvedLevel:
    """The slide halved a number of times, cut into tiles.

    Parameters
    ----------
    metadata
        Of the slide.
    halvings
        0 is the slide at full detail.
    """

    metadata: Metadata
    halvings: int

    @property
    def downsample(self) -> int:
        """Return how many level-0 pixels a pixel covers, in one direction."""
        return 1 << self.halvings

    @property
    def size(self) -> tuple[int, int]:
        """Return width and height in the level's own pixels."""
        width, height = (max(1, -(-side >> self.halvings)) for side in self.metadata.size)
        return width, height

    def addresses(self, x: int, y: int, width: int, height: int) -> Iterator[Address]:
        """Yield the addresses of the tiles that a rectangle of the level touches, row by row.

        Parameters
        ----------
        x, y, width, height
            In the level's pixels; what lies outside the level is left out.
        """
        side, (level_width, level_height) = self.metadata.tile_size, self.size
        right, bottom = min(x + width, level_width), min(y + height, level_height)
        dz_level = self.metadata.halvings - self.halvings
        for row in range(max(0, y) // side, max(0, -(-bottom // side))):
            for column in range(max(0, x) // side, max(0, -(-right // side))):
                yield dz_level, column, row


def finest_needed(metadata: Metadata, downsample: float) -> HalvedLevel:
    """Return the coarsest halved level that has all the detail of a downsample.

    Parameters
    ----------
    metadata
        Of the slide.
    downsample
        Level-0 pixels per pixel wanted.
    """
    # A thousandth less is not seen; quotients of sizes are that uneven.
    halvings = math.floor(math.log2(max(1.0, downsample * 1.001)))
    return HalvedLevel(metadata, min(halvings, metadata.halvings))
