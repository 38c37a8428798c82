"""Picking: which items of a layer touch a box, counted without being listed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scoring.layers.flat import UNITS_PER_PX, Counts, Ints, ranges
from scoring.layers.layerfile import Layer

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, in level-0 pixels."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pick:
    """The items of one class of size in a box.

    Parameters
    ----------
    number
        Of the class.
    is_points
        Whether they are points, which have no size.
    starts, counts
        Runs of items that lie in the box as a whole.
    single
        Items of other runs that touch it.
    """

    number: int
    is_points: bool
    starts: Counts
    counts: Counts
    single: Counts

    @property
    def count(self) -> int:
        """How many items there are."""
        return int(self.counts.sum()) + len(self.single)

    @property
    def most_px(self) -> float:
        """No item is as large as this, in level-0 pixels; see ``build.size_class``."""
        return float(4 ** max(self.number, 1))

    def items(self) -> Counts:
        """Return the items' places in the layer."""
        return np.concatenate([ranges(self.starts, self.counts), self.single])


def pick(layer: Layer, box: Box) -> list[Pick]:
    """Return the items whose bounds touch a box, of each class, the smallest first."""
    units = np.array(box) * UNITS_PER_PX
    nodes = layer.arrays["node_bounds"]
    touching = np.flatnonzero(
        (nodes[:, :2] <= units[2:]).all(axis=1) & (nodes[:, 2:] >= units[:2]).all(axis=1)
    )
    bounds = nodes[touching]
    inside = (bounds[:, :2] >= units[:2]).all(axis=1) & (bounds[:, 2:] <= units[2:]).all(axis=1)
    node_starts = np.asarray(layer.arrays["node_starts"], dtype=np.int64)
    starts = node_starts[touching]
    counts = node_starts[touching + 1] - starts
    single = ranges(starts[~inside], counts[~inside])
    bounds = layer.arrays["bounds"][single]
    out = (bounds[:, :2] > units[2:]).any(axis=1) | (bounds[:, 2:] < units[:2]).any(axis=1)
    single = single[~out]
    class_starts = np.asarray(layer.arrays["class_starts"])
    run_ends = np.searchsorted(starts[inside], class_starts)
    single_ends = np.searchsorted(single, class_starts)
    return [
        Pick(
            number=number,
            is_points=number == 0,
            starts=starts[inside][run_ends[number] : run_ends[number + 1]],
            counts=counts[inside][run_ends[number] : run_ends[number + 1]],
            single=single[single_ends[number] : single_ends[number + 1]],
        )
        for number in range(len(class_starts) - 1)
        if run_ends[number] < run_ends[number + 1] or single_ends[number] < single_ends[number + 1]
    ]


def middles(layer: Layer, items: Counts) -> Ints:
    """Return (items, 2) middles of their bounds, in units."""
    bounds = layer.arrays["bounds"][items].astype(np.int64)
    found: Ints = ((bounds[:, :2] + bounds[:, 2:]) >> 1).astype(np.int32)
    return found
