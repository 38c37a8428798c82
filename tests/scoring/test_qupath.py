"""QuPath: links, its forms of answers, and renewed projects, without HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest

from access import slidelinks
from access.rights import ALL_RIGHTS, Actor
from access.slidelinks import SlideLinks
from access.tokens import TileTokenError
from records.errors import InputError, RightsError
from records.tables import User
from scoring import qupath
from tests.scoring import builders
from tests.scoring.builders import NOW, TOKEN

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
