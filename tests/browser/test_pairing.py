"""Slides laid on each other by two points in a real browser: how the second one is seen then."""

from __future__ import annotations

import cmath
import math
from typing import Any

import pytest

from slides_sample import samples
from tests.browser.conftest import ADMIN, Browser, Site

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

Seen = dict[str, Any]

PAIRING_S = 120
VIEW = (3000.0, 2200.0, 2000.0)
"""What the walk sees of the scored slide: middle and width in level-0 pixels, upright."""

PX = 8
"""Error of the hand on level-0 pixels: whole pixels of the screen, which show four of them."""


@pytest.fixture(scope="module")
def seen(
    browser: Browser, site: Site, slides: dict[str, int], tmp_path_factory: pytest.TempPathFactory
) -> Seen:
    """Lay the slides on each other, and give what was seen."""
    given = {
        "base": site.url,
        "email": ADMIN,
        "password": site.password,
        "studyId": slides["study"],
        "slideId": slides[samples.HE_NAME],
        "otherId": slides[samples.GRADIENT_NAME],
        "pictures": str(tmp_path_factory.mktemp("pictures")),
    }
    return browser.walk_to_end("pairing.mjs", given, timeout_s=PAIRING_S)


def facts(site: Site, slide_id: int) -> dict[str, Any]:
    found: dict[str, Any] = site.call("GetImageMetadata", imageId=slide_id)["metadata"]
    return found


def test_both_points_lie_on_each_other(seen: Seen, site: Site, slides: dict[str, int]) -> None:
    main, other = (facts(site, slides[name]) for name in (samples.HE_NAME, samples.GRADIENT_NAME))
    hand = seen["byHand"]
    zoom = VIEW[2] / hand["width"]
    # Before that, the slides lie centre on centre, as large as each other.
    scale = main["mppX"] / other["mppX"]
    middles = [complex(m["level0Width"], m["level0Height"]) / 2 for m in (main, other)]
    start = middles[1] + (complex(*VIEW[:2]) - middles[0]) * scale
    on = [complex(*VIEW[:2]) + complex(*place) * zoom for place in hand["onMain"]]
    beside = [start + complex(*place) * zoom * scale for place in hand["beside"]]
    factor = (beside[1] - beside[0]) / (on[1] - on[0])
    wanted = beside[0] + factor * (complex(*VIEW[:2]) - on[0])

    x, y, width, angle = hand["view"]
    assert (x, y) == pytest.approx((wanted.real, wanted.imag), abs=PX)
    assert width == pytest.approx(VIEW[2] * abs(factor), rel=0.02)
    assert angle == pytest.approx(math.degrees(-cmath.phase(factor)) % 360, abs=1.5)


def test_matching_says_what_it_wants_and_can_be_given_up(seen: Seen) -> None:
    hand = seen["byHand"]

    assert hand["givenUp"] == 0
    assert hand["asked"] == "Point 2 of 2: now the same place in the slide beside it"
    assert hand["marks"] == 3
    assert hand["rules"] == []
    assert seen["faults"] == []


def test_a_pair_is_remembered_from_either_side_until_it_is_reset(seen: Seen) -> None:
    hand = seen["byHand"]

    assert hand["said"].startswith("by two points")
    assert hand["reloaded"] == hand["said"]
    assert hand["swapped"].startswith("by two points")
    assert hand["reset"] == 0


def test_keys_alone_match_two_points(seen: Seen) -> None:
    keys = seen["byKeys"]
    main, beside = keys["order"][:2]

    assert "beside" in beside
    assert "beside" not in main
    assert keys["order"] == [main, beside, main, beside, main]
    assert keys["asked"] == "Point 2 of 2: now the same place in the slide beside it"
    assert keys["said"].startswith("by two points")
    assert keys["left"] == 0
