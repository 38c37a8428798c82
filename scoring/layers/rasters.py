"""Rasters: heat maps and masks of an answer as grids of 0 to 255, cut out by box and zoom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from records.errors import InputError
from scoring import grey_png, shapes
from scoring.layers.build import Put
from scoring.layers.layerfile import Layer
from scoring.shapes import Heatmap, MaskPack, Pack, Points, PolygonPack, Shape

MAX_SIDE = 1024
"""Columns and rows of a raster in a reply, at most."""

_COVER_CELLS = 1 << 24
_MOST_TILES = 64

Values = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Raster:
    """A grid over a part of the slide.

    Parameters
    ----------
    index
        The place in the answer of the shape it belongs to.
    is_mask
        Whether values tell how much of a cell is marked; else they are a heat map's.
    x, y
        Of the upper left corner, level-0 pixels.
    cell_width, cell_height
        Of one value, level-0 pixels.
    values
        (rows, columns) uint8; 0 is transparent.
    """

    index: int
    is_mask: bool
    x: float
    y: float
    cell_width: float
    cell_height: float
    values: Values


def heatmap_box(
    heatmap: Heatmap, *, slide_width: int, slide_height: int
) -> tuple[float, float, float, float]:
    """Return where a heat map lies, as x, y, width and height in level-0 pixels."""
    rows, columns = heatmap.levels.array.shape
    width, height = heatmap.width, heatmap.height
    if heatmap.downscale is not None:
        width, height = columns * heatmap.downscale, rows * heatmap.downscale
    elif width is None and height is None:
        width, height = slide_width - heatmap.x, slide_height - heatmap.y
    elif width is None and height is not None:
        # Source: slidescore.md 6.1: the SDK reads only the height, and makes square values of it.
        width = height / rows * columns
    elif height is None and width is not None:
        height = width / columns * rows
    return heatmap.x, heatmap.y, width or 0, height or 0


def put_rasters(
    drawn: Iterable[Shape | Pack], put: Put, *, slide_width: int, slide_height: int
) -> list[dict[str, object]]:
    """Put the rasters of an answer, and return what is told of each."""
    told: list[dict[str, object]] = []
    index = 0
    for entry in drawn:
        number = len(told)
        match entry:
            case Heatmap() if shapes.problem(entry) is None:
                x, y, width, height = heatmap_box(
                    entry, slide_width=slide_width, slide_height=slide_height
                )
                values = entry.levels.array
                rows, columns = values.shape
                if width > 0 and height > 0:
                    put(f"raster_{number}", iter([values]), values.dtype, columns)
                    cell = {"cell_width": width / columns, "cell_height": height / rows}
                    told.append({"index": index, "is_mask": False, "x": x, "y": y, **cell})
            case MaskPack() if entry.tiles:
                told.append({"index": index, "is_mask": True, **_put_mask(entry, number, put)})
        index += len(entry.places) if isinstance(entry, Points) else 1
        index += len(entry) - 1 if isinstance(entry, PolygonPack) else 0
    return told


def find_rasters(
    layer: Layer, box: tuple[float, float, float, float], downsample: float
) -> list[Raster]:
    """Return the rasters in a box (left, top, right, bottom; level-0 px), no finer than asked."""
    told = layer.facts.get("rasters")
    found = []
    for number, one in enumerate(told if isinstance(told, Sequence) else ()):
        raster = _fine_mask(layer, number, one, box, downsample) if one["is_mask"] else None
        raster = raster or _cut(layer, number, one, box, downsample)
        if raster is not None:
            found.append(raster)
    return found


def _put_mask(mask: MaskPack, number: int, put: Put) -> dict[str, float]:
    """Put a mask's tiles as they are, and how much of each of larger cells is marked."""
    keys = sorted(mask.tiles)
    places = np.array(keys, dtype=np.int32)
    pictures = [np.frombuffer(mask.tiles[key], dtype=np.uint8) for key in keys]
    put(f"mask_tiles_{number}", iter([places]), places.dtype, 2)
    starts = np.cumsum([0, *map(len, pictures)], dtype=np.int64)
    put(f"mask_starts_{number}", iter([starts]), starts.dtype, 0)
    put(f"mask_bytes_{number}", iter(pictures), np.dtype(np.uint8), 0)
    first = places.min(axis=0)
    tiles = places.max(axis=0) - first + 1
    cell = 8
    while cell < mask.tile_px and tiles.prod() * (mask.tile_px // cell) ** 2 > _COVER_CELLS:
        cell *= 2
    cell = min(cell, mask.tile_px)
    per_tile = mask.tile_px // cell
    cover = np.zeros((tiles[1] * per_tile, tiles[0] * per_tile), dtype=np.uint8)
    for (column, row), place in zip(keys, places - first, strict=True):
        marked = _tile(mask.tiles[column, row], mask.tile_px)
        shares = marked.reshape(per_tile, cell, per_tile, cell).mean(axis=(1, 3)) * 255
        left, top = place * per_tile
        cover[top : top + per_tile, left : left + per_tile] = np.ceil(shares)
    put(f"raster_{number}", iter([cover]), cover.dtype, cover.shape[1])
    x, y = (first * mask.tile_px).tolist()
    return {
        "x": x,
        "y": y,
        "cell_width": cell,
        "cell_height": cell,
        "tile_px": mask.tile_px,
    }


def _tile(png: bytes, side: int) -> npt.NDArray[np.bool_]:
    """Return which pixels of a tile are marked; of one that cannot be read, none."""
    marked = np.zeros((side, side), dtype=np.bool_)
    try:
        pixels = grey_png.decode(png, most_pixels=side * side)
    except InputError:
        return marked
    marked[: pixels.shape[0], : pixels.shape[1]] = pixels[:side, :side] > 0
    return marked


def _fine_mask(
    layer: Layer,
    number: int,
    told: Mapping[str, float],
    box: tuple[float, float, float, float],
    downsample: float,
) -> Raster | None:
    """Return a mask's own pixels where the zoom shows them, and they are few; else None."""
    side = int(told["tile_px"])
    places = layer.arrays[f"mask_tiles_{number}"]
    corners = places.astype(np.int64) * side
    left, top, right, bottom = box
    in_box = (corners < [right, bottom]).all(axis=1) & (corners + side > [left, top]).all(axis=1)
    chosen = np.flatnonzero(in_box)
    if downsample >= told["cell_width"] or not 0 < len(chosen) <= _MOST_TILES:
        return None
    step = 1 << max(0, int(downsample).bit_length() - 1)
    first = places[chosen].min(axis=0)
    columns, rows = (places[chosen].max(axis=0) - first + 1).tolist()
    while max(columns, rows) * side // step > MAX_SIDE:
        step *= 2
    if step >= told["cell_width"] or side % step:
        return None
    per_tile = side // step
    starts, data = layer.arrays[f"mask_starts_{number}"], layer.arrays[f"mask_bytes_{number}"]
    values = np.zeros((rows * per_tile, columns * per_tile), dtype=np.uint8)
    for tile in chosen.tolist():
        marked = _tile(data[starts[tile] : starts[tile + 1]].tobytes(), side)
        x, y = ((places[tile] - first) * per_tile).tolist()
        shares = marked.reshape(per_tile, step, per_tile, step).mean(axis=(1, 3)) * 255
        values[y : y + per_tile, x : x + per_tile] = np.ceil(shares)
    corner = (first * side).tolist()
    return Raster(
        index=int(told["index"]),
        is_mask=True,
        x=corner[0],
        y=corner[1],
        cell_width=step,
        cell_height=step,
        values=values,
    )


def _cut(
    layer: Layer,
    number: int,
    told: Mapping[str, float],
    box: tuple[float, float, float, float],
    downsample: float,
) -> Raster | None:
    grid = layer.arrays[f"raster_{number}"]
    x, y, width, height = (told[name] for name in ("x", "y", "cell_width", "cell_height"))
    left, right = _span(box[0], box[2], x, width, grid.shape[1])
    top, bottom = _span(box[1], box[3], y, height, grid.shape[0])
    if left >= right or top >= bottom:
        return None
    step_x = max(1, int(downsample / width), -(-(right - left) // MAX_SIDE))
    step_y = max(1, int(downsample / height), -(-(bottom - top) // MAX_SIDE))
    # On multiples of the step, so that neighbouring boxes show the same cells.
    left, top = left // step_x * step_x, top // step_y * step_y
    return Raster(
        index=int(told["index"]),
        is_mask=bool(told["is_mask"]),
        x=x + left * width,
        y=y + top * height,
        cell_width=width * step_x,
        cell_height=height * step_y,
        values=_averaged(grid[top:bottom, left:right], step_x, step_y),
    )


def _span(low: float, high: float, start: float, cell: float, count: int) -> tuple[int, int]:
    first = int(np.clip(np.floor((low - start) / cell), 0, count))
    return first, int(np.clip(np.ceil((high - start) / cell), first, count))


def _averaged(grid: npt.NDArray[np.generic], step_x: int, step_y: int) -> Values:
    """Return the means of blocks; those at the edges of what there is of them."""
    if step_x == step_y == 1:
        return np.array(grid, dtype=np.uint8)
    down = np.arange(0, grid.shape[0], step_y)
    across = np.arange(0, grid.shape[1], step_x)
    sums = np.add.reduceat(np.add.reduceat(grid, across, axis=1, dtype=np.int64), down, axis=0)
    counts = np.diff(np.append(down, grid.shape[0]))[:, None]
    counts = counts * np.diff(np.append(across, grid.shape[1]))
    # Rounded up, so that what is there never vanishes.
    return np.asarray(-(-sums // counts), dtype=np.uint8)
