"""Plain pictures through libvips: PNG, JPEG, WebP, BMP, and TIFF of kinds nobody else reads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyvips
from PIL import BmpImagePlugin

from tileserver import geometry
from tileserver.geometry import Size
from tileserver.readers import base
from tileserver.readers.base import ClosingReader, Pixels, SlideError, SlideFacts

MAX_PIXELS = 2**29
"""The largest plain picture that is decoded: 23,000 x 23,000 pixels. Its pixels need 2 GiB of
temporary disk while it is open; larger ones belong in a format with tiles."""

MAX_MEMORY_BYTES = 32 * 2**20
"""Up to this size decoded pixels stay in memory; above it they lie in a temporary file, so that
many open pictures are a matter of disk, not of memory."""

MAX_BMP_PIXELS = 2**27
"""The largest BMP: all of its pixels are held in memory once, 400 MB of them."""

_SMALLEST_LEVEL = 512


def _load_bmp(name: str, **_: object) -> pyvips.Image:
    """Load a BMP by Pillow, for libvips alone reads none."""
    try:
        with BmpImagePlugin.BmpImageFile(name) as picture:
            size = Size(*picture.size)
            base.check_size(Path(name), size)
            if size.area > MAX_BMP_PIXELS:
                raise SlideError(
                    f"{Path(name).name} has {size.width} x {size.height} pixels; a BMP may have "
                    f"{MAX_BMP_PIXELS}: convert it to PNG or to a tiled, pyramidal TIFF"
                )
            return pyvips.Image.new_from_array(np.asarray(picture.convert("RGB")))
    except (OSError, SyntaxError, ValueError, ArithmeticError) as error:
        raise pyvips.Error("BMP") from error


_MAGIC: tuple[tuple[bytes, str, Callable[..., pyvips.Image]], ...] = (
    (b"BM", "bmp", _load_bmp),
    (b"\x89PNG\r\n\x1a\n", "png", pyvips.Image.pngload),
    (b"\xff\xd8\xff", "jpeg", pyvips.Image.jpegload),
    (b"II*\0", "tiff", pyvips.Image.tiffload),
    (b"MM\0*", "tiff", pyvips.Image.tiffload),
    (b"II+\0", "tiff", pyvips.Image.tiffload),
    (b"MM\0+", "tiff", pyvips.Image.tiffload),
)


class VipsReader(ClosingReader):
    """A plain picture, decoded once when it is opened and kept as levels of half the size each.

    These formats can only be read from the start, so the first tile needs all of it; afterwards
    any tile is a copy. Levels are made when they are first read, because the formats have none.
    Decoding everything also finds a cut or damaged file now, not in the middle of somebody's work.
    Any number of threads may read at once.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    SlideError
        It is none of these formats, damaged, or too large.
    """

    def __init__(self, path: Path) -> None:
        kind, load = _recognise(path)
        try:
            image = load(str(path), access="sequential", fail_on="truncated")
            _check_header(path, image)
            mpp_x, mpp_y = _mpp(kind, image)
            self._profile = _rgb_profile(image)
            full = _turned(_kept(_as_rgb(image)), image)
        except pyvips.Error as error:
            # The text of the error is not told on: libvips gathers those of all threads in it, with
            # the names and folders of other files.
            raise SlideError(
                f"{path.name} cannot be decoded: it is damaged or cut short"
            ) from error
        self._lock = threading.Lock()
        self._levels = [full]
        sizes = _level_sizes(Size(full.width, full.height))
        self.facts = SlideFacts(
            reader="vips",
            format=kind,
            level_sizes=sizes,
            downsamples=tuple(geometry.level_scale(sizes[0], size).mean for size in sizes),
            tile_size=Size(256, 256),
            mpp_x=mpp_x,
            mpp_y=mpp_y,
        )

    def read_region(self, slide_level: int, l_x: int, l_y: int, width: int, height: int) -> Pixels:
        """Read a rectangle of a level; see ``SlideReader.read_region``."""
        image = self._level(slide_level)
        left, top = max(0, l_x), max(0, l_y)
        right, bottom = min(image.width, l_x + width), min(image.height, l_y + height)
        if right <= left or bottom <= top:
            return base.filled(width, height, base.WHITE)
        inner_size = (right - left, bottom - top)
        try:
            # A region is one thread's; the picture below it is everybody's.
            data = pyvips.Region.new(image).fetch(left, top, *inner_size)
        except pyvips.Error as error:
            raise SlideError("the decoded picture cannot be read back") from error
        inner = np.frombuffer(data, np.uint8).reshape(inner_size[1], inner_size[0], 3)
        if inner_size == (width, height):
            return inner
        pixels = base.filled(width, height, base.WHITE)
        pixels[top - l_y : bottom - l_y, left - l_x : right - l_x] = inner
        return pixels

    def icc_profile(self) -> bytes | None:
        """Return the profile of a picture in RGB; see ``SlideReader.icc_profile``."""
        return self._profile

    def close(self) -> None:
        """Let go of the pixels; libvips removes its temporary files with them."""
        self._levels = []

    def _level(self, slide_level: int) -> pyvips.Image:
        if slide_level < len(self._levels):
            return self._levels[slide_level]
        with self._lock:
            try:
                while len(self._levels) <= slide_level:
                    self._levels.append(_kept(self._levels[-1].shrink(2, 2, ceil=True)))
            except pyvips.Error as error:
                raise SlideError("the decoded picture cannot be made smaller") from error
            return self._levels[slide_level]


def _recognise(path: Path) -> tuple[str, Callable[..., pyvips.Image]]:
    """Return the format's name and its loader, by the first bytes and not by the name.

    libvips would choose among all its loaders otherwise, of which many are not made for files from
    strangers.
    """
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as error:
        raise SlideError(f"{path.name} cannot be read") from error
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp", pyvips.Image.webpload
    for magic, kind, load in _MAGIC:
        if head.startswith(magic):
            return kind, load
    raise SlideError(f"{path.name} is no PNG, JPEG, WebP, BMP or TIFF")


def _check_header(path: Path, image: pyvips.Image) -> None:
    size = Size(image.width, image.height)
    base.check_size(path, size)
    if size.area > MAX_PIXELS:
        raise SlideError(
            f"{path.name} has {size.width} x {size.height} pixels; a plain picture may have "
            f"{MAX_PIXELS}: convert it to a tiled, pyramidal TIFF"
        )
    if image.format not in {"uchar", "ushort"} or image.bands > 5:
        raise SlideError(f"{path.name} has {image.bands} bands of {image.format}: no plain picture")


def _as_rgb(image: pyvips.Image) -> pyvips.Image:
    """Return red, green and blue in 8 bits; palettes are resolved by the loaders."""
    rgb = image.colourspace("srgb")
    if rgb.hasalpha():
        rgb = rgb.flatten(background=list(base.WHITE))
    return rgb.cast("uchar")


def _kept(image: pyvips.Image) -> pyvips.Image:
    """Return a picture whose pixels are decoded, in memory or in a temporary file."""
    if image.width * image.height * 3 <= MAX_MEMORY_BYTES:
        return image.copy_memory()
    stored = pyvips.Image.new_temp_file("%s.v")
    image.write(stored)
    return stored


def _turned(decoded: pyvips.Image, original: pyvips.Image) -> pyvips.Image:
    """Return a picture the way up that its Exif orientation says."""
    orientation = _field(original, "orientation")
    if orientation in {None, 1}:
        return decoded
    return _kept(decoded.autorot())


def _rgb_profile(image: pyvips.Image) -> bytes | None:
    """Return the profile of a picture in RGB; of others it tells nothing about what is shown."""
    profile = _field(image, "icc-profile-data")
    is_rgb = image.interpretation in {"srgb", "rgb", "rgb16"}
    if not is_rgb or not isinstance(profile, bytes) or len(profile) > base.MAX_PROFILE_BYTES:
        return None
    return profile


def _level_sizes(full: Size) -> tuple[Size, ...]:
    sizes = [full]
    while sizes[-1].longest > _SMALLEST_LEVEL:
        sizes.append(geometry.halved(sizes[-1], 1))
    return tuple(sizes)


def _mpp(kind: str, image: pyvips.Image) -> tuple[float | None, float | None]:
    """Return micrometres per pixel by the resolution, where it can be that of a microscope.

    Without any, libvips says 1 pixel per mm, which no microscope has. A TIFF may have a number
    without a unit, which libvips takes for one per mm.
    """
    if kind == "tiff" and _field(image, "resolution-unit") is None:
        return None, None
    x, y = (
        base.plausible(1000 / per_mm if per_mm > 0 else None, base.PLAUSIBLE_TAG_MPP)
        for per_mm in (image.xres, image.yres)
    )
    return (y, x) if _field(image, "orientation") in {5, 6, 7, 8} else (x, y)


def _field(image: pyvips.Image, name: str) -> object:
    return image.get(name) if image.get_typeof(name) else None
