"""Queries: what of a layer lies in a box, in as much detail as a zoom shows and a reply holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntFlag

import numpy as np
import numpy.typing as npt

from scoring.layers import density, picking, rasters
from scoring.layers.build import COARSE
from scoring.layers.density import DOT_PX, Density
from scoring.layers.flat import UNITS_PER_PX, Counts, Ints, ranges
from scoring.layers.layerfile import Layer
from scoring.layers.picking import Box, Pick
from scoring.layers.rasters import Raster

MAX_OUTLINES = 12_000
MAX_CORNERS = 300_000
MAX_DOTS = 40_000
MAX_LABELS = 500

_NONE = np.empty(0, dtype=np.int64)


class Coarser(IntFlag):
    """What a closer look would show more of."""

    CORNERS = 1
    OUTLINES = 2
    DOTS = 4
    LABELS = 8
    PIXELS = 16


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outlines:
    """Items with their corners.

    Parameters
    ----------
    indices, kinds
        (items,) place in the answer, and ``flat.Kind``.
    ring_counts
        (items,) rings of each.
    lengths
        (rings,) corners of each.
    corners
        (corners, 2) in ``unit_px`` of a level-0 pixel.
    """

    indices: npt.NDArray[np.uint32]
    kinds: npt.NDArray[np.uint8]
    ring_counts: Counts
    lengths: Counts
    corners: Ints
    unit_px: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """What lies in a box.

    Parameters
    ----------
    total
        How many items have their bounds in the box.
    dots
        (dots, 2) middles of small items, in 1 / ``UNITS_PER_PX`` of a level-0 pixel.
    dot_indices
        (dots,) their places in the answer.
    density
        In place of dots, where those are too many; None otherwise.
    labels
        ``[text, x, y, always, font size, index]`` each.
    coarser
        What is told in less detail than there is.
    """

    total: int
    outlines: Outlines
    dots: Ints
    dot_indices: npt.NDArray[np.uint32]
    density: Density | None
    rasters: list[Raster]
    labels: list[list[object]]
    coarser: Coarser


def find(layer: Layer, box: Box, downsample: float) -> Found:
    """Return what lies in a box.

    Items that are smaller than ``DOT_PX`` pixels of the zoom are dots, the others outlines whose
    corners are rounded to at most half a pixel of it. Of too many outlines the largest are told,
    the rest as dots; of too many dots, how many lie in each cell.

    Parameters
    ----------
    box
        Left, top, right and bottom, in level-0 pixels.
    downsample
        Level-0 pixels per pixel of the zoom; 1 or less is full detail.
    """
    picks = picking.pick(layer, box)
    shown, coarser = _shown(layer, picks, downsample)
    outlined = np.concatenate([_NONE, *shown.outlined])
    is_crowd = sum(pick.count for pick in shown.dotted) > MAX_DOTS
    dotted = _NONE
    if is_crowd:
        coarser |= Coarser.DOTS
    else:
        dotted = np.concatenate([_NONE, *(pick.items() for pick in shown.dotted)])
    labels, cut = _labels(layer, box)
    if downsample > 1 and layer.facts.get("rasters"):
        coarser |= Coarser.PIXELS
    return Found(
        total=sum(pick.count for pick in picks),
        outlines=_outlines(layer, np.sort(outlined), shown.coarse),
        dots=picking.middles(layer, dotted),
        dot_indices=np.asarray(layer.arrays["indices"][dotted], dtype=np.uint32),
        density=density.count(layer, shown.dotted, box, downsample) if is_crowd else None,
        rasters=rasters.find_rasters(layer, box, downsample),
        labels=labels,
        coarser=coarser | (Coarser.LABELS if cut else Coarser(0)),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Shown:
    outlined: list[Counts]
    dotted: list[Pick]
    coarse: int


def _shown(layer: Layer, picks: Sequence[Pick], downsample: float) -> tuple[_Shown, Coarser]:
    """Share items out: the largest as outlines while there is room, the others as dots."""
    coarse = max((step for step in COARSE if step <= downsample), default=0)
    coarser = Coarser.CORNERS if coarse else Coarser(0)
    shown = _Shown(outlined=[], dotted=[], coarse=coarse)
    items_left, corners_left = MAX_OUTLINES, MAX_CORNERS
    for pick in reversed(picks):
        # All of a class or none of it: half a picture would look like the whole.
        if _is_dotted(pick, downsample) or pick.count > items_left:
            shown.dotted.append(pick)
            if not pick.is_points:
                coarser |= Coarser.OUTLINES
            continue
        items = pick.items()
        needed = _corner_count(layer, items, coarse)
        if needed > corners_left:
            shown.dotted.append(pick)
            coarser |= Coarser.OUTLINES
            # What is smaller must not stand out against what is larger.
            items_left = 0
            continue
        shown.outlined.append(items)
        items_left -= len(items)
        corners_left -= needed
    return shown, coarser


def _is_dotted(pick: Pick, downsample: float) -> bool:
    return pick.is_points or (downsample > 1 and pick.most_px <= DOT_PX * downsample)


def _names(coarse: int) -> tuple[str, str]:
    return (
        (f"ring_corners_{coarse}", f"corners_{coarse}") if coarse else ("ring_corners", "corners")
    )


def _corner_count(layer: Layer, items: Counts, coarse: int) -> int:
    starts = _counts(layer, _names(coarse)[0])
    rings = _counts(layer, "item_rings")
    return int((starts[rings[items + 1]] - starts[rings[items]]).sum())


def _outlines(layer: Layer, items: Counts, coarse: int) -> Outlines:
    starts_name, corners_name = _names(coarse)
    item_rings = _counts(layer, "item_rings")
    ring_counts = item_rings[items + 1] - item_rings[items]
    rings = ranges(item_rings[items], ring_counts)
    starts = _counts(layer, starts_name)
    lengths = starts[rings + 1] - starts[rings]
    taken = ranges(starts[rings], lengths)
    return Outlines(
        indices=np.asarray(layer.arrays["indices"][items], dtype=np.uint32),
        kinds=np.asarray(layer.arrays["kinds"][items], dtype=np.uint8),
        ring_counts=ring_counts,
        lengths=lengths,
        corners=np.asarray(layer.arrays[corners_name][taken], dtype=np.int32),
        unit_px=coarse / 2 if coarse else 1 / UNITS_PER_PX,
    )


def _counts(layer: Layer, name: str) -> Counts:
    """Return an array as what it is, without a copy."""
    return np.asarray(layer.arrays[name], dtype=np.int64)


def _labels(layer: Layer, box: Box) -> tuple[list[list[object]], bool]:
    told = layer.facts.get("labels")
    entries: Sequence[list[object]] = told if isinstance(told, Sequence) else ()
    if not entries:
        return [], False
    places = np.array([entry[1:3] for entry in entries], dtype=np.float64)
    inside = (places >= box[:2]).all(axis=1) & (places <= box[2:]).all(axis=1)
    chosen = np.flatnonzero(inside)
    return [entries[place] for place in chosen[:MAX_LABELS]], len(chosen) > MAX_LABELS
