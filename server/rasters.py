"""Rasters: our own SVG plots as PNG, for reports and slides that take no SVG."""

from __future__ import annotations

import functools

import pyvips

_SCALE = 2.0
"""Pixels for each of the plot's: sharp in print and on dense screens."""

_MOST_PIXELS = 30_000
"""Of a side; librsvg draws nothing from 32,768 on."""


class NoFontError(RuntimeError):
    """There is no font to write names and numbers with."""


def png(svg: str) -> bytes:
    """Return an SVG text of ours as a PNG, twice its size, on white.

    Raises
    ------
    NoFontError
        The machine has no font, and the picture would have no words.
    """
    if not _has_font():
        raise NoFontError("no font is installed, such as the package fonts-dejavu-core")
    # Its size is read from the head; pixels come when they are asked for.
    image = _drawn(svg, 1)
    scale = min(_SCALE, _MOST_PIXELS / max(image.width, image.height))
    picture = _drawn(svg, scale).flatten(background=[255, 255, 255])
    # Resolution in pixels per mm: 96 per inch at the plot's own size.
    density = 96 * scale / 25.4
    made = picture.copy(xres=density, yres=density).pngsave_buffer(palette=True, Q=95)
    return bytes(made)


def _drawn(svg: str, scale: float) -> pyvips.Image:
    return pyvips.Image.svgload_buffer(svg.encode(), scale=scale)


@functools.cache
def _has_font() -> bool:
    """Tell whether a letter leaves ink."""
    probe = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40">'
        '<text x="4" y="30" font-size="24">A</text></svg>'
    )
    return bool(_drawn(probe, 1).max() > 0)
