"""The layout of a tissue section: where glands, stroma, fat and glass lie, on a coarse grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from slides_sample import noise, nuclei
from slides_sample.noise import Field

CELL = 8
"""Side of a cell of the coarse grid, in level-0 pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TissueLayout:
    """Fields over the coarse grid, shape (height / CELL, width / CELL); lengths are level-0 pixels.

    Parameters
    ----------
    inside
        Distance to the edge of the tissue, positive within.
    gland
        Distance to the outer border of the nearest gland, positive within.
    lining
        Thickness of the epithelium; deeper within a gland is lumen.
    fat
        Distance to the nearest wall between fat cells, 0 where there is no fat.
    fat_share
        0 where there is none, 1 where all is fat.
    flow
        0 where fibres run from left to right, 1 where they run downwards.
    inflamed
        How likely lymphocytes are, 0 to 1.
    active
        How likely a nucleus of the epithelium divides, 0 to 1.
    """

    inside: Field
    gland: Field
    lining: Field
    fat: Field
    fat_share: Field
    flow: Field
    inflamed: Field
    active: Field

    def at(self, field: Field, points: NDArray[np.float32]) -> Field:
        """Return a field's values at level-0 points, shape (count,)."""
        columns = np.clip(points[:, 0] / CELL, 0, field.shape[1] - 1).astype(int)
        rows = np.clip(points[:, 1] / CELL, 0, field.shape[0] - 1).astype(int)
        values: Field = field[rows, columns]
        return values


def plan_section(rng: np.random.Generator, width: int, height: int) -> TissueLayout:
    """Return the layout of one piece of glandular tissue on glass.

    Parameters
    ----------
    rng
        Where chance comes from.
    width, height
        Of the slide, in level-0 pixels.
    """
    shape = (-(-height // CELL), -(-width // CELL))
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    radius = np.hypot((x / shape[1] - 0.5) / 0.44, (y / shape[0] - 0.5) / 0.43)
    outline = 1 - radius**2 + 0.10 * noise.smooth_noise(rng, shape, scale=shape[0] / 3, octaves=3)
    region = noise.smooth_noise(rng, shape, scale=shape[0] / 2.2)
    fat_region = x / shape[1] - 0.70 + 0.06 * region
    inside = _distance(outline > 0, reach=40)
    return _fill_section(rng, inside, region=region, fat_region=fat_region)


def plan_core(rng: np.random.Generator, diameter: int, *, crowding: float) -> TissueLayout:
    """Return the layout of one round tissue core.

    Parameters
    ----------
    rng
        Where chance comes from.
    diameter
        In level-0 pixels; the grid is a little larger.
    crowding
        How much of the core is gland: -1 little, 1 much.
    """
    side = -(-round(diameter * 1.1) // CELL)
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    radius = np.hypot(x - side / 2, y - side / 2) * CELL
    rim = diameter / 2 * (0.93 + 0.025 * noise.smooth_noise(rng, (side, side), scale=12, octaves=2))
    inside = _distance(radius < rim, reach=30)
    region = np.full((side, side), crowding, np.float32)
    return _fill_section(rng, inside, region=region, fat_region=np.full_like(region, -1.0))


def _fill_section(
    rng: np.random.Generator, inside: Field, *, region: Field, fat_region: Field
) -> TissueLayout:
    shape = inside.shape
    glands = noise.smooth_noise(rng, shape, scale=38, octaves=3) + 0.45 * region
    fat_share = noise.smoothstep(fat_region, 0.0, 0.03)
    gland = _distance((glands > 0.15) & (inside > 60) & (fat_share < 0.2), reach=34)
    lining = 72 + 20 * noise.smooth_noise(rng, shape, scale=50) + 40 * np.clip(region, -0.5, 1.5)
    inflamed = noise.smoothstep(noise.smooth_noise(rng, shape, scale=46, octaves=2), 1.25, 1.7)
    inflamed *= 1 - noise.smoothstep(fat_share, 0.0, 0.4)
    active = noise.smoothstep(noise.smooth_noise(rng, shape, scale=90, octaves=2), -0.6, 1.6)
    return TissueLayout(
        inside=inside,
        gland=gland,
        lining=lining.astype(np.float32),
        fat=_wall_distance(rng, shape),
        fat_share=fat_share,
        flow=noise.smoothstep(noise.smooth_noise(rng, shape, scale=90), -0.5, 0.5),
        inflamed=inflamed,
        active=active,
    )


def _distance(mask: NDArray[np.bool_], *, reach: int) -> Field:
    """Return the signed distance to the edge of a mask, up to ``reach`` cells, in pixels."""
    signed = _depth(mask, reach) - _depth(~mask, reach)
    padded = np.pad(signed, 1, mode="edge")
    height, width = mask.shape
    blurred = np.zeros_like(signed)
    for row in range(3):
        for column in range(3):
            blurred += padded[row : row + height, column : column + width]
    return blurred * np.float32(CELL / 9)


def _depth(mask: NDArray[np.bool_], reach: int) -> Field:
    """Return how far each cell within a mask is from the nearest one without, in cells."""
    down = np.where(mask, reach, 0).astype(np.float32)
    for row in range(1, len(down)):
        np.minimum(down[row], down[row - 1] + 1, out=down[row])
    for row in range(len(down) - 2, -1, -1):
        np.minimum(down[row], down[row + 1] + 1, out=down[row])
    squared = down * down
    nearest = squared.copy()
    for step in range(1, reach):
        np.minimum(nearest[:, step:], squared[:, :-step] + step * step, out=nearest[:, step:])
        np.minimum(nearest[:, :-step], squared[:, step:] + step * step, out=nearest[:, :-step])
    depth: Field = np.sqrt(nearest)
    return depth


def _wall_distance(rng: np.random.Generator, shape: tuple[int, int]) -> Field:
    """Return the distance to the nearest wall between round cells of about 200 pixels."""
    spacing = 25.0
    centres = nuclei.scatter(rng, shape, spacing=spacing, jitter=0.28)
    nearest = np.full(shape, 1e3, np.float32)
    second = np.full(shape, 1e3, np.float32)
    reach = int(spacing * 1.6)
    for x, y in centres:
        top, left = max(0, int(y) - reach), max(0, int(x) - reach)
        window = np.s_[top : int(y) + reach, left : int(x) + reach]
        near, next_near = nearest[window], second[window]
        rows = np.arange(top, top + near.shape[0], dtype=np.float32)[:, None]
        columns = np.arange(left, left + near.shape[1], dtype=np.float32)[None, :]
        away = np.hypot(rows - y, columns - x)
        np.minimum(next_near, np.maximum(near, away), out=next_near)
        np.minimum(near, away, out=near)
    walls: Field = (second - nearest) * np.float32(CELL / 2)
    return walls
