"""COCO's run lengths: masks as numbers of pixels that are off and on in turn, column by column.

Source: pycocotools, common/maskApi.c, describes both forms: plain lists, and texts that pack five
bits of a number into each character from the third number on as differences.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import shapely

from records.errors import InputError
from scoring.jsontext import as_list, shown
from scoring.shapes import Brush, Coordinates, Polygon

MAX_RUNS = 400_000
MAX_SIDE = 2_000_000
MAX_STRIPS = 1_000_000


def parse(segmentation: Mapping[str, object]) -> Polygon | Brush | None:
    """Return the area that a mask covers, along the edges of its pixels; None when it is empty.

    Raises
    ------
    InputError
        It is no mask, or more than the bounds above.
    """
    size = as_list(segmentation.get("size"), "segmentation.size")
    sides = [side for side in size if isinstance(side, int) and 0 < side <= MAX_SIDE]
    if len(size) != 2 or len(sides) != 2:
        raise InputError(f"segmentation.size is {shown(size)}; expected [height, width]")
    height, width = sides
    counts = segmentation.get("counts")
    runs = _unpacked(counts) if isinstance(counts, str) else _listed(counts)
    if (runs < 0).any() or int(runs.sum()) > height * width:
        raise InputError("segmentation.counts cover more pixels than the mask has")
    return _traced(runs, height)


def write(shape: npt.NDArray[np.bool_]) -> dict[str, object]:
    """Return a mask, (height, width), as a plain list of run lengths."""
    flat = np.concatenate(([False], shape.ravel(order="F")))
    edges = np.flatnonzero(flat[1:] != flat[:-1])
    counts = np.diff(np.concatenate(([0], edges, [shape.size])))
    return {"size": list(shape.shape), "counts": counts.tolist()}


def _listed(value: object) -> npt.NDArray[np.int64]:
    items = as_list(value, "segmentation.counts")
    if len(items) > MAX_RUNS:
        raise InputError(f"segmentation.counts holds more than {MAX_RUNS:,} runs")
    wrong = next((item for item in items if type(item) is not int or not 0 <= item < 2**42), None)
    if wrong is not None:
        raise InputError(f"segmentation.counts holds {shown(wrong)}; expected whole numbers")
    return np.array(items, dtype=np.int64)


def _unpacked(text: str) -> npt.NDArray[np.int64]:
    numbers: list[int] = []
    value = shift = 0
    for char in text:
        bits = ord(char) - 48
        if not 0 <= bits < 64 or shift > 40 or len(numbers) > MAX_RUNS:
            raise InputError("segmentation.counts is no packed text of run lengths")
        value |= (bits & 31) << shift
        shift += 5
        if bits & 32:
            continue
        if bits & 16:
            value -= 1 << shift
        numbers.append(value + (numbers[-2] if len(numbers) > 2 else 0))
        value = shift = 0
    if shift:
        raise InputError("segmentation.counts is cut off")
    if any(abs(number) >= 2**42 for number in numbers):
        raise InputError("segmentation.counts cover more pixels than the mask has")
    return np.array(numbers, dtype=np.int64)


def _traced(runs: npt.NDArray[np.int64], height: int) -> Polygon | Brush | None:
    """Return the outline of all pixels that are on, from strips of each column."""
    ends = np.cumsum(runs)
    starts, stops = (ends - runs)[1::2], ends[1::2]
    starts, stops = starts[stops > starts], stops[stops > starts]
    if not len(starts):
        return None
    boxes: list[tuple[int, int, int, int]] = []
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        boxes += _strips(start, stop, height)
        if len(boxes) > MAX_STRIPS:
            raise InputError(f"the mask has more than {MAX_STRIPS:,} strips")
    strips = shapely.box(*np.array(boxes, dtype=np.float64).T)
    # Strips leave corners along straight edges.
    area = shapely.simplify(shapely.union_all(strips), 0)
    parts = [part for part in shapely.get_parts(area) if isinstance(part, shapely.Polygon)]
    outlines = tuple(Coordinates(np.asarray(part.exterior.coords)[:-1]) for part in parts)
    holes = tuple(
        Coordinates(np.asarray(ring.coords)[:-1]) for part in parts for ring in part.interiors
    )
    if len(outlines) == 1 and not holes:
        return Polygon(outline=outlines[0])
    return Brush(positive=outlines, negative=holes)


def _strips(start: int, stop: int, height: int) -> list[tuple[int, int, int, int]]:
    """Return the boxes of a run: the rest of a column, whole columns, the head of one."""
    first, last = start // height, (stop - 1) // height
    if first == last:
        return [(first, start - first * height, first + 1, stop - first * height)]
    boxes = [(first, start - first * height, first + 1, height)]
    if last > first + 1:
        boxes.append((first + 1, 0, last, height))
    return [*boxes, (last, 0, last + 1, stop - last * height)]
