"""Shapes in screenshots, at three levels, turned and not, against a rasteriser of our own.

The rasteriser asks shapely, for 8 x 8 places of each pixel, whether they lie in the shape.
"""

from __future__ import annotations

import functools
import io
import json

import numpy as np
import pytest
import shapely
from PIL import Image

from records.tables import Slide
from scoring import painting
from tests.scoring.builders import READER
from tests.scoring.conftest import HEIGHT, WIDTH

FINEST = 10
SUB = 8

STAR = [[300, 20], [345, 150], [560, 150], [385, 225], [455, 370], [300, 280], [145, 370],
        [215, 225], [40, 150], [255, 150]]  # fmt: skip


def places(corners) -> list[dict]:
    return [{"x": x, "y": y} for x, y in corners]


BOX = [[60, 50], [540, 60], [520, 350], [80, 340]]
HOLE = [[200, 140], [420, 140], [400, 260], [210, 270]]
BOW_TIE = [[40, 40], [560, 360], [560, 40], [40, 360]]
SHAPES = {
    "polygon": (
        {"type": "polygon", "points": places(STAR)},
        shapely.Polygon(STAR),
    ),
    "rect": (
        {"type": "rect", "corner": {"x": 70, "y": 90}, "size": {"x": 400, "y": 210}},
        shapely.box(70, 90, 470, 300),
    ),
    "ellipse": (
        {"type": "ellipse", "center": {"x": 310, "y": 190}, "size": {"x": 230, "y": 150}},
        None,
    ),
    "ellipse, by its whole size": (
        {"type": "ellipse", "x": 310, "y": 190, "width": 460, "height": 300},
        None,
    ),
    "brush": (
        {
            "type": "brush",
            "positivePolygons": [places(BOX)],
            "negativePolygons": [places(HOLE)],
        },
        shapely.Polygon(BOX, [HOLE]),
    ),
    "crossing itself": (
        {"type": "polygon", "points": places(BOW_TIE)},
        shapely.make_valid(shapely.Polygon(BOW_TIE)),
    ),
    "brush with a hole outside": (
        {
            "type": "brush",
            "positivePolygons": [places(HOLE)],
            "negativePolygons": [places([[350, 50], [700, 50], [700, 390], [350, 390]])],
        },
        shapely.Polygon(HOLE).difference(shapely.box(350, 50, 700, 390)),
    ),
}


def ellipse() -> shapely.Polygon:
    angles = np.linspace(0, 2 * np.pi, 2000, endpoint=False)
    return shapely.Polygon(
        np.column_stack((310 + 230 * np.cos(angles), 190 + 150 * np.sin(angles)))
    )


@functools.cache
def covered(name: str, level: int) -> np.ndarray:
    """Return how much of each pixel of a level a shape covers."""
    geometry = SHAPES[name][1] or ellipse()
    shapely.prepare(geometry)
    scale = 2.0 ** (level - FINEST)
    height, width = round(HEIGHT * scale), round(WIDTH * scale)
    rows, columns = (np.mgrid[: height * SUB, : width * SUB] + 0.5) / SUB / scale
    inside = shapely.contains_xy(geometry, columns, rows)
    return inside.reshape(height, SUB, width, SUB).mean(axis=(1, 3))


def turn(room, degrees: int) -> None:
    with room.database.writing() as session:
        slide = session.get(Slide, room.study.slide_id)
        slide.rotation = degrees
        session.add(slide)


def draw(room, *shapes: dict, question: str = "Regions") -> None:
    sent = room.call(
        "UploadResults",
        studyId=room.study.id,
        results=f"\n{room.study.slide_id}\tone\t{READER}\t{question}\t{json.dumps(shapes)}",
    ).json()
    assert sent["success"], sent


