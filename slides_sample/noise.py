"""Smooth noise: random fields from which tissue is shaped, the same for the same seed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Field = NDArray[np.float32]


def smooth_noise(
    rng: np.random.Generator, shape: tuple[int, int], *, scale: float, octaves: int = 1
) -> Field:
    """Return noise whose hills are about ``scale`` wide.

    Parameters
    ----------
    rng
        Where chance comes from.
    shape
        (height, width) of the field.
    scale
        Distance between hills, in cells of the field.
    octaves
        How many times finer, weaker noise is added on top.

    Returns
    -------
    Field
        Shape ``shape``, mean about 0, standard deviation about 1.
    """
    total = np.zeros(shape, np.float32)
    for octave in range(octaves):
        spacing = scale / 2**octave
        rows, columns = (max(4, round(length / spacing) + 3) for length in shape)
        grid = rng.standard_normal((rows, columns)).astype(np.float32)
        # The picked part of the grid does not reach its rim, where the spline flattens.
        part = (1.0, 1.0, 1.0 + shape[1] / spacing, 1.0 + shape[0] / spacing)
        box = (*part[:2], min(part[2], columns), min(part[3], rows))
        total += resample(grid, shape, box) / 2**octave
    return standardised(total)


def tileable_texture(
    rng: np.random.Generator, size: int, *, across: float, along: float | None = None
) -> Field:
    """Return a square texture that continues over its edges.

    Parameters
    ----------
    size
        Width and height, in cells.
    across, along
        Size of a grain in y and in x, in cells; a long ``along`` makes horizontal fibres.

    Returns
    -------
    Field
        Shape (size, size), mean 0, standard deviation 1.
    """
    along = across if along is None else along
    frequency_y = np.fft.fftfreq(size)[:, None]
    frequency_x = np.fft.rfftfreq(size)[None, :]
    envelope = np.exp(
        -2 * ((np.pi * frequency_y * across) ** 2 + (np.pi * frequency_x * along) ** 2) / 4
    )
    spectrum = np.fft.rfft2(rng.standard_normal((size, size))) * envelope
    spectrum[0, 0] = 0
    return standardised(np.fft.irfft2(spectrum, s=(size, size)).astype(np.float32))


def resample(
    field: Field, shape: tuple[int, int], box: tuple[float, float, float, float] | None = None
) -> Field:
    """Return a field, or the part of it within ``box`` (left, upper, right, lower), enlarged."""
    image = Image.fromarray(field)
    return np.asarray(image.resize(shape[::-1], Image.Resampling.BICUBIC, box=box))


def standardised(field: Field) -> Field:
    """Return a field with mean 0 and standard deviation 1."""
    centred: Field = field - field.mean()
    return centred / max(float(centred.std()), 1e-6)


def smoothstep(field: Field, low: float, high: float) -> Field:
    """Return 0 below ``low``, 1 above ``high`` and a soft step between."""
    part = np.clip((field - low) / (high - low), 0, 1)
    ramp: Field = part * part * (3 - 2 * part)
    return ramp
