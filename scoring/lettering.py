"""Lettering: short texts and the scale bar, drawn onto pixels so that they read on any stain."""

from __future__ import annotations

import contextlib
import functools
import math
import unicodedata
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

Rgb = tuple[int, int, int]
Picture = npt.NDArray[np.uint8]

CASING: Rgb = (0, 0, 0)
CASING_ALPHA = 0.72
"""Behind every stroke, so that it shows on glass, eosin and haematoxylin alike: alone, the colours
of questions reach a contrast of only 1.0 to 1.9 there."""

WHITE: Rgb = (255, 255, 255)

MAX_TEXT = 80

_FONTS = ("DejaVuSans.ttf", "LiberationSans-Regular.ttf", "NotoSans-Regular.ttf", "Arial.ttf")
"""Looked for among the machine's fonts; without any, Pillow's own must do."""

_BAR_SHARE = 0.2
_BAR_HEIGHT_PX = 5
_BAR_MARGIN_PX = 16
_LEAST_SIDE_PX = 120
_OUTLINE_PX = 3
_UM_PER_MM = 1000


def blend(pixels: Picture, colour: Rgb, alpha: npt.NDArray[np.float32]) -> None:
    """Lay a colour over pixels, in place.

    Parameters
    ----------
    pixels
        Shape (height, width, 3), written to.
    alpha
        Shape (height, width), 0 to 1: how much of the colour.
    """
    touched = alpha > 0
    below = pixels[touched].astype(np.float32)
    share = alpha[touched][:, None]
    pixels[touched] = np.rint(below + (np.array(colour, dtype=np.float32) - below) * share)


def write(
    pixels: Picture, text: str, *, x: float, y: float, size_px: float, colour: Rgb = WHITE
) -> None:
    """Write a text with a dark outline, centred on a place; what lies outside is cut off."""
    font, is_ascii_only = _font(round(size_px))
    text = _ascii(text[:MAX_TEXT]) if is_ascii_only else text[:MAX_TEXT]
    left, top, right, bottom = (
        math.floor(edge) for edge in font.getbbox(text, stroke_width=_OUTLINE_PX)
    )
    size = (right - left + 2, bottom - top + 2)
    corner = (round(x - size[0] / 2), round(y - size[1] / 2))

    def letters(draw: ImageDraw.ImageDraw, stroke: int) -> None:
        draw.text((-left + 1, -top + 1), text, fill=255, font=font, stroke_width=stroke)

    _stamp(pixels, corner, size, CASING, CASING_ALPHA, lambda draw: letters(draw, _OUTLINE_PX))
    _stamp(pixels, corner, size, colour, 1, lambda draw: letters(draw, 0))


def draw_scale_bar(pixels: Picture, um_per_pixel: float) -> None:
    """Draw a scale bar of a round length into the lower left corner, where there is room.

    Parameters
    ----------
    um_per_pixel
        µm that one pixel of this picture is wide.
    """
    height, width = pixels.shape[:2]
    if min(height, width) < _LEAST_SIDE_PX:
        return
    length_um = round_length(width * _BAR_SHARE * um_per_pixel)
    length = round(length_um / um_per_pixel)
    left, top = _BAR_MARGIN_PX, height - _BAR_MARGIN_PX - _BAR_HEIGHT_PX
    size = (length + 4, _BAR_HEIGHT_PX + 4)

    def bar(draw: ImageDraw.ImageDraw, grown: int) -> None:
        box = (2 - grown, 2 - grown, length + 1 + grown, _BAR_HEIGHT_PX + 1 + grown)
        draw.rectangle(box, fill=255)

    _stamp(pixels, (left - 2, top - 2), size, CASING, CASING_ALPHA, lambda draw: bar(draw, 2))
    _stamp(pixels, (left - 2, top - 2), size, WHITE, 1, lambda draw: bar(draw, 0))
    text_px = 16
    write(pixels, length_text(length_um), x=left + length / 2, y=top - text_px + 2, size_px=text_px)


def round_length(most_um: float) -> float:
    """Return the largest of 1, 2 and 5 times a power of ten that is no longer than this."""
    power = 10.0 ** math.floor(math.log10(most_um))
    return next(step * power for step in (5, 2, 1) if step * power <= most_um * (1 + 1e-9))


def length_text(um: float) -> str:
    """Return a length with its unit: mm from 1 mm on, else µm."""
    return f"{um / _UM_PER_MM:g} mm" if um >= _UM_PER_MM else f"{um:g} µm"


def _stamp(
    pixels: Picture,
    corner: tuple[int, int],
    size: tuple[int, int],
    colour: Rgb,
    alpha: float,
    draw: Callable[[ImageDraw.ImageDraw], None],
) -> None:
    """Lay what is drawn on a small mask over the pixels, as far as it lies within them."""
    mask = Image.new("L", size)
    draw(ImageDraw.Draw(mask))
    (x, y), (width, height) = corner, size
    left, top = max(x, 0), max(y, 0)
    right, bottom = min(x + width, pixels.shape[1]), min(y + height, pixels.shape[0])
    if left >= right or top >= bottom:
        return
    part = np.asarray(mask, dtype=np.float32)[top - y : bottom - y, left - x : right - x]
    blend(pixels[top:bottom, left:right], colour, part * np.float32(alpha / 255))


def _ascii(text: str) -> str:
    """Return a text in the letters of Pillow's own font, which has only these."""
    plain = unicodedata.normalize("NFKD", text.replace("µ", "u"))
    letters = (char for char in plain if not unicodedata.combining(char))
    return "".join(char if " " <= char <= "~" else "?" for char in letters)


@functools.lru_cache(maxsize=64)
def _font(size_px: int) -> tuple[ImageFont.FreeTypeFont | ImageFont.ImageFont, bool]:
    """Return a font of a size, and whether it has ASCII letters only."""
    for name in _FONTS:
        with contextlib.suppress(OSError):
            return ImageFont.truetype(name, size_px), False
    return ImageFont.load_default(size_px), True