def shot(room, *, level: int, rotated: bool, **more) -> np.ndarray:
    reply = room.call(
        "GetScreenshot",
        imageId=room.study.slide_id,
        level=level,
        withAnnotationForUser=READER,
        showScalebar="false",
        rotated=rotated,
        **more,
    )
    assert reply.status_code == 200, reply.text
    return np.asarray(Image.open(io.BytesIO(reply.content))).astype(float)


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("level", [FINEST, FINEST - 1, FINEST - 2])
@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_the_fill_is_the_shape(room, monkeypatch, name, level, degrees):
    monkeypatch.setattr(painting, "FILL_ALPHA", 1.0)
    monkeypatch.setattr(painting, "_stroke", lambda *_: None)
    sent, _ = SHAPES[name]
    turn(room, degrees)
    draw(room, sent)

    pixels = shot(room, level=level, rotated=True)

    # By brightness, for JPEG keeps colour at half the resolution; the question's is #3cb44b.
    weights = np.array([0.299, 0.587, 0.114])
    fill = np.clip((255 - pixels @ weights) / (255 - [0x3C, 0xB4, 0x4B] @ weights), 0, 1)
    fill[fill < 0.04] = 0
    expected = np.rot90(covered(name, level), -degrees // 90)
    assert fill.shape == expected.shape
    assert np.minimum(fill, expected).sum() / np.maximum(fill, expected).sum() >= 0.99


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_points_and_lines_are_where_they_were_drawn(room, degrees):
    turn(room, degrees)
    draw(room, {"x": 100, "y": 60}, question="Cells")
    draw(room, {"type": "polyline", "points": places([[200, 300], [500, 300]])})

    pixels = shot(room, level=FINEST, rotated=True)

    upright = np.rot90(pixels, degrees // 90)
    assert np.abs(upright[60, 100] - [0xE6, 0x19, 0x4B]).max() < 40
    assert np.abs(upright[300, 350] - [0x3C, 0xB4, 0x4B]).max() < 40
    assert upright[200, 300].min() > 240


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_heat_maps_and_labels_turn_with_the_slide(room, degrees):
    turn(room, degrees)
    heat = {"type": "heatmap", "x": 0, "y": 0, "downscale": 100, "data": [[255, 0], [0, 0]]}
    label = {"label": "ABC", "x": 450, "y": 300, "fontSize": 40, "whenToShow": "always"}
    box = {"type": "rect", "corner": {"x": 1, "y": 390}, "size": {"x": 2, "y": 2}}
    draw(room, heat, box | {"labels": [label]})

    pixels = shot(room, level=FINEST, rotated=True)

    upright = np.rot90(pixels, degrees // 90)
    assert upright[50, 50, 0] < 140
    assert upright[50, 150].min() > 240
    assert upright[150, 50].min() > 240
    dark = np.argwhere(pixels.max(axis=2) < 120)
    # The text is upright, so wider than high, in the middle of where its place has gone to.
    middle = {0: (300, 450), 90: (450, 100), 180: (100, 150), 270: (150, 300)}[degrees]
    near = dark[np.abs(dark - middle).max(axis=1) < 90]
    assert np.abs(near.mean(axis=0) - middle).max() < 12
    assert np.ptp(near[:, 1]) > 1.5 * np.ptp(near[:, 0])


def test_without_being_asked_the_picture_is_as_the_pixels_are(room):
    turn(room, 90)
    draw(room, SHAPES["rect"][0])

    pixels = shot(room, level=FINEST, rotated=False)

    assert pixels.shape[:2] == (HEIGHT, WIDTH)


def test_region_is_told_in_the_slides_own_pixels_also_when_turned(room):
    turn(room, 90)
    draw(room, {"type": "polyline", "points": places([[100, 110], [160, 110]])})

    pixels = shot(room, level=FINEST, rotated=True, x=90, y=100, width=80, height=40)

    assert pixels.shape[:2] == (80, 40)
    # The line, 10 pixels below the upper edge, is 10 from the right one.
    assert pixels[40, 40 - 10, 0] < 140
    assert pixels[40, 10, 0] > 230
