"""Microarrays made by code: cores of the sample slide in any grid, tilted, shaken and with gaps."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image

from slides_sample import microarray

DIAMETER = 60
"""Of a core, in pixels of the picture (the painted ones are 0.93 of it on average)."""

GLASS = (244, 242, 244)


@dataclass(frozen=True)
class Microarray:
    """A picture of a slide, and where its cores truly lie: by map row and column, in pixels."""

    pixels: np.ndarray
    centres: np.ndarray
    missing: np.ndarray
    rotation: int

    @property
    def size(self):
        return self.pixels.shape[1], self.pixels.shape[0]


@cache
def painted_cores():
    """Return some cores of the sample slide's painter, small."""
    rng = np.random.default_rng(3)
    cores = []
    for _ in range(6):
        core = Image.fromarray(microarray.paint_core(rng))
        side = round(core.width * DIAMETER / microarray.CORE_PX)
        cores.append(np.asarray(core.resize((side, side), Image.Resampling.BOX)))
    return cores


def make(
    rng,
    rows,
    columns,
    *,
    rotation=0,
    tilt=0.0,
    shake=0.0,
    gap=1.26,
    missing=0.0,
    dark=False,
    margin=0.7,
):
    """Return a microarray.

    ``rotation`` turns the finished slide so that showing it turned clockwise by as much lets it lie
    as its map; ``tilt`` is in degrees; ``shake`` and ``gap`` in distances and diameters.
    """
    pitch = DIAMETER * gap
    width, height = (round((count + 2 * margin) * pitch * 1.1) for count in (columns, rows))
    pixels = np.full((height, width, 3), GLASS, np.uint8)
    angle = np.deg2rad(tilt)
    row, column = np.mgrid[0:rows, 0:columns].astype(float)
    across, down = (column - (columns - 1) / 2) * pitch, (row - (rows - 1) / 2) * pitch
    x = width / 2 + across * np.cos(angle) - down * np.sin(angle)
    y = height / 2 + across * np.sin(angle) + down * np.cos(angle)
    x += rng.uniform(-shake, shake, x.shape) * pitch
    y += rng.uniform(-shake, shake, y.shape) * pitch
    gone = rng.random((rows, columns)) < missing if isinstance(missing, float) else missing
    for address in np.argwhere(~gone):
        core = painted_cores()[rng.integers(len(painted_cores()))]
        left, top = (round(float(place[tuple(address)]) - core.shape[0] / 2) for place in (x, y))
        window = pixels[top : top + core.shape[0], left : left + core.shape[1]]
        np.minimum(window, core[: window.shape[0], : window.shape[1]], out=window)
    turned = {
        0: (x, y),
        90: (y, width - x),
        180: (width - x, height - y),
        270: (height - y, x),
    }[rotation]
    pixels = np.rot90(255 - pixels if dark else pixels, k=rotation // 90)
    return Microarray(np.ascontiguousarray(pixels), np.stack(turned, axis=-1), gone, rotation)
