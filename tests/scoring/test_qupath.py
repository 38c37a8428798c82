"""QuPath: links, its forms of answers, renewed projects, and how raw tiles use the database."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event
from starlette.applications import Starlette
from starlette.testclient import TestClient

from access import slidelinks
from access.calls import Door
from access.rights import ALL_RIGHTS, Actor
from access.slidelinks import SlideLinks
from access.tokens import TileTokenError
from records.database import Database
from records.errors import InputError, RightsError
from records.filestore import FileStore
from records.tables import User
from scoring import qupath, qupath_routes
from scoring.lately import Lately
from scoring.qupath_routes import Means, QupathEndpoints
from tests.scoring import builders, conftest
from tests.scoring.builders import NOW, TOKEN
from tileserver import readers
from tileserver.pool import SlidePool
from tileserver.service import TileService
from tileserver.shelf import Shelf
from tileserver.stored.cachefolder import CacheFolder
from tileserver.stored.slide import StoredSlide

LINKS = SlideLinks(b"k" * 32)


@pytest.fixture
def admin(database) -> Actor:
    with database.writing() as session:
        user = User(email="admin@example.org", is_admin=True)
        session.add(user)
        session.flush()
        return Actor(label=f"user:{user.id}", user_id=user.id, email=user.email, is_admin=True,
                     rights=ALL_RIGHTS)  # fmt: skip


def test_a_link_holds_for_a_year_for_its_slide_alone():
    text, expires_at = LINKS.issue(7, 3, NOW)

    found = LINKS.verify(7, text, NOW + timedelta(days=364))

    assert (found.slide_id, found.user_id, found.expires_at) == (7, 3, expires_at)
    assert len(text) < 100
    for slide_id, token, now in (
        (8, text, NOW),
        (7, text[:-1], NOW),
        (7, "é", NOW),
        (7, f"B{text[1:]}", NOW),
        (7, text, NOW + timedelta(days=366)),
    ):
        with pytest.raises(TileTokenError):
            LINKS.verify(slide_id, token, now)


def test_another_key_makes_other_links():
    text, _ = SlideLinks(b"x" * 32).issue(7, 3, NOW)

    with pytest.raises(TileTokenError):
        LINKS.verify(7, text, NOW)


def test_a_closed_account_ends_its_links(database):
    with database.writing() as session:
        user = User(email="gone@example.org", is_active=False)
        session.add(user)
        session.flush()
        link = LINKS.verify(1, LINKS.issue(1, user.id, NOW)[0], NOW)

        with pytest.raises(RightsError, match="closed"):
            slidelinks.link_actor(session, link)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[]", [(None, "[]")]),
        ("TMAs:", []),
        ("TMAs:\n0,2\n[1]\n3,4\n[2]", [((0, 2), "[1]"), ((3, 4), "[2]")]),
    ],
)
def test_answers_about_slide_and_cores(text, found):
    assert qupath.parse_answer(text) == found


@pytest.mark.parametrize("text", ["TMAs:\n0,2", "TMAs:\nx\n[]", "TMAs:\n1,2\n[]\n3"])
def test_answers_about_no_core_are_refused(text):
    with pytest.raises(InputError, match="row,column"):
        qupath.parse_answer(text)


def test_a_project_gets_new_links_for_what_its_owner_may_see(database, admin):
    with database.writing() as session:
        study = builders.make_study(session)
    old, _ = LINKS.issue(study.slide_id, 99, NOW - timedelta(days=500))
    uri = f'"https://x.org/i/{study.slide_id}/{old}/SlideScoreMetadata.json"'
    foreign = '"https://x.org/i/987654/abc/SlideScoreMetadata.json"'
    with database.reading() as session:
        text, count = qupath.renew_project(
            session, admin, text=f"[{uri},{foreign}]", links=LINKS, now=NOW
        )
        with pytest.raises(InputError, match=r"project\.qpproj"):
            qupath.renew_project(session, admin, text="{}", links=LINKS, now=NOW)
        with pytest.raises(RightsError, match="sign in"):
            qupath.renew_project(session, TOKEN, text=uri, links=LINKS, now=NOW)

    assert count == 1
    assert foreign in text
    token = text.split("/")[5]
    assert LINKS.verify(study.slide_id, token, NOW).user_id == admin.user_id


def test_a_project_of_any_numbers_is_refused_or_left_alone(database):
    with database.writing() as session:
        admin = Actor(label="user:1", user_id=1, is_admin=True, rights=ALL_RIGHTS)
        strange = f"/i/{'9' * 9}/abc/SlideScoreMetadata.json"
        too_many = "".join(f"/i/{n}/a/SlideScoreMetadata.json " for n in range(10_001))

        renewed = qupath.renew_project(session, admin, text=strange, links=LINKS, now=NOW)

        assert renewed == (strange, 0)
        for text in (too_many, strange.replace("9", "2147483648", 1)):
            with pytest.raises(InputError):
                qupath.renew_project(session, admin, text=text, links=LINKS, now=NOW)


@pytest.fixture
def linked(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    """Give a client of what stands below links, over one slide."""
    images = FileStore(tmp_path / "images")
    conftest.write_slide(tmp_path / "images" / "study" / "one.svs")
    cache = CacheFolder(tmp_path / "cache", capacity_bytes=2**28)
    service = TileService(
        SlidePool(readers.open_slide, capacity=2),
        Shelf(functools.partial(StoredSlide.open, cache=cache, quality=85), capacity=2),
        threads=1,
    )
    means = Means(
        door=Door(database, lambda: NOW),
        service=service,
        links=LINKS,
        images=images,
        annotations=images,
        intake=None,
        positions=None,
        finish=None,
    )
    with TestClient(Starlette(routes=qupath_routes.routes(QupathEndpoints(means)))) as client:
        yield client
    service.close()


def test_raw_tiles_after_the_first_take_no_database(linked, database, admin):
    with database.writing() as session:
        slide_id = builders.make_study(session).slide_id
        other = User(email="other@example.org")
        session.add(other)
        session.flush()
        engine, other_id = session.connection().engine, other.id
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *told: statements.append(told[2]))

    def tile(user_id: int, place: str) -> int:
        link, _ = LINKS.issue(slide_id, user_id, NOW)
        statements.clear()
        return linked.get(f"/i/{slide_id}/{link}/raw/0/{place}/100_100.jpeg").status_code

    assert tile(admin.user_id, "0_0") == 200
    assert statements
    assert tile(admin.user_id, "100_0") == 200
    assert statements == []
    # What one link may see says nothing about another person's.
    assert tile(other_id, "100_0") == 401
    assert tile(other_id, "100_0") == 401
    assert statements


def test_what_is_remembered_is_asked_again_after_a_while():
    seconds = [0.0]
    lately: Lately[str, int] = Lately(30, clock=lambda: seconds[0])
    lately.keep("a", 1)

    seconds[0] = 29.9
    assert lately.get("a") == 1
    assert lately.get("b") is None
    seconds[0] = 30.0
    assert lately.get("a") is None
