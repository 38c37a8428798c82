"""A network that goes, a right taken away and a slide that is removed, in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from slides_sample import samples
from tests.browser.conftest import READER, READER_PASSWORD, Browser, Site

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

Seen = dict[str, Any]

LOST_S = 120


@pytest.fixture(scope="module")
def seen(browser: Browser, site: Site, slides: dict[str, int]) -> Seen:
    """Read on while all of it happens, and give what the page said."""
    study = slides["study"]
    site.call("Publish", studyId=study)
    site.call("AddUser", studyId=study, email=READER, rights="canscore")
    found = {slide["name"]: slide["id"] for slide in site.call("Images", studyId=study)}
    given = {
        "base": site.url,
        "token": site.token,
        "email": READER,
        "password": READER_PASSWORD,
        "studyId": study,
        "slideId": slides[samples.HE_NAME],
        "goneId": found[Path(samples.KI67_NAME).stem],
    }
    return browser.walk_to_end("lost.mjs", given, timeout_s=LOST_S)


def test_tiles_wait_for_the_network_and_come_with_it(seen: Seen) -> None:
    assert seen["offline"]["said"].endswith("wait for the network")
    assert seen["offline"]["after"] == "sharp"


def test_a_new_session_reads_on_in_the_old_page(seen: Seen) -> None:
    assert seen["again"]["failures"] == 0


def test_a_slide_that_was_removed_is_told_so(seen: Seen) -> None:
    gone = seen["gone"]

    assert gone["title"] == f"{Path(samples.KI67_NAME).stem} cannot be shown"
    assert "no such slide" in gone["said"]
    assert gone["way"] == "Studies"
    assert gone["rules"] == []


def test_who_lost_the_right_is_told_who_can_change_that(seen: Seen) -> None:
    right = seen["right"]

    assert READER in right["said"]
    assert right["said"].endswith("The owner of the study can change that.")
    assert right["rules"] == []


def test_a_session_that_is_over_leaves_the_slide_in_sight(seen: Seen) -> None:
    session = seen["session"]

    assert session["said"].startswith("Your session is over.")
    assert session["failures"] == 0
    assert session["rules"] == []
