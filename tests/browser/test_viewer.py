"""What the viewer offers beside scoring, in a real browser: layers, panes, pictures, fingers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from slides_sample import samples
from tests.browser.conftest import ADMIN, Browser, Site

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

Seen = dict[str, Any]

MODEL = "model@example.org"
SIDE = 60
STEP = 120
"""Squares of 60 pixels, every 120: at 0.25 micrometres per pixel 225 square micrometres each."""
SHAPE = (3060 + SIDE // 2, 2220 + SIDE // 2)
LOOKING_S = 180


def squares() -> list[dict[str, Any]]:
    return [
        {"type": "rect", "corner": {"x": x, "y": y}, "size": {"x": SIDE, "y": SIDE}}
        for y in range(60, 4400, STEP)
        for x in range(60, 5900, STEP)
    ]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pictures")


@pytest.fixture(scope="module")
def seen(browser: Browser, site: Site, slides: dict[str, int], pictures: Path) -> Seen:
    """Look at a slide on which somebody else drew, and give what was seen."""
    study, slide = slides["study"], slides[samples.HE_NAME]
    site.call("AddUser", studyId=study, email=MODEL, rights="canscore")
    site.call("UpdateStudy", studyId=study, config="scoretmacoresatonce: true")
    row = f"\n{slide}\tx\t{MODEL}\tTumour area\t{json.dumps(squares())}"
    assert site.call("UploadResults", studyId=study, results=row)["success"] is True
    names = {entry["name"]: entry["id"] for entry in site.call("Images", studyId=study)}
    given = {
        "base": site.url,
        "email": ADMIN,
        "password": site.password,
        "studyId": study,
        "slideId": slide,
        "otherId": names[Path(samples.KI67_NAME).stem],
        "microarrayId": names[Path(samples.TMA_NAME).stem],
        "shape": SHAPE,
        "pictures": str(pictures),
    }
    return browser.walk_to_end("looking.mjs", given, timeout_s=LOOKING_S)


def test_a_layer_is_painted_hidden_and_shown_from_a_zoom(seen: Seen) -> None:
    [row] = seen["layers"]["rows"]

    assert row.startswith(f"Tumour area{MODEL}")
    assert seen["layers"]["painted"]
    assert seen["layers"]["hidden"]
    assert seen["layers"]["far"] == 1


def test_a_shape_of_a_layer_tells_what_it_is(seen: Seen) -> None:
    index = [(shape["corner"]["x"], shape["corner"]["y"]) for shape in squares()].index(
        (SHAPE[0] - SIDE // 2, SHAPE[1] - SIDE // 2)
    )
    title, owner, area, *_rest = seen["layers"]["picked"]

    assert title.split()[-1] == str(index + 1)
    assert owner == f"Tumour area · {MODEL}"
    assert area == "225 µm²"


def test_a_picture_of_the_view_holds_what_is_wished(seen: Seen, pictures: Path) -> None:
    shot, plain, full = (
        np.asarray(Image.open(pictures / name).convert("RGB")).astype(int)
        for name in ("shot.png", "plain.png", "full.jpeg")
    )
    height, width = plain.shape[:2]
    edge = (SHAPE[0] - SIDE // 2 - 3000 + width // 2, SHAPE[1] - 2200 + height // 2)
    strip = np.s_[edge[1] - 4 : edge[1] + 4, edge[0] - 4 : edge[0] + 4]

    assert [name.rsplit(".", 1)[-1] for name in seen["picture"]["names"]] == ["png", "png", "jpeg"]
    assert all("S26-0001-HE" in name for name in seen["picture"]["names"])
    assert shot.shape == plain.shape == full.shape
    assert np.abs(shot[strip] - plain[strip]).max() > 60
    assert np.abs(shot[-40:, :60] - plain[-40:, :60]).max() > 60
    # The same tissue, once as the browser shows it and once from the file.
    inner = np.s_[60:-60, 60:-160]
    assert np.median(np.abs(plain[inner] - full[inner])) < 4


def test_the_label_is_shown_to_who_may_see_it(seen: Seen) -> None:
    assert seen["label"]["width"] == 400


def test_an_adjustment_belongs_to_its_slide(seen: Seen) -> None:
    assert seen["adjusted"] == {"here": 1, "there": 0, "again": 1}


def test_slides_side_by_side_move_together(seen: Seen) -> None:
    beside = seen["beside"]

    assert beside["led"] == pytest.approx([100, 50], abs=6)
    length = float(beside["offset"].split()[1])
    assert length == pytest.approx(100 * beside["perPx"] * 0.25, rel=0.08)
    assert beside["reset"] == 0
    assert beside["cross"] != 0


def test_a_pane_can_be_scored_and_all_closed(seen: Seen, slides: dict[str, int]) -> None:
    beside = seen["beside"]

    assert beside["swapped"] == Path(samples.KI67_NAME).stem
    assert "imageIds=" in beside["address"]
    assert beside["closed"] == 1


def test_cores_at_once_keep_their_panes(seen: Seen) -> None:
    first, second, third = (seen["atOnce"][name] for name in ("first", "second", "third"))

    assert [pane["core"] for pane in first] == ["Core A1", "Core A2", "Core A3", "Core A4"]
    for step in (second, third):
        assert [pane["core"] for pane in step] == [pane["core"] for pane in first]
    scored = [[pane["isScored"] for pane in panes].index(True) for panes in (first, second, third)]
    assert scored == [0, 1, 3]
    assert first[0]["said"] == ""
    assert second[0]["said"] == "Good"


def test_fingers_zoom_a_pen_draws_and_a_palm_does_not(seen: Seen) -> None:
    touch = seen["touch"]

    assert touch["zoomed"] == pytest.approx(3, rel=0.25)
    assert touch["turned"] == 0
    assert touch["finger"] == [1, 2]
    assert touch["pen"] == 2
    assert touch["panned"]


def test_no_error_and_no_rule_of_accessibility_is_broken(seen: Seen) -> None:
    assert seen["faults"] == []
    assert seen["touch"]["faults"] == []
    rules = [seen["layers"]["rules"], seen["layers"]["looks"], seen["picture"]["rules"]]
    assert seen["atOnce"]["rules"] == []
    assert [*rules, seen["label"]["rules"], seen["beside"]["rules"], seen["touch"]["rules"]] == [
        []
    ] * 6
