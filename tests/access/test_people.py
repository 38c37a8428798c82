from datetime import UTC, datetime, timedelta

import argon2
import pytest
from argon2.exceptions import VerifyMismatchError
from sqlmodel import select

from access import people
from access.rights import COMMAND_LINE, Right
from records.database import Database
from records.errors import InputError, RightsError
from records.tables import LoginSession

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PASSWORD = "Coverslip-1"


def _sign_in(session, *, email, password, now):
    credentials = people.find_credentials(session, email)
    if not people.are_proven(credentials, password):
        raise RightsError("refused")
    return people.start_session(session, user_id=credentials.user_id, now=now)


@pytest.fixture
def session(database: Database):
    with database.writing() as session:
        people.add_account(
            session, COMMAND_LINE, email="A@Example.org", password=PASSWORD, is_admin=True
        )
        yield session


def test_signing_in_gives_a_session_that_ends(session):
    secret = _sign_in(session, email=" a@example.ORG ", password=PASSWORD, now=NOW)

    actor = people.verify_session(session, secret, NOW)

    assert actor.email == "a@example.org"
    assert actor.has(Right.CAN_UPLOAD)
    with pytest.raises(RightsError):
        people.verify_session(session, secret, NOW + timedelta(days=15))


def test_signing_out_ends_the_session(session):
    secret = _sign_in(session, email="a@example.org", password=PASSWORD, now=NOW)

    people.sign_out(session, secret)

    with pytest.raises(RightsError):
        people.verify_session(session, secret, NOW)


def test_a_new_password_ends_the_sessions_there_are(session):
    secret = _sign_in(session, email="a@example.org", password=PASSWORD, now=NOW)

    people.add_account(
        session, COMMAND_LINE, email="a@example.org", password="Another-2", is_admin=False
    )

    with pytest.raises(RightsError):
        people.verify_session(session, secret, NOW)


def test_wrong_passwords_unknown_addresses_and_none_are_refused(session):
    for email, password in [("a@example.org", "x"), ("nobody@example.org", PASSWORD), ("", "")]:
        assert not people.are_proven(people.find_credentials(session, email), password)


def test_an_unknown_address_takes_as_long_to_refuse_as_a_known_one(session):
    known, unknown = (
        people.find_credentials(session, email).password_hash
        for email in ("a@example.org", "nobody@example.org")
    )

    assert argon2.extract_parameters(unknown) == argon2.extract_parameters(known)
    with pytest.raises(VerifyMismatchError):
        argon2.PasswordHasher().verify(unknown, PASSWORD)


def test_sessions_that_are_over_go_with_the_next_sign_in(session):
    _sign_in(session, email="a@example.org", password=PASSWORD, now=NOW)
    _sign_in(session, email="a@example.org", password=PASSWORD, now=NOW + timedelta(days=15))

    assert len(session.exec(select(LoginSession)).all()) == 1


def test_an_invited_person_without_password_cannot_sign_in(session):
    people.find_or_add_user(session, "new@example.org")

    with pytest.raises(RightsError):
        _sign_in(session, email="new@example.org", password="", now=NOW)


@pytest.mark.parametrize(
    "weak", ["", "Aa1-", "lowercase-1", "NoDigits-x", "NoSign123", "A-1" * 100]
)
def test_weak_passwords_are_refused(weak: str):
    with pytest.raises(InputError):
        people.check_password(weak)


def test_made_passwords_fulfil_the_rules():
    for _ in range(50):
        people.check_password(people.new_password())


@pytest.mark.parametrize("bad", ["", "a", "a@", "@b", "a@b@c", "a b@c", "a\n@b", "a;b@c", "<a@b>"])
def test_what_is_no_address_is_refused(bad: str):
    with pytest.raises(InputError):
        people.normalise_email(bad)
