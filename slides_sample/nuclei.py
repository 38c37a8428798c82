"""Nuclei: small pictures of stained nuclei, and where they are pressed into a section."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from slides_sample import noise

DIRECTIONS = 24
"""How many turns of a stamp there are over half a circle: steps of 7.5 degrees are not seen."""

_VARIANTS = 6

Plane = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class NucleusKind:
    """How nuclei of one kind look; lengths are level-0 pixels.

    Parameters
    ----------
    length, breadth
        Half axes of the ellipse.
    density
        How dark it is stained, 0 to 1.
    grain
        How uneven the chromatin is, 0 to 1.
    """

    length: float
    breadth: float
    density: float
    grain: float


class NucleusStamps:
    """Ready pictures of one kind of nucleus, in every direction.

    Parameters
    ----------
    kind
        How they look.
    rng
        Where chance comes from.
    """

    def __init__(self, kind: NucleusKind, rng: np.random.Generator) -> None:
        self.half = int(kind.length * 1.25) + 2
        self._stamps = [
            [_stamp(kind, np.pi * turn / DIRECTIONS, self.half, rng) for _ in range(_VARIANTS)]
            for turn in range(DIRECTIONS)
        ]

    def pick(self, angle: float, variant: int) -> Plane:
        """Return the picture nearest to an angle (radians), shape (2 half + 1, 2 half + 1)."""
        turn = round(angle / np.pi * DIRECTIONS) % DIRECTIONS
        return self._stamps[turn][variant % _VARIANTS]


def _stamp(kind: NucleusKind, angle: float, half: int, rng: np.random.Generator) -> Plane:
    y, x = np.mgrid[-half : half + 1, -half : half + 1].astype(np.float32)
    along = x * np.cos(angle) + y * np.sin(angle)
    across = y * np.cos(angle) - x * np.sin(angle)
    length = kind.length * rng.uniform(0.85, 1.15)
    breadth = kind.breadth * rng.uniform(0.85, 1.15)
    bearing = np.arctan2(across / breadth, along / length)
    # Real nuclei are not ellipses: a little wave runs around the rim.
    waves = sum(
        rng.normal(0, 0.035) * np.cos(order * bearing + rng.uniform(0, 2 * np.pi))
        for order in (2, 3, 4)
    )
    radius = np.hypot(along / length, across / breadth) / (1 + waves)
    inside = (1 - radius) * breadth
    coverage = noise.smoothstep(inside.astype(np.float32), -1.0, 1.0)
    chromatin = noise.smooth_noise(rng, (2 * half + 1, 2 * half + 1), scale=4.5)
    rim = 0.16 * np.exp(-((inside - 1.5) ** 2) / 3)
    body = kind.density * (0.86 + rim + kind.grain * 0.16 * chromatin)
    stamp: Plane = np.clip(coverage * body * 255, 0, 255).astype(np.uint8)
    return stamp


def press(plane: Plane, stamp: Plane, x: int, y: int, strength: float = 1.0) -> None:
    """Darken ``plane`` with a stamp centred on (x, y); what lies outside is cut off."""
    half = stamp.shape[0] // 2
    top, left = max(0, y - half), max(0, x - half)
    bottom, right = min(plane.shape[0], y + half + 1), min(plane.shape[1], x + half + 1)
    if top >= bottom or left >= right:
        return
    part = stamp[top - y + half : bottom - y + half, left - x + half : right - x + half]
    if strength != 1.0:
        part = (part * np.float32(strength)).astype(np.uint8)
    target = plane[top:bottom, left:right]
    np.maximum(target, part, out=target)


def scatter(
    rng: np.random.Generator, shape: tuple[int, int], *, spacing: float, jitter: float = 0.3
) -> NDArray[np.float32]:
    """Return points that keep their distance: a honeycomb, shaken.

    Returns
    -------
    NDArray[np.float32]
        Shape (count, 2): x and y, within ``shape`` (height, width).
    """
    height, width = shape
    rows = np.arange(0, height, spacing * 0.866)
    columns = np.arange(0, width, spacing)
    x, y = np.meshgrid(columns, rows)
    x[1::2] += spacing / 2
    points = np.stack([x.ravel(), y.ravel()], axis=1)
    points += rng.uniform(-jitter, jitter, points.shape) * spacing
    within = (points >= 0).all(axis=1) & (points[:, 0] < width) & (points[:, 1] < height)
    picked: NDArray[np.float32] = points[within].astype(np.float32)
    return picked


def make_stamps(kinds: Sequence[NucleusKind], rng: np.random.Generator) -> list[NucleusStamps]:
    """Return the stamps of several kinds."""
    return [NucleusStamps(kind, rng) for kind in kinds]
