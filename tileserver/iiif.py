"""IIIF image requests: their text into what to show, and the document about a slide, purely.

Source: IIIF Image API 3.0 (sections in brackets).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from records.errors import InputError, NotFoundError
from tileserver.deepzoom import DeepZoomPyramid
from tileserver.geometry import Region, Size

CONTEXT = "http://iiif.io/api/image/3/context.json"
PROFILE = "http://iiif.io/api/image/3/level2.json"

MAX_SIDE = 4096
"""Longest side of a picture, in pixels: a choice, as ``maxWidth`` tells."""

MAX_AREA = 2**23
"""Most pixels of a picture: a choice, as ``maxArea`` tells; 24 MB while it is made."""

QUALITIES = ("default", "color", "gray", "bitonal")
FORMATS = {"jpg": "image/jpeg", "png": "image/png"}

_WHOLE = re.compile(r"[0-9]{1,9}")
_DECIMAL = re.compile(r"[0-9]{1,9}(?:\.[0-9]{0,12})?|\.[0-9]{1,12}")
_KNOWN_FORMATS = frozenset({"tif", "gif", "pdf", "jp2", "webp"})


class NotImplementedByUsError(InputError):
    """A request as the API has it, of a kind that is not offered here."""


class OverLimitError(NotFoundError):
    """A picture larger than the document about the slide allows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRequest:
    """What one image request shows.

    Parameters
    ----------
    region
        Within the slide, in level-0 pixels.
    size
        Of the picture before it is turned.
    is_upscaled
        Whether it has more pixels than the region, across or down.
    mirrored
        Whether left and right change places, before turning.
    degrees
        Turned clockwise, 0 or more and less than 360.
    quality
        One of ``QUALITIES``.
    format
        A key of ``FORMATS``.
    """

    region: Region
    size: Size
    is_upscaled: bool
    mirrored: bool
    degrees: float
    quality: str
    format: str

    @property
    def is_plain(self) -> bool:
        """Tell whether this is a JPEG in colour, as it lies: what tiles are."""
        is_turned = self.mirrored or self.degrees != 0
        return not is_turned and self.quality in {"default", "color"} and self.format == "jpg"


@dataclass(frozen=True, slots=True)
class LevelPart:
    """A part of a Deep Zoom level, in the level's own pixels."""

    dz_level: int
    region: Region


def parse_request(full: Size, region: str, size: str, rotation: str, picture: str) -> ImageRequest:
    """Read the four last parts of an image request's path.

    Parameters
    ----------
    full
        Size of the slide.
    region, size, rotation
        As in the path.
    picture
        Quality, a dot and the format.

    Raises
    ------
    InputError
        A part is not of the form that the API gives it, lies outside, or enlarges without ``^``.
    NotImplementedByUsError
        The format is one of the API's that is not offered.
    OverLimitError
        The picture would be larger than ``MAX_SIDE`` or ``MAX_AREA``.
    """
    part = _parse_region(full, region)
    out, is_upscaled = _parse_size(Size(part.width, part.height), size)
    mirrored, degrees = _parse_rotation(rotation)
    quality, kind = _parse_picture(picture)
    return ImageRequest(
        region=part,
        size=out,
        is_upscaled=is_upscaled,
        mirrored=mirrored,
        degrees=degrees,
        quality=quality,
        format=kind,
    )


def canonical(request: ImageRequest, full: Size) -> str:
    """Return the canonical form of a request's last parts (4.8)."""
    part, out = request.region, request.size
    whole = part == Region(0, 0, full.width, full.height)
    region = "full" if whole else f"{part.x},{part.y},{part.width},{part.height}"
    natural = Size(part.width, part.height)
    if out == _limited(natural):
        size = "max"
    elif request.is_upscaled and out == _enlarged(natural):
        size = "^max"
    else:
        size = f"{'^' if request.is_upscaled else ''}{out.width},{out.height}"
    rotation = f"{'!' if request.mirrored else ''}{request.degrees:.12g}"
    quality = "default" if request.quality == "color" else request.quality
    return f"{region}/{size}/{rotation}/{quality}.{request.format}"


