from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from access import throttle
from access.throttle import TooManyTriesError, tries_of
from records.tables import SignInFailure

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOME, CAFE = "192.0.2.7", "198.51.100.1"


@pytest.fixture
def session(database):
    with database.writing() as session:
        yield session


def _fail(session, times, email="m.vos@example.org", network=HOME, now=NOW):
    for _ in range(times):
        throttle.count_failure(session, tries_of(email, network), now)


def _is_free(session, email="m.vos@example.org", network=HOME, now=NOW):
    try:
        throttle.check(session, tries_of(email, network), now)
    except TooManyTriesError:
        return False
    return True


def test_a_few_mistakes_cost_nothing_and_more_of_them_a_growing_wait(session):
    _fail(session, 4)
    assert _is_free(session)

    _fail(session, 1)
    assert not _is_free(session)
    assert _is_free(session, now=NOW + timedelta(seconds=16))

    _fail(session, 3)
    assert not _is_free(session, now=NOW + timedelta(seconds=100))
    assert _is_free(session, now=NOW + timedelta(minutes=16))


def test_the_message_says_how_long(session):
    _fail(session, 30)

    with pytest.raises(TooManyTriesError, match="try again in 16 minutes"):
        throttle.check(session, tries_of("M.Vos@example.org ", HOME), NOW)


def test_who_guesses_from_elsewhere_does_not_shut_the_person_out(session):
    _fail(session, 30, network=CAFE)

    assert not _is_free(session, network=CAFE)
    assert _is_free(session, network=HOME)


def test_one_network_that_tries_many_people_must_wait(session):
    for number in range(60):
        _fail(session, 1, email=f"reader{number}@example.org", network=CAFE)

    assert not _is_free(session, email="another@example.org", network=CAFE)
    assert _is_free(session, email="another@example.org", network=HOME)


def test_a_household_of_ipv6_counts_as_one(session):
    _fail(session, 10, network="2001:db8:1:2::5")

    assert not _is_free(session, network="2001:db8:1:2:ffff::9")
    assert _is_free(session, network="2001:db8:1:3::5")


def test_failures_are_forgotten_after_an_hour_of_peace_and_by_signing_in(session):
    _fail(session, 12)
    assert _is_free(session, now=NOW + timedelta(hours=1, seconds=1))

    throttle.forgive(session, tries_of("m.vos@example.org", HOME))
    assert _is_free(session)

    _fail(session, 1, email="x@example.org", now=NOW + timedelta(hours=3))
    assert {row.failures for row in session.exec(select(SignInFailure))} == {1}
