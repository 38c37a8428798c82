"""Painting: the shapes of answers over the pixels of a slide, in their questions' colours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from records.errors import InputError
from scoring import filling, grey_png, lettering, outlines, shapes
from scoring.layers import rasters
from scoring.lettering import Picture, Rgb, blend
from scoring.outlines import Floats, Outlines, View
from scoring.shapes import Heatmap, Label, MaskPack, Pack, Shape

STROKE_PX = 2.0
CASING_PX = 4.4
DOT_RADIUS_PX = 4.0
FILL_ALPHA = 0.15
HEAT_ALPHA = 0.7
MASK_ALPHA = 0.5

MAX_LABELS = 500

_SMOOTH = 4
"""Masks are drawn so many times larger and then averaged: Pillow draws no smooth edges itself."""

_STRIP_PIXELS = 1 << 21
_CELL_PX = 4
_LABEL_SIZES_PX = (7.0, 64.0)

Alpha = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Layer:
    """Shapes to be painted in one colour."""

    colour: Rgb
    drawn: Sequence[Shape | Pack]


def paint(pixels: Picture, view: View, layers: Iterable[Layer]) -> None:
    """Paint layers over a picture, in place, and their labels over all of them; see below."""
    write_labels(pixels, paint_shapes(pixels, view, layers), view)


def paint_shapes(pixels: Picture, view: View, layers: Iterable[Layer]) -> list[Label]:
    """Paint layers over a picture, in place: areas lightly filled, lines cased, points as dots.

    Works in strips of bounded size, so that memory does not grow with the picture.

    Parameters
    ----------
    pixels
        Shape (view.height, view.width, 3), written to.
    view
        Which part of the slide the picture shows.

    Returns
    -------
    list of Label
        Those that are still to be written.
    """
    rows = max(_CELL_PX, _STRIP_PIXELS // view.width // _CELL_PX * _CELL_PX)
    labels: list[Label] = []
    for layer in layers:
        traced = outlines.trace(layer.drawn, view)
        crowd = _crowd(traced.crowd, view)
        for top in range(0, view.height, rows):
            strip = pixels[top : top + rows]
            _paint_pictures(strip, top, layer, view)
            _paint_crowd(strip, top, layer.colour, crowd)
            _paint_outlines(strip, top, layer.colour, traced)
        labels += _labels(layer.drawn)
    return labels


def write_labels(
    pixels: Picture, labels: Iterable[Label], view: View, *, quarter_turns: int = 0
) -> None:
    """Write labels, upright also where the picture was turned.

    Parameters
    ----------
    pixels
        Written to; turned clockwise already.
    view
        What the picture showed before it was turned.
    quarter_turns
        How often it was turned by 90 degrees.
    """
    for label in labels:
        _write_label(pixels, label, view, quarter_turns % 4)


def _paint_outlines(strip: Picture, top: int, colour: Rgb, traced: Outlines) -> None:
    height, width = strip.shape[:2]
    areas = [area for area in traced.areas if _reaches(area.bounds[1::2], top, height)]
    lines = [line for line in traced.lines if _reaches(line[:, 1], top, height)]
    reach = DOT_RADIUS_PX + CASING_PX
    near = (traced.dots[:, 1] > top - reach) & (traced.dots[:, 1] < top + height + reach)
    dots = traced.dots[near]
    if areas:
        fill = filling.coverage(areas, width=width, top=top, height=height)
        blend(strip, colour, fill * np.float32(FILL_ALPHA))
    if not lines and not len(dots):
        return

    def strokes(image: Image.Image, width_px: float, radius_px: float) -> None:
        draw = ImageDraw.Draw(image)
        for line in lines:
            _stroke(draw, _enlarged(line, top), width_px * _SMOOTH)
        for x, y in _enlarged(dots, top).tolist():
            draw.circle((x, y), radius_px * _SMOOTH, fill=255)

    around = (CASING_PX - STROKE_PX) / 2
    casing = _mask(width, height, lambda image: strokes(image, CASING_PX, DOT_RADIUS_PX + around))
    blend(strip, lettering.CASING, casing * np.float32(lettering.CASING_ALPHA))
    stroke = _mask(width, height, lambda image: strokes(image, STROKE_PX, DOT_RADIUS_PX))
    blend(strip, colour, stroke)


def _mask(width: int, height: int, draw: Callable[[Image.Image], None]) -> Alpha:
    """Return what is drawn on an enlarged mask as smooth alpha, 0 to 1."""
    image = Image.new("L", (width * _SMOOTH, height * _SMOOTH))
    draw(image)
    return np.asarray(image.reduce(_SMOOTH), dtype=np.float32) / np.float32(255)


def _enlarged(places: Floats, top: int) -> Floats:
    # Pillow's whole numbers are the middles of pixels, ours their corners.
    enlarged: Floats = (places - np.array([0, top])) * _SMOOTH - 0.5
    return enlarged


def _stroke(draw: ImageDraw.ImageDraw, corners: Floats, width: float) -> None:
    path = [(x, y) for x, y in corners.tolist()]
    if path[0] == path[-1] and len(path) > 2:
        # One corner more, so that the joint where the ring closes is drawn like the others.
        path.append(path[1])
    draw.line(path, fill=255, width=round(width), joint="curve")


def _reaches(span: Iterable[float] | Floats, top: int, height: int) -> bool:
    ends = np.asarray(list(span) if not isinstance(span, np.ndarray) else span)
    return bool(ends.max() > top - CASING_PX and ends.min() < top + height + CASING_PX)


def _crowd(places: Floats, view: View) -> Alpha | None:
    """Return how dense places lie, as alpha of squares of ``_CELL_PX`` pixels."""
    places = places[view.contains(places, 0)]
    if not len(places):
        return None
    columns, rows = -(-view.width // _CELL_PX), -(-view.height // _CELL_PX)
    cells = np.minimum((places // _CELL_PX).astype(np.int64), [columns - 1, rows - 1])
    counts = np.bincount(cells[:, 1] * columns + cells[:, 0], minlength=columns * rows)
    strength = np.log1p(counts) / np.log1p(counts.max())
    alpha = np.where(counts > 0, 0.2 + 0.7 * strength, 0).astype(np.float32)
    return alpha.reshape(rows, columns)


def _paint_crowd(strip: Picture, top: int, colour: Rgb, crowd: Alpha | None) -> None:
    if crowd is None:
        return
    height, width = strip.shape[:2]
    cells = crowd[top // _CELL_PX : -(-(top + height) // _CELL_PX)]
    alpha = cells.repeat(_CELL_PX, axis=0).repeat(_CELL_PX, axis=1)
    blend(strip, colour, alpha[:height, :width])


def _paint_pictures(strip: Picture, top: int, layer: Layer, view: View) -> None:
    for drawn in layer.drawn:
        if isinstance(drawn, MaskPack):
            blend(strip, layer.colour, _mask_alpha(drawn, strip, top, view))
        elif isinstance(drawn, Heatmap) and shapes.problem(drawn) is None:
            _paint_heatmap(strip, top, layer.colour, drawn, view)


def _paint_heatmap(strip: Picture, top: int, colour: Rgb, heatmap: Heatmap, view: View) -> None:
    height, width = strip.shape[:2]
    l0_x, l0_y, l0_width, l0_height = rasters.heatmap_box(
        heatmap, slide_width=view.l0_width, slide_height=view.l0_height
    )
    if l0_width <= 0 or l0_height <= 0:
        return
    rows, columns = heatmap.levels.array.shape
    # The value under the middle of each pixel.
    across = ((np.arange(width) + 0.5) / view.scale_x + view.l0_x - l0_x) / l0_width * columns
    down = ((np.arange(top, top + height) + 0.5) / view.scale_y + view.l0_y - l0_y) / l0_height
    down *= rows
    inside_x = np.flatnonzero((across >= 0) & (across < columns))
    inside_y = np.flatnonzero((down >= 0) & (down < rows))
    if not len(inside_x) or not len(inside_y):
        return
    values = heatmap.levels.array[
        np.ix_(down[inside_y].astype(np.int64), across[inside_x].astype(np.int64))
    ]
    part = strip[inside_y[0] : inside_y[-1] + 1, inside_x[0] : inside_x[-1] + 1]
    blend(part, colour, values.astype(np.float32) * np.float32(HEAT_ALPHA / 255))


def _mask_alpha(mask: MaskPack, strip: Picture, top: int, view: View) -> Alpha:
    """Return how much of each pixel of a strip a mask covers, as alpha."""
    height, width = strip.shape[:2]
    counts = np.zeros(height * width, dtype=np.int64)
    for (column, row), png in mask.tiles.items():
        corner = np.array([[column, row], [column + 1, row + 1]]) * mask.tile_px
        (left, upper), (right, lower) = view.to_picture(corner).tolist()
        if right <= 0 or left >= width or lower <= top or upper >= top + height:
            continue
        try:
            pixels = grey_png.decode(png, most_pixels=mask.tile_px**2)
        except InputError:
            # It was sound when it came; one damaged tile must not hide the others.
            continue
        middles = np.argwhere(pixels)[:, ::-1] + corner[0] + 0.5
        places = view.to_picture(middles).astype(np.int64) - np.array([0, top])
        kept = ((places >= 0) & (places < np.array([width, height]))).all(axis=1)
        flat = places[kept, 1] * width + places[kept, 0]
        np.add.at(counts, flat, 1)
    covered = np.minimum(counts * (view.scale_x * view.scale_y), 1) * MASK_ALPHA
    return covered.astype(np.float32).reshape(height, width)


def _labels(drawn: Iterable[Shape | Pack]) -> list[Label]:
    """Return the labels that show always, up to a bound."""
    found = [
        label
        for shape in drawn
        if not isinstance(shape, (shapes.Points, MaskPack))
        for label in shape.labels
        if label.always and label.text.strip()
    ]
    return found[:MAX_LABELS]


def _write_label(pixels: Picture, label: Label, view: View, quarter_turns: int) -> None:
    place = np.array([[label.x, label.y]])
    size = label.font_size * view.scale_y
    least, most = _LABEL_SIZES_PX
    if not (
        size >= least and np.isfinite(place).all() and np.abs(place).max() < shapes.FARTHEST_PX
    ):
        return
    x, y = view.to_picture(place)[0].tolist()
    x, y = (
        (x, y),
        (view.height - y, x),
        (view.width - x, view.height - y),
        (y, view.width - x),
    )[quarter_turns]
    lettering.write(pixels, label.text, x=x, y=y, size_px=min(size, most))
