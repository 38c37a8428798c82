from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from access import tokens
from access.rights import COMMAND_LINE, Right
from access.tokens import NewApiToken, SlideFileLinks, TileTokenError, TileTokens
from records.database import Database
from records.errors import InputError, RightsError
from records.tables import ApiToken

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HOLDER = "s7-somebody"


def _issue(database: Database, **fields: object) -> str:
    wanted = {"name": "t", "rights": frozenset({Right.CAN_UPLOAD})} | fields
    with database.writing() as session:
        return tokens.issue_api_token(session, COMMAND_LINE, NewApiToken(**wanted))


def _verify(database: Database, text: str, now: datetime = NOW):
    with database.reading() as session:
        return tokens.verify_api_token(session, text, now)


def test_a_token_stands_for_its_rights_and_restrictions(database: Database):
    text = _issue(database, read_studies=("a", "b"), upload_folders=("x",))

    actor = _verify(database, text)

    assert actor.rights == {Right.CAN_UPLOAD}
    assert actor.read_studies == ("a", "b")
    assert actor.upload_folders == ("x",)


def test_the_tail_that_the_vendors_pages_show_is_tolerated(database: Database):
    text = _issue(database)

    actor = _verify(database, f"{text}#expires:2027-01-01T00:00:00")

    assert actor.token_id == 1


def test_only_the_hash_of_a_token_is_stored(database: Database):
    text = _issue(database)

    with database.reading() as session:
        stored = session.exec(select(ApiToken)).one()

    assert text not in repr(stored)
    assert stored.secret_hash == tokens.secret_hash(text)


@pytest.mark.parametrize("text", ["", "cs_", "x" * 5000, "cs_%00", "#expires:2027"])
def test_a_wrong_token_is_refused(database: Database, text: str):
    _issue(database)

    with pytest.raises(RightsError):
        _verify(database, text)


def test_an_expired_token_is_refused(database: Database):
    text = _issue(database, expires_at=NOW)

    assert _verify(database, text, NOW - timedelta(seconds=1)).token_id == 1
    with pytest.raises(RightsError, match="expired"):
        _verify(database, text, NOW)


def test_a_token_given_up_is_refused(database: Database):
    text = _issue(database)
    actor = _verify(database, text)
    with database.writing() as session:
        tokens.give_up_api_token(session, actor, now=NOW)

    with pytest.raises(RightsError, match="given up"):
        _verify(database, text)


def test_a_token_without_a_name_is_refused(database: Database):
    with pytest.raises(InputError):
        _issue(database, name="  ")


def test_tile_token_opens_its_slide_only():
    made = TileTokens(b"k" * 32)
    token = made.issue(7, NOW, holder=HOLDER)

    assert made.verify(7, token.url_part, token.cookie_part, NOW) == HOLDER

    with pytest.raises(TileTokenError):
        made.verify(8, token.url_part, token.cookie_part, NOW)


def test_url_part_looks_as_the_vendors_do():
    token = TileTokens(b"k" * 32).issue(7, NOW, holder=HOLDER)

    assert len(token.url_part) == 18
    assert token.url_part.isalnum()
    assert len(token.cookie_part) <= 255


def test_one_cookie_opens_many_slides():
    made = TileTokens(b"k" * 32)
    first = made.issue(1, NOW, holder=HOLDER)

    second = made.issue(2, NOW, holder=HOLDER, cookie_part=first.cookie_part)

    assert second.cookie_part == first.cookie_part
    made.verify(1, first.url_part, first.cookie_part, NOW)
    made.verify(2, second.url_part, second.cookie_part, NOW)


def test_another_file_under_the_same_number_has_other_addresses():
    made = TileTokens(b"k" * 32)
    old = made.issue(1, NOW, holder=HOLDER, content="a.svs")

    new = made.issue(1, NOW, holder=HOLDER, cookie_part=old.cookie_part, content="b.svs")
    again = made.issue(1, NOW, holder=HOLDER, cookie_part=old.cookie_part, content="b.svs")

    assert old.url_part != new.url_part == again.url_part
    made.verify(1, new.url_part, new.cookie_part, NOW)
    with pytest.raises(TileTokenError):
        made.verify(1, old.url_part[:4] + new.url_part[4:], new.cookie_part, NOW)


def test_a_cookie_near_its_end_forged_or_somebody_elses_is_replaced():
    made = TileTokens(b"k" * 32)
    first = made.issue(1, NOW, holder=HOLDER).cookie_part
    later = NOW + timedelta(hours=13)

    for cookie, holder, now in (
        (first, HOLDER, later),
        (first, "s8-another", NOW),
        (first.replace(HOLDER, "s8-another"), "s8-another", NOW),
        ("forged.s7-somebody.99999999999.x", HOLDER, NOW),
    ):
        token = made.issue(1, now, holder=holder, cookie_part=cookie)
        assert token.cookie_part != cookie
        assert made.verify(1, token.url_part, token.cookie_part, now) == holder


def test_tile_token_expires_also_when_seen_before():
    made = TileTokens(b"k" * 32)
    token = made.issue(7, NOW, holder=HOLDER)
    made.verify(7, token.url_part, token.cookie_part, NOW)

    with pytest.raises(TileTokenError, match="expired"):
        made.verify(7, token.url_part, token.cookie_part, token.expires_at)


@pytest.mark.parametrize("cookie", ["", ".", "a.b.c", "é.1.x", "x" * 300])
def test_a_made_up_cookie_is_refused(cookie: str):
    made = TileTokens(b"k" * 32)
    token = made.issue(7, NOW, holder=HOLDER)

    with pytest.raises(TileTokenError):
        made.verify(7, token.url_part, cookie, NOW)
    with pytest.raises(TileTokenError):
        made.expiry(token.url_part, cookie, NOW)


def test_another_servers_token_is_refused():
    token = TileTokens(b"a" * 32).issue(7, NOW, holder=HOLDER)

    with pytest.raises(TileTokenError):
        TileTokens(b"b" * 32).verify(7, token.url_part, token.cookie_part, NOW)


def test_slide_file_link_names_its_path_until_it_expires():
    links = SlideFileLinks(b"k" * 32)
    link = links.issue("/slides/é|x.svs", NOW)

    assert links.verify(link, NOW) == "/slides/é|x.svs"
    with pytest.raises(TileTokenError):
        links.verify(link, NOW + timedelta(days=2))
    with pytest.raises(TileTokenError):
        links.verify("x" + link, NOW)
