"""Shapes drawn in a real browser: what the server then holds, and what a reload shows."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from slides_sample import samples
from tests.browser.conftest import ADMIN, Browser, Site

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

Seen = dict[str, Any]

DRAWING_S = 180
PX = 1.5
"""The hand's error: a mouse goes by whole pixels of the screen, which are level-0 pixels here."""


@pytest.fixture(scope="module")
def seen(
    browser: Browser, site: Site, slides: dict[str, int], tmp_path_factory: pytest.TempPathFactory
) -> Seen:
    """Draw every shape once, and give what was seen."""
    given = {
        "base": site.url,
        "email": ADMIN,
        "password": site.password,
        "studyId": slides["study"],
        "slideId": slides[samples.HE_NAME],
        "pictures": str(tmp_path_factory.mktemp("pictures")),
    }
    return browser.walk_to_end("drawing.mjs", given, timeout_s=DRAWING_S)


def places(points: list[dict[str, float]]) -> list[tuple[float, float]]:
    return [(point["x"], point["y"]) for point in points]


def near(*wanted: tuple[float, float]) -> list[Any]:
    return [pytest.approx(place, abs=PX) for place in wanted]


def ring_area(ring: list[dict[str, float]]) -> float:
    following = [*ring[1:], ring[0]]
    crosses = (a["x"] * b["y"] - b["x"] * a["y"] for a, b in zip(ring, following, strict=True))
    return abs(sum(crosses)) / 2


def test_every_shape_is_where_it_was_drawn(seen: Seen) -> None:
    polygon, line, freehand, rect, ellipse, _brush = json.loads(seen["area"])

    assert (polygon["type"], line["type"], freehand["type"]) == ("polygon", "polyline", "polygon")
    assert places(polygon["points"]) == near((2600, 2000), (2700, 2000), (2700, 2080))
    assert places(line["points"]) == near((2600, 2300), (2700, 2300), (2700, 2400))
    assert ring_area(freehand["points"]) == pytest.approx(6000, rel=0.05)
    assert (rect["type"], ellipse["type"]) == ("rect", "ellipse")
    assert places([rect["corner"], rect["size"]]) == near((2600, 2150), (100, 100))
    assert places([ellipse["center"], ellipse["size"]]) == near((2850, 2230), (50, 30))


def test_shapes_tell_their_area_and_when_they_were_drawn(seen: Seen) -> None:
    rect = json.loads(seen["area"])[3]

    number, unit = rect["area"].split()
    assert unit == "um2"
    assert float(number) == pytest.approx(100 * 100 * 0.25**2, rel=0.03)
    assert rect["modifiedOn"].endswith("Z")


def test_a_brushed_ring_keeps_its_hole_and_loses_what_is_erased(seen: Seen) -> None:
    *_others, brush = json.loads(seen["area"])

    assert brush["type"] == "brush"
    [outline], [hole] = brush["positivePolygons"], brush["negativePolygons"]
    # A brush of 54 px around a circle of 120 px radius; the eraser bit into its outer edge.
    assert ring_area(hole) == pytest.approx(math.pi * 93**2, rel=0.03)
    assert 0.95 < ring_area(outline) / (math.pi * 147**2) < 0.99


def test_points_are_counted_taken_back_and_brought_again(seen: Seen) -> None:
    assert places(json.loads(seen["points"])) == near((2800, 2400), (2850, 2400), (2900, 2400))
    assert all(set(point) == {"x", "y"} for point in json.loads(seen["points"]))
    assert seen["count"] == "3 points"
    assert seen["pointUndo"]["name"].startswith("Undo: new point")
    assert seen["pointUndo"]["undone"] == "2 points"
    assert seen["pointUndo"]["redone"] == "3 points"


def test_what_esc_gave_up_comes_back(seen: Seen) -> None:
    assert seen["esc"] == {"count": 7, "after": 6}


def test_shapes_are_listed_moved_and_deleted(seen: Seen) -> None:
    assert [row.split(",")[0] for row in seen["rows"]][:2] == ["Polygon", "Line"]
    assert len(seen["rows"]) == 6
    moved = json.loads(seen["moved"]["moved"])[3]
    assert places([moved["corner"]]) == near((2630, 2170))
    kinds = [shape["type"] for shape in json.loads(seen["moved"]["deleted"])]
    assert kinds == ["polygon", "polyline", "polygon", "rect", "brush"]


def test_a_reload_shows_them_and_the_server_hands_them_out(seen: Seen) -> None:
    assert len(seen["reloaded"]) == 5
    assert seen["painted"]
    assert seen["exported"] >= 5


def test_every_kind_of_shape_is_drawn_and_edited_by_keys(seen: Seen) -> None:
    polygon, rect, brush = seen["byKeys"]["drawn"]

    assert places(polygon["points"]) == near((3000, 2200), (3100, 2200), (3100, 2280))
    assert places([rect["corner"], rect["size"]]) == near((3000, 2200), (50, 40))
    assert brush["type"] == "brush"
    # A stroke of 100 px with a brush of 54 px, round at both ends.
    [outline] = brush["positivePolygons"]
    assert ring_area(outline) == pytest.approx(100 * 54 + math.pi * 27**2, rel=0.03)
    assert places([seen["byKeys"]["point"]]) == near((3000, 1997))
    assert seen["byKeys"]["measured"]
    edited = seen["byKeys"]["edited"]
    assert places([edited["corner"], edited["size"]]) == near((2970, 2200), (80, 40))


def test_no_error_and_no_rule_of_accessibility_is_broken(seen: Seen) -> None:
    assert seen["faults"] == []
    assert seen["rules"] == []
    assert seen["brushRules"] == []
