"""``TMAPositions.json``: where cores lie, as QuPath's extension for Slide Score reads it.

Source: slidescore.md 5, and that extension's SlideScoreImportTMAsCommand.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from studyconfig.cores.layout import CoreLayout, CorePlace

_UNIT = 1000
"""Places are told in thousandths of a pixel."""

NO_CORES: Mapping[str, object] = MappingProxyType({"coreRadiusUM": 0, "rotate": 0, "cores": ()})
"""What a slide without a map answers."""


def positions(
    found: CoreLayout, *, size: tuple[int, int], mpp: float | None, hides_samples: bool = False
) -> dict[str, object]:
    """Return the object to be told as JSON.

    Parameters
    ----------
    found
        Where the cores lie.
    size
        Width and height of the slide, in level-0 pixels.
    mpp
        µm per level-0 pixel; None: QuPath takes 2 % of the slide's longer side as core.
    hides_samples
        Whether cores are told without their sample ids.
    """
    width, height = size
    # On tall slides the client multiplies both coordinates by height / width.
    unit = _UNIT * width / max(width, height)
    return {
        # By its name a radius, but read as the diameter.
        "coreRadiusUM": 0 if mpp is None else round(found.diameter * mpp, 2),
        "rotate": found.rotation,
        "cores": [_core(place, unit, hides_samples=hides_samples) for place in found.places],
    }


def _core(place: CorePlace, unit: float, *, hides_samples: bool) -> dict[str, object]:
    is_there = bool(place.sample) and not place.is_missing
    return {
        "row": place.row,
        "col": place.column,
        "name": "" if hides_samples else place.sample,
        # x of 0 is read as a core that is missing.
        "x": max(1, round(place.x * unit)) if is_there else 0,
        "y": round(place.y * unit) if is_there else 0,
    }
