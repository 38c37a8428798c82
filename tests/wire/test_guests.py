"""A slide shown to people without an account, through a running server with two workers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import requests

from tests.wire.served import Server, WiredStudy, make_study

SETTING = "allowsharingslidesanonymously"


@pytest.fixture(scope="module")
def shared(server: Server, tmp_path_factory: pytest.TempPathFactory) -> WiredStudy:
    """Make a study that lets its slides be shared, and hides their names."""
    made = make_study(server.client(), tmp_path_factory.mktemp("shared"), "shared-with-guests")
    configure(server, made, f"{SETTING}: true\nhideslidenames: true")
    assert server.call("Publish", verb="POST", studyId=made.id).json()["success"] is True
    return made


def configure(server: Server, study: WiredStudy, config: str) -> None:
    told = server.call("UpdateStudy", verb="POST", studyId=study.id, config=config).json()
    assert told["success"] is True, told


def share(server: Server, study: WiredStudy, **asked: object) -> dict[str, object]:
    told: dict[str, object] = server.call(
        "ShareSlide", verb="POST", imageId=study.slide_id, **asked
    ).json()
    return told


def test_a_guest_sees_one_slide_and_not_its_name(server: Server, shared: WiredStudy) -> None:
    made = share(server, shared, days=7)
    link = str(made["link"]).removeprefix("/Slide/File/")
    base = f"{server.url}/i/0/{link}"

    page = requests.get(f"{server.url}{made['link']}", timeout=30)
    tile = requests.get(f"{base}/i_files/8/0_0.jpeg", timeout=30)
    metadata = requests.get(f"{base}/metadata.json", timeout=30).json()["metadata"]
    until = datetime.fromisoformat(str(made["expiresOn"]))

    assert page.status_code == 200
    assert f'data-name="Slide {shared.slide_id}"' in page.text
    assert (tile.status_code, tile.headers["Content-Type"]) == (200, "image/jpeg")
    assert metadata["level0Width"] > 0
    assert abs(until - datetime.now(UTC) - timedelta(days=7)) < timedelta(minutes=1)
    # Nothing else opens with it.
    assert requests.get(f"{server.url}/Api/Studies", timeout=30).status_code == 401


def test_a_changed_link_opens_nothing(server: Server, shared: WiredStudy) -> None:
    link = str(share(server, shared)["link"]).removeprefix("/Slide/File/")
    changed = link[:6] + ("A" if link[6] != "A" else "B") + link[7:]

    for text in (changed, "g-", "g-AAAA"):
        assert requests.get(f"{server.url}/i/0/{text}/i.dzi", timeout=30).status_code == 503


@pytest.mark.parametrize("days", [0, 366, -1])
def test_a_link_holds_for_a_year_at_most(server: Server, shared: WiredStudy, days: int) -> None:
    told = share(server, shared, days=days)

    assert (told["success"], told["error"]) == (False, "days must be 1 to 365")


def test_only_a_study_that_says_so_shares_its_slides(server: Server, study: WiredStudy) -> None:
    told = share(server, study)

    assert told["success"] is False
    assert "does not let its slides be shown" in str(told["error"])


def test_who_may_not_see_the_slide_cannot_share_it(server: Server, shared: WiredStudy) -> None:
    asked = {"verb": "POST", "imageId": shared.slide_id}

    assert server.call("ShareSlide", bearer="nonsense", **asked).status_code == 401
