"""Round spots of tissue in a small picture of a microarray: how large they are, and where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]

_DIAMETER_STEP = 1.12
"""Factor between the diameters that are tried; the best one is then known to some 6 %."""

_LEAST_DIAMETER = 6.0
"""In pixels of the picture; smaller spots are dust."""

_LEAST_RESPONSE = 0.3
"""Share of the typical response that a spot needs: a half-torn core has about a half."""

_EDGE_SHARE = 50
"""The outermost 1/50 of the picture, on each side, is glass (or the dark around it)."""

_LEAST_CONTRAST = 8.0
"""Difference from the glass, of 255, below which nothing is tissue."""


@dataclass(frozen=True, slots=True)
class Spots:
    """Round spots of one size, the clearest first.

    Parameters
    ----------
    diameter
        Of them all, in pixels of the picture.
    centres
        Shape (count, 2): x and y in pixels of the picture.
    """

    diameter: float
    centres: NDArray[np.float64]


def tissue_share(pixels: NDArray[np.uint8]) -> Field:
    """Return how much of each pixel is tissue, 0 to 1: what differs from the glass at the edges.

    It does not matter whether the glass is white (bright field) or black (fluorescence), nor how
    strongly a core is stained.

    Parameters
    ----------
    pixels
        Shape (height, width, 3).
    """
    height, width = pixels.shape[:2]
    edge = max(1, min(height, width) // _EDGE_SHARE)
    inner = np.zeros((height, width), np.bool_)
    inner[edge : height - edge, edge : width - edge] = True
    glass = np.median(pixels[~inner].astype(np.float32), axis=0)
    contrast = np.abs(pixels.astype(np.float32) - glass).max(axis=2)
    threshold = max(_LEAST_CONTRAST, _otsu(contrast) / 2)
    share: Field = np.clip((contrast - threshold / 2) / (threshold / 2), 0, 1).astype(np.float32)
    return share


def find_spots(
    share: Field, *, expected_count: int, diameters: tuple[float, float]
) -> Spots | None:
    """Return the round spots of a picture, None when there are none.

    A disc is laid over every pixel: its response is the share of tissue within it, less that in the
    ring around it. The diameter is that for which the expected number of spots respond most.

    Parameters
    ----------
    share
        As ``tissue_share`` returns it.
    expected_count
        About how many spots there are.
    diameters
        The least and the greatest that are tried, in pixels.
    """
    least, greatest = max(_LEAST_DIAMETER, diameters[0]), diameters[1]
    if greatest < least:
        return None
    pad = int(greatest) + 1
    padded = np.pad(share, pad)
    transform = np.fft.rfft2(padded)
    best: tuple[float, float, Field, NDArray[np.float64]] | None = None
    for diameter in _steps(least, greatest):
        response = _response(transform, padded.shape, diameter)[pad:-pad, pad:-pad]
        peaks = _peaks(response, diameter, most=2 * expected_count)
        values = np.sort(_at(response, peaks))[::-1][:expected_count]
        # More area explained is better: else a small disc within each core would do as well.
        merit = float(np.clip(values, 0, None).sum()) * diameter**0.5
        if best is None or merit > best[0]:
            best = merit, diameter, response, peaks
    if best is None or not len(best[3]):
        return None
    _, diameter, response, peaks = best
    values = _at(response, peaks)
    typical = float(np.median(np.sort(values)[::-1][:expected_count]))
    peaks = peaks[values >= max(_LEAST_RESPONSE * typical, 0.1)]
    return Spots(diameter, _centred(share, peaks, diameter)) if len(peaks) else None


def share_around(share: Field, x: float, y: float, diameter: float) -> float:
    """Return the share of tissue within a disc; what lies beyond the picture is none."""
    radius = diameter / 2
    left, top = max(0, int(x - radius)), max(0, int(y - radius))
    window = share[top : max(0, int(y + radius)) + 1, left : max(0, int(x + radius)) + 1]
    rows, columns = np.mgrid[top : top + window.shape[0], left : left + window.shape[1]]
    inside = np.hypot(columns - x, rows - y) <= radius
    return float(window[inside].sum() / max(1.0, np.pi * radius**2))


def _steps(least: float, greatest: float) -> list[float]:
    count = max(1, int(np.ceil(np.log(greatest / least) / np.log(_DIAMETER_STEP))))
    return [float(step) for step in np.geomspace(least, greatest, count + 1)]


def _otsu(contrast: Field) -> float:
    """Return the threshold that parts a picture's values into two groups best (Otsu 1979)."""
    counts = np.bincount(contrast.astype(np.uint8).ravel(), minlength=256).astype(np.float64)
    below = np.cumsum(counts)
    sums = np.cumsum(counts * np.arange(256))
    above = below[-1] - below
    with np.errstate(divide="ignore", invalid="ignore"):
        between = (sums[-1] * below / below[-1] - sums) ** 2 / (below * above)
    return float(np.nanargmax(np.where(np.isfinite(between), between, -1.0)))


