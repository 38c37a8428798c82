"""Measures: how large and how long drawn shapes are, in the units of the tissue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from scoring import shapes
from scoring.shapes import UM2_PER_MM2, Ellipse, Heatmap, Points, Polyline, Shape

UM_PER_MM = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """Micrometres per level-0 pixel, across and down."""

    mpp_x: float
    mpp_y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What is measured of a shape.

    Parameters
    ----------
    problem
        What is wrong with the shape (``shapes.problem``), or None.
    area_um2
        Of what it encloses; None for what encloses nothing, has no geometry, or has no resolution.
    length_um
        Of a line, or around an area with its holes; None likewise, and for points.
    """

    problem: str | None
    area_um2: float | None
    length_um: float | None


def measure(shape: Shape, resolution: Resolution | None) -> Measured:
    """Measure a shape; without a resolution there are no micrometres, and nothing is guessed.

    Parameters
    ----------
    resolution
        None when the slide does not tell it.
    """
    wrong = shapes.problem(shape)
    if resolution is None or isinstance(shape, (Heatmap, Points)):
        return Measured(problem=wrong, area_um2=None, length_um=None)
    geometry = shapes.geometry(shape)
    if geometry is None:
        return Measured(problem=wrong, area_um2=None, length_um=None)
    scale = np.array([resolution.mpp_x, resolution.mpp_y])
    in_um = shapely.transform(geometry, lambda places: places * scale)
    area = None if isinstance(shape, Polyline) else float(in_um.area)
    if isinstance(shape, Ellipse):
        # Exactly; its outline of many corners is a little too small.
        area = (shapes.area_px2(shape) or 0) * resolution.mpp_x * resolution.mpp_y
    return Measured(problem=wrong, area_um2=area, length_um=float(in_um.length))


def area_text(area_um2: float) -> str:
    """Return an area with its unit, as clients write it: ``370 um2``, ``1.25 mm2``.

    Source: slidescore.md 6.1 for the units; that mm² begin at 0.1 mm² is a choice.
    """
    if area_um2 >= UM2_PER_MM2 / 10:
        return f"{area_um2 / UM2_PER_MM2:.4g} mm2"
    return f"{area_um2:.4g} um2" if area_um2 < UM_PER_MM else f"{area_um2:.0f} um2"


def length_text(length_um: float) -> str:
    """Return a length with its unit: mm from 1 mm on, else µm."""
    if length_um >= UM_PER_MM:
        return f"{length_um / UM_PER_MM:.4g} mm"
    return f"{length_um:.4g} µm"
