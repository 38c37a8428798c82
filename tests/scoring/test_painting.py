"""Painting, against shapely as an independent judge of which pixels lie in a shape."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
import shapely
from slidescore.lib.image_utils import encode_png

from scoring import outlines, painting, shapes
from scoring.outlines import View
from scoring.painting import Layer
from scoring.shapes import (
    Brush,
    Coordinates,
    Ellipse,
    Heatmap,
    Label,
    Levels,
    MaskPack,
    Points,
    Polygon,
    PolygonPack,
    Polyline,
    Rect,
)

GREEN = (0, 160, 0)


def make_view(*, scale: float = 1.0, width: int = 300, height: int = 240, x: float = 0) -> View:
    return View(
        l0_x=x,
        l0_y=0,
        scale_x=scale,
        scale_y=scale,
        width=width,
        height=height,
        l0_width=round(width / scale),
        l0_height=round(height / scale),
    )


def painted(*drawn: object, view: View | None = None, colour=GREEN) -> np.ndarray:
    view = view or make_view()
    pixels = np.full((view.height, view.width, 3), 255, dtype=np.uint8)
    painting.paint(pixels, view, [Layer(colour, drawn)])
    return pixels


def touched(pixels: np.ndarray) -> np.ndarray:
    return (pixels < 250).any(axis=2)


def ring(*places: tuple[float, float]) -> Coordinates:
    return Coordinates(places)


STAR = ring(
    *(
        (150 + radius * math.cos(angle), 120 + radius * math.sin(angle))
        for angle, radius in zip(np.linspace(0, 2 * math.pi, 11)[:-1], [100, 45] * 5, strict=True)
    )
)
SHAPES = {
    "polygon": Polygon(outline=STAR),
    "ellipse": Ellipse(x=140, y=110, radius_x=110, radius_y=60),
    "rect": Rect(x=50, y=60, width=170, height=90),
    "brush": Brush(
        positive=(
            ring((20, 20), (260, 30), (250, 210), (30, 200)),
            ring((270, 10), (290, 10), (290, 90)),
        ),
        negative=(ring((80, 80), (160, 80), (160, 150), (80, 150)),),
    ),
    "bow tie": Polygon(outline=ring((30, 30), (250, 200), (250, 30), (30, 200))),
}


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("scale", [0.4, 1.0, 2.5])
def test_filled_pixels_are_those_that_shapely_finds_in_the_shape(name, scale, monkeypatch):
    monkeypatch.setattr(painting, "FILL_ALPHA", 1.0)
    monkeypatch.setattr(painting, "_stroke", lambda *_: None)
    shape = SHAPES[name]
    view = make_view(scale=scale, width=round(300 * scale), height=round(240 * scale))

    pixels = painted(shape, view=view)[..., 0] < 128

    geometry = shapely.transform(shapes.geometry(shape), lambda places: places * scale)
    rows, columns = np.mgrid[: view.height, : view.width] + 0.5
    expected = shapely.contains_xy(geometry, columns, rows)
    overlap = (pixels & expected).sum() / (pixels | expected).sum()
    # Half a pixel of the mask, an eighth of the picture's, weighs more where the shape is small.
    assert overlap >= (0.98 if scale < 1 else 0.99)


@pytest.mark.parametrize("name", SHAPES)
def test_stroked_pixels_lie_along_the_edge(name):
    shape = SHAPES[name]

    pixels = painted(shape)[..., 2] < 100

    edge = shapes.geometry(shape).boundary
    rows, columns = np.mgrid[:240, :300] + 0.5
    distance = shapely.distance(shapely.points(columns, rows), edge)
    assert pixels[distance < painting.CASING_PX / 2 - 0.9].all()
    assert not pixels[distance > painting.CASING_PX / 2 + 0.7].any()


def test_strokes_are_cased_and_areas_lightly_filled():
    pixels = painted(Rect(x=50, y=60, width=170, height=90))

    assert pixels[60, 100].tolist() == list(GREEN)
    assert pixels[59, 100].tolist() == list(GREEN)
    assert (pixels[[58, 61], 100] < 80).all()
    inside = 255 + (np.array(GREEN) - 255) * painting.FILL_ALPHA
    assert np.abs(pixels[100, 100] - inside).max() <= 1
    assert pixels[20, 20].tolist() == [255, 255, 255]


def test_hole_of_one_area_does_not_cut_another():
    holed = SHAPES["brush"]
    within_hole = Rect(x=100, y=95, width=40, height=40)

    pixels = painted(holed, within_hole)

    assert pixels[90, 90].tolist() == [255, 255, 255]
    assert pixels[115, 120].tolist() != [255, 255, 255]


def test_no_line_shows_where_a_shape_leaves_the_picture():
    pixels = painted(Rect(x=-500, y=60, width=900, height=90))

    inside = pixels[105]
    assert (inside == inside[0]).all()


def test_shape_far_larger_than_the_picture_is_cut_to_it():
    far = shapes.FARTHEST_PX / 2

    pixels = painted(Rect(x=-far, y=-far, width=2 * far, height=far + 100))

    assert pixels[99, 150].tolist() == list(GREEN)
    assert not touched(pixels)[104:].any()


@pytest.mark.parametrize(
    "shape",
    [
        Ellipse(x=math.nan, y=1, radius_x=50, radius_y=50),
        Polygon(outline=ring((math.nan, 0), (50, 50), (100, 0))),
        Polygon(outline=ring((1e300, 0), (50, 50), (100, 0))),
        Polygon(outline=ring((10, 10), (50, 50))),
        Points(places=ring((math.nan, math.nan))),
        Heatmap(levels=Levels([[255]]), x=math.nan, downscale=50),
    ],
)
def test_shape_without_geometry_is_not_painted(shape):
    assert not touched(painted(shape)).any()


def test_line_is_open_and_not_filled():
    pixels = painted(Polyline(line=ring((50, 50), (200, 50), (200, 200))))

    assert pixels[50, 100].tolist() == list(GREEN)
    assert not touched(pixels)[120, 100:150].any()
    assert not touched(pixels)[125, 125]


def test_few_points_are_dots():
    pixels = painted(Points(places=ring((50, 50), (200, 120))))

    assert pixels[50, 50].tolist() == list(GREEN)
    assert pixels[120, 200].tolist() == list(GREEN)
    dark = (pixels[..., 2] < 100).sum()
    radius = painting.DOT_RADIUS_PX + (painting.CASING_PX - painting.STROKE_PX) / 2
    assert dark == pytest.approx(2 * math.pi * radius**2, rel=0.1)


def test_a_million_points_show_how_dense_they_lie():
    random = np.random.default_rng(3)
    many = random.normal((100, 120), (20, 20), (1_000_000, 2))
    started = time.perf_counter()

    pixels = painted(Points(places=Coordinates(many)))

    assert time.perf_counter() - started < 20
    darkness = 255 - pixels[..., 0].astype(int)
    assert darkness[118:122, 98:102].min() > darkness[118:122, 40:44].max() > 0
    assert darkness[120, 250] == 0


def pack_of(*rings_: object, holes: dict[int, tuple[int, ...]] | None = None) -> PolygonPack:
    corners = np.concatenate([np.array(entry, dtype=np.int32).reshape(-1, 2) for entry in rings_])
    starts = np.concatenate([[0], np.cumsum([len(entry) for entry in rings_])])
    return PolygonPack(corners=corners, starts=starts, holes=holes or {})


SQUARE = [[50, 50], [200, 50], [200, 200], [50, 200]]
HOLE = [[100, 100], [150, 100], [150, 150], [100, 150]]


def test_packed_polygons_are_painted_like_single_ones_with_their_holes():
    brush = Brush(positive=(ring(*SQUARE),), negative=(ring(*HOLE),))

    packed = painted(pack_of(SQUARE, HOLE, [], [[1, 1], [2, 2]], holes={0: (1, 2, 3)}))

    assert np.array_equal(packed, painted(brush))


def test_empty_pack_paints_nothing():
    empty = PolygonPack(corners=np.empty((0, 2), dtype=np.int32), starts=np.array([0, 0]), holes={})

    assert not touched(painted(empty)).any()


def test_very_many_outlines_are_painted_as_how_dense_they_lie(monkeypatch):
    monkeypatch.setattr(outlines, "MAX_OUTLINES", 10)
    squares = [[[x, 50], [x + 8, 50], [x + 8, 58], [x, 58]] for x in range(20, 140, 10)]
    view = make_view()

    traced = outlines.trace([pack_of(*squares)], view)

    assert not traced.lines
    assert len(traced.crowd) == 12
    assert touched(painted(pack_of(*squares)))[52:56, 20:140].any()


def test_only_outlines_in_view_count_as_many(monkeypatch):
    monkeypatch.setattr(outlines, "MAX_OUTLINES", 10)
    squares = [[[x, 50], [x + 8, 50], [x + 8, 58], [x, 58]] for x in range(0, 5000, 10)]

    traced = outlines.trace([pack_of(*squares)], make_view(x=4900))

    assert len(traced.lines) == 10 or len(traced.areas) <= 12


def test_mask_covers_its_pixels():
    rows = [[1 if 100 <= x < 150 and 50 <= y < 90 else 0 for x in range(256)] for y in range(256)]
    mask = MaskPack(tile_px=256, tiles={(0, 0): encode_png(rows, 256, 256)}, pixel_count=2000)

    pixels = touched(painted(mask))

    assert pixels.sum() == 50 * 40
    assert pixels[50:90, 100:150].all()


def test_mask_shrinks_with_the_picture():
    full = encode_png([[1] * 256] * 256, 256, 256)
    mask = MaskPack(tile_px=256, tiles={(1, 0): full, (9, 9): full}, pixel_count=2 * 65536)

    pixels = touched(painted(mask, view=make_view(scale=0.25, width=150, height=100)))

    assert pixels[:64, 64:128].all()
    assert pixels.sum() == 64 * 64


def test_damaged_tile_does_not_hide_the_others():
    full = encode_png([[1] * 256] * 256, 256, 256)
    mask = MaskPack(tile_px=256, tiles={(0, 0): b"no", (1, 0): full}, pixel_count=0)

    assert touched(painted(mask))[100, 280]


@pytest.mark.parametrize(
    "size",
    [
        {"downscale": 50},
        {"width": 100},
        {"height": 150},
        {"width": 100, "height": 150},
    ],
)
def test_heat_map_lies_where_any_of_its_sizes_put_it(size):
    heatmap = Heatmap(levels=Levels([[255, 0], [0, 128], [255, 255]]), x=40, y=20, **size)

    pixels = painted(heatmap)

    assert touched(pixels)[21, 41]
    assert not touched(pixels)[21, 91]
    assert touched(pixels)[71, 91]
    assert touched(pixels)[169, 139]
    assert not touched(pixels)[171, 100]
    strong, weak = (255 - pixels[y, x].astype(int) for y, x in ((30, 60), (80, 110)))
    assert strong[0] == pytest.approx(2 * weak[0], abs=3)


def test_heat_map_without_a_size_reaches_to_the_far_corner():
    pixels = touched(painted(Heatmap(levels=Levels([[255, 255]]), x=100, y=60)))

    assert pixels[60:, 100:].all()
    assert not pixels[:60].any()


def test_strips_leave_no_seam(monkeypatch):
    drawn = (
        *SHAPES.values(),
        Points(places=Coordinates(np.random.default_rng(1).random((9000, 2)) * 240)),
    )
    whole = painted(*drawn)
    monkeypatch.setattr(painting, "_STRIP_PIXELS", 300 * 28)

    # Pillow rounds the corners of strokes to pixels of the mask, quarters of the picture's.
    assert np.abs(whole.astype(int) - painted(*drawn)).max() <= 255 / 4 + 1
    assert np.abs(whole.astype(int) - painted(*drawn)).mean() < 0.5


def test_labels_are_written_when_they_show_always_and_are_large_enough():
    def labelled(**changes: object) -> np.ndarray:
        label = Label(**{"text": "T", "x": 150, "y": 60, "font_size": 40, **changes})
        shape = Polyline(line=ring((10, 230), (20, 230)), labels=(label,))
        return touched(painted(shape))[:200]

    assert labelled().any()
    assert not labelled(always=False).any()
    assert not labelled(font_size=2).any()
    assert not labelled(x=math.nan).any()
    assert labelled(text="ÄÖ 漢字 " * 50).any()
    assert not labelled(x=1e8).any()
