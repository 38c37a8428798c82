"""A tissue microarray: round cores of tissue in a grid, one of them lost."""

from __future__ import annotations

import numpy as np

from slides_sample import layout, section
from slides_sample.section import DAB, Pixels

ROWS, COLUMNS = 4, 6

MISSING = (2, 4)
"""Row and column of the place whose core did not survive."""

CORE_PX = 620
"""Diameter of a core in level-0 pixels: 0.31 mm at 0.5 micrometres per pixel."""

_PITCH = 780
_MARGIN = 260


def paint_microarray(rng: np.random.Generator) -> Pixels:
    """Return the pixels of the microarray, shape (height, width, 3).

    Cores differ in how much gland they hold and how many of its nuclei are stained.
    """
    width = 2 * _MARGIN + COLUMNS * _PITCH
    height = 2 * _MARGIN + ROWS * _PITCH
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[:] = (244, 242, 244)
    for row in range(ROWS):
        for column in range(COLUMNS):
            if (row, column) == MISSING:
                continue
            core = paint_core(rng)
            shake_x, shake_y = rng.integers(-22, 23, size=2)
            left = _MARGIN + column * _PITCH + (_PITCH - core.shape[1]) // 2 + int(shake_x)
            top = _MARGIN + row * _PITCH + (_PITCH - core.shape[0]) // 2 + int(shake_y)
            window = pixels[top : top + core.shape[0], left : left + core.shape[1]]
            np.minimum(window, core, out=window)
    return pixels


def paint_core(rng: np.random.Generator) -> Pixels:
    """Return one round core on glass, a little larger than ``CORE_PX``."""
    plan = layout.plan_core(rng, CORE_PX, crowding=float(rng.uniform(-0.2, 1.2)))
    side = plan.inside.shape[0] * layout.CELL
    positivity = float(rng.choice([0.05, 0.3, 0.7, 1.3]))
    return section.paint_section(
        plan, DAB, rng, width=side, height=side, positivity=positivity, zoom=0.55
    )