def level_part(pyramid: DeepZoomPyramid, region: Region, size: Size) -> LevelPart | None:
    """Return which part of a Deep Zoom level a region at a size is exactly, else None.

    Parameters
    ----------
    region
        In level-0 pixels.
    size
        Of the picture.
    """
    for halvings in range(pyramid.level_count):
        scale = 1 << halvings
        if region.x % scale or region.y % scale:
            return None
        # Only at the slide's edge may a last pixel cover less than others.
        reaches = (
            region.width % scale == 0 or region.x + region.width == pyramid.size.width,
            region.height % scale == 0 or region.y + region.height == pyramid.size.height,
        )
        if all(reaches) and size == Size(-(-region.width // scale), -(-region.height // scale)):
            corner = (region.x // scale, region.y // scale)
            return LevelPart(pyramid.max_level - halvings, Region(*corner, *_pair(size)))
    return None


def tile_address(pyramid: DeepZoomPyramid, part: LevelPart) -> tuple[int, int, int] | None:
    """Return level, column and row of the Deep Zoom tile that a part is exactly, else None."""
    column, x_rest = divmod(part.region.x, pyramid.tile_size)
    row, y_rest = divmod(part.region.y, pyramid.tile_size)
    if x_rest or y_rest:
        return None
    tile = pyramid.tile_region(part.dz_level, column, row)
    return (part.dz_level, column, row) if tile == part.region else None


def describe(pyramid: DeepZoomPyramid, base_uri: str) -> dict[str, object]:
    """Return the document about a slide (5): its tiles are those of Deep Zoom.

    Parameters
    ----------
    pyramid
        Under which the slide is served.
    base_uri
        Of the slide, without a slash at the end.
    """
    levels = [pyramid.level_size(dz_level) for dz_level in range(pyramid.level_count)]
    shown = [size for size in levels if size.longest >= min(64, levels[-1].longest)]
    factors = [1 << halvings for halvings in range(len(shown))]
    side = min(pyramid.tile_size, MAX_SIDE)
    return {
        "@context": CONTEXT,
        "id": base_uri,
        "type": "ImageService3",
        "protocol": "http://iiif.io/api/image",
        "profile": "level2",
        "width": pyramid.size.width,
        "height": pyramid.size.height,
        "maxWidth": MAX_SIDE,
        "maxHeight": MAX_SIDE,
        "maxArea": MAX_AREA,
        "sizes": [{"width": size.width, "height": size.height} for size in shown if _fits(size)],
        "tiles": [{"width": side, "height": side, "scaleFactors": factors}],
        "preferredFormats": ["jpg"],
        "extraQualities": ["color", "gray", "bitonal"],
        "extraFeatures": [
            "canonicalLinkHeader",
            "mirroring",
            "profileLinkHeader",
            "rotationArbitrary",
            "sizeUpscaling",
        ],
    }


def _pair(size: Size) -> tuple[int, int]:
    return size.width, size.height


def _fits(size: Size) -> bool:
    return size.longest <= MAX_SIDE and size.area <= MAX_AREA


def _parse_region(full: Size, text: str) -> Region:
    if text == "full":
        return Region(0, 0, full.width, full.height)
    if text == "square":
        side = min(full.width, full.height)
        return Region((full.width - side) // 2, (full.height - side) // 2, side, side)
    x, y, width, height = _parse_corners(full, text)
    right, bottom = min(full.width, x + width), min(full.height, y + height)
    if right <= x or bottom <= y:
        raise InputError(
            f"the region {text!r} holds no pixel of the slide, which has "
            f"{full.width} x {full.height}"
        )
    return Region(x, y, right - x, bottom - y)


def _parse_corners(full: Size, text: str) -> tuple[int, int, int, int]:
    parts = text.removeprefix("pct:").split(",")
    pattern = _DECIMAL if text.startswith("pct:") else _WHOLE
    if len(parts) != 4 or not all(pattern.fullmatch(part) for part in parts):
        raise InputError(
            f"a region is full, square, x,y,w,h in pixels or pct:x,y,w,h, not {_shown(text)}"
        )
    if pattern is _WHOLE:
        x, y, width, height = (int(part) for part in parts)
        return x, y, width, height
    sides = (full.width, full.height)
    x, y = (_share(part, side) for part, side in zip(parts[:2], sides, strict=True))
    width, height = (_share(part, side) for part, side in zip(parts[2:], sides, strict=True))
    return x, y, width, height


def _share(percent: str, of: int) -> int:
    return round(float(percent) * of / 100)


def _parse_size(natural: Size, text: str) -> tuple[Size, bool]:
    """Return the size of the picture, and whether it is larger than the region ``natural``."""
    may_enlarge, form = text.startswith("^"), text.removeprefix("^")
    if form == "max":
        size = _enlarged(natural) if may_enlarge else _limited(natural)
    elif form.startswith("!"):
        size = _confined(natural, _parse_box(form[1:], text), may_enlarge=may_enlarge)
    else:
        size = _asked(natural, form, text)
    if min(size.width, size.height) < 1:
        raise InputError(f"the size {_shown(text)} leaves no pixel of the region")
    is_larger = size.width > natural.width or size.height > natural.height
    if is_larger and not may_enlarge:
        raise InputError(
            f"the size {_shown(text)} is larger than the region of {natural.width} x "
            f"{natural.height} pixels; ^ before it allows that"
        )
    if not _fits(size):
        raise OverLimitError(
            f"a picture may have {MAX_SIDE} pixels a side and {MAX_AREA} in all, "
            f"not {size.width} x {size.height}"
        )
    return size, is_larger


def _asked(natural: Size, form: str, text: str) -> Size:
    """Return the size of the forms ``w,``, ``,h``, ``w,h`` and ``pct:n``."""
    if form.startswith("pct:"):
        if not _DECIMAL.fullmatch(form[4:]):
            raise _no_size(text)
        factor = float(form[4:]) / 100
        if factor == 0:
            raise InputError(f"the size {_shown(text)} leaves no pixel of the region")
        return _scaled(natural, factor)
    width, comma, height = form.partition(",")
    if not comma or not (width or height):
        raise _no_size(text)
    if not all(_WHOLE.fullmatch(side) for side in (width, height) if side):
        raise _no_size(text)
    if width and height:
        return Size(int(width), int(height))
    if width:
        return Size(int(width), _other(int(width), natural.height, natural.width))
    return Size(_other(int(height), natural.width, natural.height), int(height))


def _other(side: int, natural_other: int, natural: int) -> int:
    return max(1, round(side * natural_other / natural)) if side else 0


def _parse_box(form: str, text: str) -> Size:
    width, _, height = form.partition(",")
    if not (_WHOLE.fullmatch(width) and _WHOLE.fullmatch(height)):
        raise _no_size(text)
    return Size(int(width), int(height))


def _confined(natural: Size, box: Size, *, may_enlarge: bool) -> Size:
    if min(box.width, box.height) < 1:
        return Size(0, 0)
    room = Size(min(box.width, MAX_SIDE), min(box.height, MAX_SIDE))
    factor = min(room.width / natural.width, room.height / natural.height, _area_factor(natural))
    size = _scaled(natural, factor if may_enlarge else min(1.0, factor))
    return Size(min(size.width, room.width), min(size.height, room.height))


def _limited(natural: Size) -> Size:
    """Return the size of ``max``."""
    return natural if _fits(natural) else _enlarged(natural)


def _enlarged(natural: Size) -> Size:
    """Return the size of ``^max``."""
    factor = min(MAX_SIDE / natural.longest, _area_factor(natural))
    size = _scaled(natural, factor)
    # Rounding up one side must not go over the limit.
    return size if _fits(size) else Size(*(max(1, math.floor(n * factor)) for n in _pair(natural)))


def _area_factor(natural: Size) -> float:
    return math.sqrt(MAX_AREA / natural.area)


def _scaled(natural: Size, factor: float) -> Size:
    width, height = (max(1, round(side * factor)) for side in _pair(natural))
    return Size(width, height)


def _no_size(text: str) -> InputError:
    return InputError(
        "a size is max, w, or ,h or w,h or !w,h in pixels, or pct:n, each after ^ where the region "
        f"may be enlarged, not {_shown(text)}"
    )


def _parse_rotation(text: str) -> tuple[bool, float]:
    mirrored, number = text.startswith("!"), text.removeprefix("!")
    if not _DECIMAL.fullmatch(number) or float(number) > 360:
        raise InputError(f"a rotation is 0 to 360 degrees, after ! mirrored, not {_shown(text)}")
    return mirrored, float(number) % 360


def _parse_picture(text: str) -> tuple[str, str]:
    quality, dot, kind = text.rpartition(".")
    if not dot or quality not in QUALITIES:
        raise InputError(f"a quality is {', '.join(QUALITIES)}, not {_shown(quality or text)}")
    if kind in _KNOWN_FORMATS:
        raise NotImplementedByUsError(f"pictures are jpg or png; {kind} is not offered")
    if kind not in FORMATS:
        raise InputError(f"a format is jpg or png, not {_shown(kind)}")
    return quality, kind


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")
