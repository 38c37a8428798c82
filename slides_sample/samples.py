"""The sample slides: a case in two stains, a tissue microarray and a gradient to measure by."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from slides_sample import gradient, layout, microarray, pyramid, section
from slides_sample.pyramid import Pixels, Storage
from slides_sample.section import DAB, EOSIN, Stain

HE_NAME = "S26-0001-HE.svs"
KI67_NAME = "S26-0001-Ki67.svs"
TMA_NAME = "S26-0002-TMA-ER.svs"
GRADIENT_NAME = "S26-0003-Calibration.tif"

SECTION_SIZE = (6000, 4500)
"""Width and height of the two sections: 1.5 mm by 1.1 mm at 0.25 micrometres per pixel."""

GRADIENT_SIZE = (3001, 2003)
"""Width and height of the gradient slide: odd, so that levels end within a pixel."""

_SEED = 26_0001
_DOWNSAMPLES = (1, 4, 16)


def make_sample_slides(folder: Path) -> list[Path]:
    """Make the sample slides that are not there yet.

    Each file appears whole or not at all, so one that is there is complete. The pixels are the same
    on every run.

    Parameters
    ----------
    folder
        Where to; made when missing.

    Returns
    -------
    list[Path]
        All sample slides, whether made now or before, in the order of their names.
    """
    writers: dict[str, Callable[[Path], None]] = {
        HE_NAME: functools.partial(_write_section, stain=EOSIN, words=("S26-0001", "H&E")),
        KI67_NAME: functools.partial(_write_section, stain=DAB, words=("S26-0001", "Ki-67")),
        TMA_NAME: _write_microarray,
        GRADIENT_NAME: _write_gradient,
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, write in writers.items():
        if not (folder / name).exists():
            write(folder / name)
    return sorted(folder / name for name in writers)


def _write_section(path: Path, *, stain: Stain, words: tuple[str, str]) -> None:
    width, height = SECTION_SIZE
    # Both stains show the same tissue, as neighbouring sections of one block do.
    plan = layout.plan_section(np.random.default_rng(_SEED), width, height)
    rng = np.random.default_rng(_SEED + 1)
    pixels = section.paint_section(plan, stain, rng, width=width, height=height)
    _write_scan(path, pixels, words, mpp=0.25, objective=40)


def _write_microarray(path: Path) -> None:
    pixels = microarray.paint_microarray(np.random.default_rng(_SEED + 2))
    _write_scan(path, pixels, ("S26-0002", "TMA ER"), mpp=0.5, objective=20)


def _write_gradient(path: Path) -> None:
    width, height = GRADIENT_SIZE
    gradient.write_gradient_slide(path, width=width, height=height, downsamples=_DOWNSAMPLES)


def _write_scan(
    path: Path, pixels: Pixels, words: tuple[str, str], *, mpp: float, objective: int
) -> None:
    levels = [pixels, pyramid.shrink(pixels, 4), pyramid.shrink(pixels, 16)]
    label = _draw_label(words)
    pyramid.write_aperio(path, levels, Storage(), mpp=mpp, objective=objective, label=label)


def _draw_label(words: tuple[str, str]) -> Pixels:
    image = Image.new("RGB", (400, 400), (252, 252, 248))
    draw = ImageDraw.Draw(image)
    draw.rectangle((12, 12, 387, 387), outline=(60, 60, 60), width=4)
    for row, word in enumerate((*words, "synthetic")):
        font = ImageFont.load_default(size=64 if row < 2 else 36)
        draw.text((40, 70 + 100 * row), word, fill=(20, 20, 20), font=font)
    return np.asarray(image)
