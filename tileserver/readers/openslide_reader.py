"""Scanner formats through OpenSlide: Aperio, Hamamatsu, MIRAX, Leica, Ventana, DICOM and more."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import openslide

from tileserver import geometry
from tileserver.geometry import Region, Size
from tileserver.readers import base, companions
from tileserver.readers.base import ClosingReader, Pixels, SlideError, SlideFacts

_CACHE_BYTES = 8 * 2**20
"""Decoded tiles that one open slide keeps, for neighbouring regions that share a tile. The 32 MiB
that OpenSlide takes by itself, for each of many slides, would be most of a server's memory."""


class OpenSlideReader(ClosingReader):
    """A slide that OpenSlide reads.

    OpenSlide serves any number of threads from one handle. After one failed read it refuses all
    others ("latches"), so whoever keeps readers drops one that raised SlideError.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    SlideError
        OpenSlide does not know the format, or cannot open the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            # It sees one level and channel of what the TIFF reader sees whole (OME-TIFF, 16 bits).
            vendor = openslide.OpenSlide.detect_format(path)
            if vendor == "generic-tiff":
                raise SlideError(f"{path.name} has no scanner's format")
            companions.check_companions(path, vendor or "")
            self._slide = openslide.OpenSlide(path)
        except openslide.OpenSlideError as error:
            raise self._failure(error) from error
        try:
            self._slide.set_cache(openslide.OpenSlideCache(_CACHE_BYTES))
            self.facts = _read_facts(path, self._slide)
        except openslide.OpenSlideError as error:
            self._slide.close()
            raise self._failure(error) from error
        except SlideError:
            self._slide.close()
            raise

    def read_region(self, slide_level: int, l_x: int, l_y: int, width: int, height: int) -> Pixels:
        """Read a rectangle of a level; see ``SlideReader.read_region``."""
        # OpenSlide takes level-0 coordinates and divides them by its own, inexact downsample.
        downsample = self._slide.level_downsamples[slide_level]
        corner = (round(l_x * downsample), round(l_y * downsample))
        try:
            image = self._slide.read_region(corner, slide_level, (width, height))
        except openslide.OpenSlideError as error:
            raise self._failure(error) from error
        rgba = np.asarray(image)
        alpha = rgba[..., 3]
        pixels = np.ascontiguousarray(rgba[..., :3])
        if alpha.min() == 255:
            return pixels
        return base.flattened(pixels, alpha, self.facts.background or base.WHITE)

    def icc_profile(self) -> bytes | None:
        """Return the slide's colour profile; see ``SlideReader.icc_profile``."""
        last = len(self.facts.level_sizes) - 1
        try:
            # The only way to it that openslide-python documents leads over a picture.
            pixel = self._slide.read_region((0, 0), last, (1, 1))
        except openslide.OpenSlideError as error:
            raise self._failure(error) from error
        profile: bytes = pixel.info.get("icc_profile", b"")
        return profile if 0 < len(profile) <= base.MAX_PROFILE_BYTES else None

    def associated_image(self, name: str) -> Pixels:
        """Return a further picture of the file; see ``SlideReader.associated_image``."""
        if name not in self.facts.associated_images:
            return super().associated_image(name)
        sides = (
            int(self._slide.properties.get(f"openslide.associated.{name}.{side}", 0))
            for side in ("width", "height")
        )
        if math.prod(sides) > base.MAX_ASSOCIATED_PIXELS:
            raise SlideError(f"{self._path.name}: its picture {name!r} is too large")
        try:
            rgba = np.asarray(self._slide.associated_images[name])
        except openslide.OpenSlideError as error:
            raise self._failure(error) from error
        return base.flattened(rgba[..., :3], rgba[..., 3], base.WHITE)

    def close(self) -> None:
        """Close the handle."""
        self._slide.close()

    def _failure(self, error: openslide.OpenSlideError) -> SlideError:
        # Formats of many files name those beside this one.
        reason = str(error).replace(f"{self._path.parent}{os.sep}", "")
        return SlideError(f"{self._path.name}: {reason}")


def _read_facts(path: Path, slide: openslide.OpenSlide) -> SlideFacts:
    properties = slide.properties
    sizes = tuple(Size(*dimensions) for dimensions in slide.level_dimensions)
    base.check_size(path, sizes[0])
    tile = Size(
        int(properties.get("openslide.level[0].tile-width", 0)),
        int(properties.get("openslide.level[0].tile-height", 0)),
    )
    mpp_x, mpp_y = (
        base.plausible(_number(properties, f"openslide.mpp-{axis}"), base.PLAUSIBLE_SCAN_MPP)
        for axis in "xy"
    )
    return SlideFacts(
        reader="openslide",
        format=properties["openslide.vendor"],
        level_sizes=sizes,
        downsamples=tuple(geometry.level_scale(sizes[0], size).mean for size in sizes),
        tile_size=tile if tile.area else Size(256, 256),
        mpp_x=mpp_x,
        mpp_y=mpp_y,
        objective_power=_number(properties, "openslide.objective-power"),
        background=_colour(properties.get("openslide.background-color")),
        bounds=_bounds(properties),
        associated_images=tuple(sorted(slide.associated_images)),
    )


def _number(properties: Mapping[str, str], name: str) -> float | None:
    try:
        value = float(properties.get(name, ""))
    except ValueError:
        return None
    return base.plausible(value, (1e-6, 1e9))


def _colour(text: str | None) -> tuple[int, int, int] | None:
    try:
        red, green, blue = bytes.fromhex(text or "")
    except ValueError:
        return None
    return red, green, blue


def _bounds(properties: Mapping[str, str]) -> Region | None:
    names = ("x", "y", "width", "height")
    try:
        x, y, width, height = (int(properties[f"openslide.bounds-{name}"]) for name in names)
    except (KeyError, ValueError):
        return None
    return Region(x, y, width, height)
