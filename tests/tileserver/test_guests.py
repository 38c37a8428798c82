from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from access.guestlinks import GuestLinks
from access.tokens import TileTokenError
from records.columns import new_ulid
from records.errors import NotFoundError, RightsError
from records.filestore import FileStore
from records.tables import Slide, Study
from tileserver.guests import SETTING, GuestSlides, find_shared_source
from tileserver.sources import SlideSource

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LINKS = GuestLinks(b"0123456789abcdef")


def test_a_link_names_its_slide_until_its_end():
    ulid = new_ulid()
    link = LINKS.issue(ulid, NOW + timedelta(days=1))

    assert LINKS.verify(link, NOW) == ulid
    with pytest.raises(TileTokenError, match="expired"):
        LINKS.verify(link, NOW + timedelta(days=1))
    with pytest.raises(TileTokenError, match="not valid"):
        GuestLinks(b"another key").verify(link, NOW)


def test_a_study_that_shares_no_more_and_one_that_is_deleted_end_their_links(database, tmp_path):
    guests = GuestSlides(LINKS, lambda slide_ulid: find(slide_ulid))
    slide = Slide(study_id=1, name="S26-1", path="trial/a.svs")
    link = LINKS.issue(slide.ulid, NOW + timedelta(days=1))
    with database.writing() as session:
        settings = {SETTING: "true", "hideslidenames": "true"}
        session.add(Study(name="trial", settings=json.dumps(settings), published_at=NOW))
        session.flush()
        session.add(slide)

    def find(slide_ulid: str) -> SlideSource:
        with database.reading() as session:
            return find_shared_source(session, files=FileStore(tmp_path), slide_ulid=slide_ulid)

    assert guests.source(link, NOW).name == "Slide 1"
    for change in ({"settings": "{}"}, {"published_at": None}, {"deleted_at": NOW}):
        with database.writing() as session:
            study = session.get_one(Study, 1)
            kept = {name: getattr(study, name) for name in change}
            study.sqlmodel_update(change)
        with pytest.raises(RightsError, match="without an account"):
            guests.source(link, NOW)
        with database.writing() as session:
            session.get_one(Study, 1).sqlmodel_update(kept)
    assert guests.source(link, NOW).name == "Slide 1"
    with database.writing() as session:
        session.delete(session.get_one(Slide, 1))
        session.flush()
        session.add(Slide(id=1, study_id=1, name="S26-2", path="trial/b.svs"))
    with pytest.raises(NotFoundError, match="there no more"):
        guests.source(link, NOW)
