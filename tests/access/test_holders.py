"""Whom tile tokens were given to: found again while they may still ask, and nobody else."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from access import holders, people, tokens
from access.rights import COMMAND_LINE, Right
from access.tokens import NewApiToken
from records.errors import RightsError
from records.tables import ApiToken, User

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
EMAIL = "ada@example.org"


def sign_in(database):
    with database.writing() as session:
        ada = people.find_or_add_user(session, EMAIL)
        return people.start_session(session, user_id=ada.id, now=NOW)


def actor_of(database, secret, now=NOW):
    with database.reading() as session:
        return people.verify_session(session, secret, now)


def find(database, holder, now=NOW):
    with database.reading() as session:
        return holders.find_actor(session, holder, now)


def make_token(database, **fields):
    wanted = {"name": "t", "rights": frozenset({Right.CAN_GET_PIXELS})} | fields
    with database.writing() as session:
        text = tokens.issue_api_token(session, COMMAND_LINE, NewApiToken(**wanted))
    with database.reading() as session:
        return tokens.verify_api_token(session, text, NOW)


def test_a_holder_is_who_came_with_a_session_or_token(database):
    person = actor_of(database, sign_in(database))
    script = make_token(database, read_studies=("a",))

    assert find(database, person.holder) == person
    assert find(database, script.holder) == script
    assert person.holder != script.holder


def test_a_session_that_ended_is_no_holder_not_even_when_its_number_is_given_anew(database):
    secret = sign_in(database)
    ended = actor_of(database, secret).holder
    with database.writing() as session:
        people.sign_out(session, secret)
    with pytest.raises(RightsError, match="you are not signed in"):
        find(database, ended)

    anew = actor_of(database, sign_in(database)).holder

    assert anew.split("-")[0] == ended.split("-")[0] or not database.is_sqlite
    assert find(database, anew).email == EMAIL
    with pytest.raises(RightsError, match="does not hold any more"):
        find(database, ended)


def test_a_session_that_expires_and_a_closed_account_are_no_holders(database):
    holder = actor_of(database, sign_in(database)).holder

    with pytest.raises(RightsError):
        find(database, holder, NOW + people.SESSION_LIFETIME)
    with database.writing() as session:
        session.execute(update(User).values(is_active=False))
    with pytest.raises(RightsError):
        find(database, holder)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"revoked_at": NOW}, "given up"),
        ({"expires_at": NOW - timedelta(days=1)}, "expired on 2026-11-20"),
        ({"secret_hash": "another"}, "not known"),
    ],
)
def test_a_token_that_ended_is_no_holder_and_it_is_told_why(database, change, told):
    holder = make_token(database).holder
    with database.writing() as session:
        session.execute(update(ApiToken).values(**change))

    with pytest.raises(RightsError, match=told):
        find(database, holder)


@pytest.mark.parametrize("holder", ["", "t", "t999-x", "s999-x", "t-x", "u1-x", "t1", "é" * 999])
def test_what_names_nobody_is_no_holder(database, holder):
    with pytest.raises(RightsError, match="does not hold any more"):
        find(database, holder)
