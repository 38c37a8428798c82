"""What every reader of slides offers, whatever the file: facts, and regions as RGB pixels."""

from __future__ import annotations

import abc
import math
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from records import errors
from tileserver import deepzoom
from tileserver.deepzoom import DeepZoomPyramid
from tileserver.geometry import Region, Size

Pixels = NDArray[np.uint8]
"""Shape (height, width, 3): red, green, blue."""

WHITE = (255, 255, 255)

MAX_SIDE = 2**21
"""The longest side that is believed, in pixels: 52 cm at 0.25 micrometres. A file may declare any
size in a few bytes, and every later cost follows from it."""

PLAUSIBLE_SCAN_MPP = (0.01, 100.0)
"""Micrometres per pixel believed of what a scanner wrote in its own words."""

PLAUSIBLE_TAG_MPP = (0.01, 10.0)
"""Micrometres per pixel believed of a resolution tag. Every picture has such a tag, mostly about
printing: 72 dpi reads as 352.8, 96 as 264.6, 2400 as 10.6 micrometres, and none at all as 10000."""

MAX_PROFILE_BYTES = 2**24
"""The largest colour profile that is believed; scanners' have 1 to 15 MB at most."""

MAX_ASSOCIATED_PIXELS = 2**25
"""The largest further picture that is decoded: 134 MB while it is."""

_DZ_TILE_SIZES = range(128, 1025)


class SlideError(errors.SlideError):
    """The slide file cannot be opened, or a part of it not decoded."""


class RefusedSlideError(SlideError):
    """The file is known well enough that no other reader must show a part of it as the whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlideFacts:
    """What is known of a slide without reading pixels.

    Parameters
    ----------
    reader
        Which reader opened it: ``openslide``, ``tiff`` or ``vips``.
    format
        The file's format or vendor, such as ``aperio`` or ``ome-tiff``.
    level_sizes
        Of each stored level, the most detailed first.
    downsamples
        How many level-0 pixels a pixel of each level covers, in one direction.
    tile_size
        Of the stored tiles of level 0; strips are as wide as the slide.
    mpp_x, mpp_y
        Micrometres per level-0 pixel; None when the file does not say, or nothing plausible.
    objective_power
        Magnification of the scanner's lens; None when the file does not say.
    background
        Red, green and blue shown where the file has no pixels; None when it does not say: white.
    bounds
        The part with tissue in it, in level-0 pixels; None when the file does not say.
    z_layer_count
        How many focal planes there are; the middle one is read.
    associated_images
        Names of further pictures in the file: label, macro, thumbnail.
    """

    reader: str
    format: str
    level_sizes: tuple[Size, ...]
    downsamples: tuple[float, ...]
    tile_size: Size
    mpp_x: float | None = None
    mpp_y: float | None = None
    objective_power: float | None = None
    background: tuple[int, int, int] | None = None
    bounds: Region | None = None
    z_layer_count: int = 1
    associated_images: tuple[str, ...] = ()

    @property
    def size(self) -> Size:
        """Return the size of level 0."""
        return self.level_sizes[0]

    @property
    def pyramid(self) -> DeepZoomPyramid:
        """Return the Deep Zoom levels under which the slide is served."""
        return DeepZoomPyramid(self.size, self.dz_tile_size)

    @property
    def dz_tile_size(self) -> int:
        """Return the side of Deep Zoom tiles: the file's own where that is sensible, else 256.

        Source: slidescore.md 3.8: a client takes Deep Zoom tiles to be as large as the file's.
        """
        side = self.tile_size.width
        if side == self.tile_size.height and side in _DZ_TILE_SIZES:
            return side
        return deepzoom.DEFAULT_TILE_SIZE


class SlideReader(Protocol):
    """An open slide. Several threads may read at once; closing is up to the last user."""

    @property
    def facts(self) -> SlideFacts:
        """Return what is known of the slide."""

    def read_region(self, slide_level: int, l_x: int, l_y: int, width: int, height: int) -> Pixels:
        """Read a rectangle of one stored level.

        Coordinates are pixels of that level, not of level 0: levels rarely are an exact fraction
        of each other, and whole numbers of level-0 pixels cannot name each of their pixels.

        Parameters
        ----------
        slide_level
            0 is the most detailed.
        l_x, l_y
            Upper left corner, in pixels of the level; it may lie outside.
        width, height
            In pixels of the level.

        Returns
        -------
        Pixels
            Shape (height, width, 3), with the background where the level has no pixels.

        Raises
        ------
        SlideError
            The part cannot be decoded.
        """

    def icc_profile(self) -> bytes | None:
        """Return the colour profile of what ``read_region`` returns; None when the file has none.

        Raises
        ------
        SlideError
            The file is damaged there.
        """

    def associated_image(self, name: str) -> Pixels:
        """Return one of the ``associated_images`` of the facts, whole.

        Raises
        ------
        SlideError
            There is none of that name, it is too large, or damaged.
        """

    def close(self) -> None:
        """Give back the file and memory. Nobody may be reading."""

    def __enter__(self) -> Self:
        """Return the reader itself, to be closed at the end of the block."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the reader."""


class ClosingReader(abc.ABC):
    """Lets a reader be used in a ``with`` statement; knows no profile and no further pictures."""

    def icc_profile(self) -> bytes | None:
        """Return no colour profile."""
        return None

    def associated_image(self, name: str) -> Pixels:
        """Refuse every name."""
        raise SlideError(f"this slide's file has no picture {name!r} beside the slide itself")

    @abc.abstractmethod
    def close(self) -> None:
        """Give back the file and memory."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def check_size(path: Path, size: Size) -> None:
    """Refuse sizes that no slide has.

    Raises
    ------
    SlideError
        A side is not positive or longer than ``MAX_SIDE``.
    """
    if min(size.width, size.height) < 1 or size.longest > MAX_SIDE:
        raise SlideError(
            f"{path.name} declares {size.width} x {size.height} pixels; "
            f"sides of 1 to {MAX_SIDE} pixels can be served"
        )


def plausible(value: float | None, limits: tuple[float, float]) -> float | None:
    """Return a value that is finite and within limits, else None."""
    if value is None or not math.isfinite(value):
        return None
    return value if limits[0] <= value <= limits[1] else None


def filled(width: int, height: int, colour: tuple[int, int, int]) -> Pixels:
    """Return a region of one colour."""
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[:] = colour
    return pixels


def flattened(pixels: Pixels, alpha: NDArray[np.uint8], colour: tuple[int, int, int]) -> Pixels:
    """Return straight (not premultiplied) pixels laid over a colour.

    Parameters
    ----------
    pixels
        Shape (height, width, 3).
    alpha
        Shape (height, width); 255 is opaque.
    colour
        What shows where they are transparent.
    """
    weight = alpha[..., None].astype(np.uint16)
    mixed = pixels * weight + np.array(colour, np.uint16) * (255 - weight)
    return ((mixed + 127) // 255).astype(np.uint8)
