from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from access.guestlinks import GuestLinks
from access.tokens import TileTokenError
from records.errors import RightsError
from tileserver.guests import RECHECKED_AFTER, GuestSlides
from tileserver.sources import SlideSource

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LINKS = GuestLinks(b"0123456789abcdef")


def test_a_link_names_its_slide_until_its_end():
    link = LINKS.issue(7, NOW + timedelta(days=1))

    assert LINKS.verify(link, NOW) == 7
    with pytest.raises(TileTokenError, match="expired"):
        LINKS.verify(link, NOW + timedelta(days=1))
    with pytest.raises(TileTokenError, match="not valid"):
        GuestLinks(b"another key").verify(link, NOW)


def test_a_study_that_shares_no_more_ends_its_links_within_a_minute():
    asked: list[int] = []
    is_shared = True

    def find(slide_id: int) -> SlideSource:
        asked.append(slide_id)
        if not is_shared:
            raise RightsError("no more")
        return SlideSource(path=Path("/a.svs"), name="a")

    guests = GuestSlides(LINKS, find)
    link = LINKS.issue(7, NOW + timedelta(days=1))
    guests.source(link, NOW)
    is_shared = False

    assert guests.source(link, NOW + RECHECKED_AFTER / 2).name == "a"
    assert asked == [7]
    with pytest.raises(RightsError):
        guests.source(link, NOW + RECHECKED_AFTER)