def _response(transform: NDArray[np.complex128], shape: tuple[int, ...], diameter: float) -> Field:
    """Return, for each pixel as centre, the share within the disc less that in its ring."""
    height, width = shape[0], shape[1]
    rows = np.fft.fftfreq(height, 1 / height)[:, None]
    columns = np.fft.fftfreq(width, 1 / width)[None, :]
    away = np.hypot(rows, columns)
    disc = away <= diameter / 2
    ring = (away > diameter * 0.55) & (away <= diameter * 0.7)
    kernel = disc / disc.sum() - ring / max(1, ring.sum())
    response: Field = np.fft.irfft2(transform * np.fft.rfft2(kernel), s=(height, width)).astype(
        np.float32
    )
    return response


def _peaks(response: Field, diameter: float, *, most: int) -> NDArray[np.float64]:
    """Return the highest places, each farther than a diameter's 0.8 from higher ones."""
    reach = max(1, int(diameter * 0.4))
    highest = _maximum_around(response, reach)
    rows, columns = np.nonzero((response >= highest) & (response > 0.1))
    order = np.argsort(-response[rows, columns], kind="stable")[: 4 * most]
    kept: list[tuple[float, float]] = []
    for index in order:
        x, y = float(columns[index]), float(rows[index])
        if all((x - a) ** 2 + (y - b) ** 2 > (0.8 * diameter) ** 2 for a, b in kept):
            kept.append((x, y))
        if len(kept) == most:
            break
    return np.array(kept, np.float64).reshape(-1, 2)


def _maximum_around(field: Field, reach: int) -> Field:
    """Return the greatest value in the square around each pixel, one axis after the other."""
    for axis in (0, 1):
        padded = np.pad(
            field, [(reach, reach) if axis == other else (0, 0) for other in (0, 1)], mode="edge"
        )
        windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1, axis=axis)
        field = windows.max(axis=-1)
    return field


def _at(response: Field, points: NDArray[np.float64]) -> Field:
    values: Field = response[points[:, 1].astype(int), points[:, 0].astype(int)]
    return values


def _centred(share: Field, points: NDArray[np.float64], diameter: float) -> NDArray[np.float64]:
    """Move each point to the centre of the tissue around it, where that is near."""
    radius = int(diameter * 0.6) + 1
    padded = np.pad(share, radius)
    offsets_y, offsets_x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    inside = np.hypot(offsets_x, offsets_y) <= diameter * 0.6
    centres = points.copy()
    for index, (x, y) in enumerate(points.astype(int)):
        weights = padded[y : y + 2 * radius + 1, x : x + 2 * radius + 1] * inside
        total = float(weights.sum())
        if total > 0:
            shift = (
                float((weights * offsets_x).sum()) / total,
                float((weights * offsets_y).sum()) / total,
            )
            if np.hypot(*shift) <= diameter / 4:
                centres[index] = (x + shift[0], y + shift[1])
    return centres
