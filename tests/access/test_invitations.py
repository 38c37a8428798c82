from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from access import invitations, people
from access.personlinks import LinkError, PersonLinks, Purpose
from access.rights import ALL_RIGHTS, Actor, Right
from records.errors import ConflictError, InputError, NotFoundError, RightsError
from records.tables import Study, StudyMember

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LINKS = PersonLinks(b"k" * 32)


@pytest.fixture
def session(database):
    with database.writing() as session:
        yield session


def _person(session, email, *, is_admin=False):
    user = people.find_or_add_user(session, email)
    user.is_admin = is_admin
    session.flush()
    rights = ALL_RIGHTS if is_admin else frozenset()
    return Actor(
        label=f"user:{user.id}", user_id=user.id, email=email, is_admin=is_admin, rights=rights
    )


@pytest.fixture
def admin(session):
    return _person(session, "admin@example.org", is_admin=True)


@pytest.fixture
def editor(session):
    actor = _person(session, "editor@example.org")
    study = Study(name="alpha")
    session.add(study)
    session.flush()
    reader = people.find_or_add_user(session, "reader@example.org")
    session.add(StudyMember(study_id=study.id, user_id=actor.user_id, can_edit=True))
    session.add(StudyMember(study_id=study.id, user_id=reader.id))
    session.flush()
    return actor, study.id


def _invite(session, actor, email="new@example.org", study_id=None):
    return invitations.invite(session, actor, LINKS, email=email, study_id=study_id, now=NOW)


def _choose(session, secret, now=NOW):
    salted = people.hash_password("Glass-and-1-slide")
    return invitations.choose_password(session, LINKS, secret=secret, password_hash=salted, now=now)


def test_an_invited_person_chooses_a_password_once_and_is_signed_in(session, admin):
    link = _invite(session, admin, " New@Example.org")

    assert link.is_first
    assert invitations.whose_link(session, LINKS, link.secret, now=NOW) == "new@example.org"
    secret = _choose(session, link.secret)

    assert people.verify_session(session, secret, NOW).email == "new@example.org"
    with pytest.raises(LinkError):
        _choose(session, link.secret)
    with pytest.raises(ConflictError, match="can sign in"):
        _invite(session, admin)


def test_a_link_ends_with_its_time(session, admin):
    link = _invite(session, admin)

    with pytest.raises(LinkError):
        _choose(session, link.secret, now=NOW + timedelta(days=14))


@pytest.mark.parametrize("change", [(0, "l"), (2, "9"), (-1, "x"), (-1, "é")])
def test_a_changed_link_does_not_hold(session, admin, change):
    place, letter = change
    text = list(_invite(session, admin).secret)
    text[place] = letter if text[place] != letter else "y"

    with pytest.raises(LinkError):
        _choose(session, "".join(text))


@pytest.mark.parametrize("text", ["", ".", "p.1.2", "p.x.1.a", "p.²²²²²².1.a", "p.1.1" + "0" * 99])
def test_nonsense_is_no_link(session, text):
    with pytest.raises(LinkError):
        _choose(session, text)


def test_a_closed_account_has_no_links(session, admin):
    link = _invite(session, admin)
    invitations.change_person(
        session, admin, email="new@example.org", is_admin=None, is_active=False, name=None
    )

    with pytest.raises(LinkError):
        _choose(session, link.secret)
    assert (
        invitations.ask_for_link(
            session, LINKS, email="new@example.org", may_register=True, now=NOW
        )
        is None
    )


def test_who_edits_a_study_invites_its_people_alone(session, editor):
    actor, study_id = editor

    assert _invite(session, actor, "reader@example.org", study_id).email == "reader@example.org"
    with pytest.raises(RightsError, match="add them first"):
        _invite(session, actor, "stranger@example.org", study_id)
    with pytest.raises(RightsError):
        _invite(session, actor, "reader@example.org", study_id + 1)
    with pytest.raises(RightsError):
        _invite(session, actor, "reader@example.org")
    reader = _person(session, "reader@example.org")
    with pytest.raises(RightsError):
        _invite(session, reader, "editor@example.org", study_id)


def test_an_editor_gets_no_link_to_an_account_with_a_password(session, editor, admin):
    actor, study_id = editor
    _choose(session, _invite(session, admin, "reader@example.org").secret)

    with pytest.raises(ConflictError):
        _invite(session, actor, "reader@example.org", study_id)
    with pytest.raises(RightsError):
        invitations.reset(session, actor, LINKS, email="reader@example.org", now=NOW)


def test_an_editor_is_shown_no_link_to_more_than_they_edit(session, editor):
    actor, study_id = editor
    reader = people.find_or_add_user(session, "reader@example.org")
    assert _invite(session, actor, reader.email, study_id).may_be_shown

    reader.is_admin = True
    assert not _invite(session, actor, reader.email, study_id).may_be_shown
    reader.is_admin = False
    other = Study(name="beta")
    session.add(other)
    session.flush()
    session.add(StudyMember(study_id=other.id, user_id=reader.id))
    session.flush()
    assert not _invite(session, actor, reader.email, study_id).may_be_shown
    session.add(StudyMember(study_id=other.id, user_id=actor.user_id, can_edit=True))
    session.flush()
    assert _invite(session, actor, reader.email, study_id).may_be_shown


def test_a_new_password_ends_sessions_and_other_links(session, admin):
    old = _choose(session, _invite(session, admin).secret)
    first = invitations.reset(session, admin, LINKS, email="new@example.org", now=NOW)
    second = invitations.reset(session, admin, LINKS, email="new@example.org", now=NOW)

    _choose(session, first.secret)

    assert not first.is_first
    with pytest.raises(LinkError):
        _choose(session, second.secret)
    with pytest.raises(RightsError):
        people.verify_session(session, old, NOW)


def test_strangers_register_only_where_they_may(session):
    def ask(*, may_register):
        return invitations.ask_for_link(
            session, LINKS, email="stranger@example.org", may_register=may_register, now=NOW
        )

    assert ask(may_register=False) is None
    assert ask(may_register=True).email == "stranger@example.org"


def _login_link(session, actor, email, days=30):
    return invitations.login_link(
        session, actor, LINKS, email=email, expires_at=NOW + timedelta(days=days), now=NOW
    )


def test_a_login_link_signs_in_until_it_ends(session, admin):
    _person(session, "student@example.org")
    token = Actor(
        label="token:1", token_id=1, rights=frozenset({Right.CAN_HANDLE_STUDENT_ACCOUNTS})
    )

    secret = _login_link(session, token, "student@example.org")

    for _ in range(2):
        login = invitations.follow_login_link(session, LINKS, secret=secret, now=NOW)
        assert people.verify_session(session, login, NOW).email == "student@example.org"
    with pytest.raises(LinkError):
        invitations.follow_login_link(session, LINKS, secret=secret, now=NOW + timedelta(days=30))
    with pytest.raises(LinkError):
        LINKS.verify(session, secret, Purpose.PASSWORD, NOW)


def test_login_links_are_not_for_administrators_nor_for_ever(session, admin):
    _person(session, "student@example.org")

    with pytest.raises(RightsError):
        _login_link(session, admin, "admin@example.org")
    with pytest.raises(InputError):
        _login_link(session, admin, "student@example.org", days=400)
    with pytest.raises(NotFoundError):
        _login_link(session, admin, "nobody@example.org")
    with pytest.raises(RightsError):
        _login_link(session, _person(session, "x@example.org"), "student@example.org")


def test_a_login_link_ends_when_its_person_becomes_administrator(session, admin):
    student = _person(session, "student@example.org")
    secret = _login_link(session, admin, student.email)

    people.find_or_add_user(session, student.email).is_admin = True

    with pytest.raises(RightsError, match="administrators"):
        invitations.follow_login_link(session, LINKS, secret=secret, now=NOW)


def test_a_restricted_token_makes_no_login_links_for_people_of_other_studies(session, editor):
    rights = frozenset({Right.CAN_HANDLE_STUDENT_ACCOUNTS})
    of_alpha, of_beta = (
        Actor(label="token:1", token_id=1, rights=rights, read_studies=(name,))
        for name in ("alpha", "beta")
    )

    assert _login_link(session, of_alpha, "reader@example.org")
    with pytest.raises(RightsError, match="out of this token's reach"):
        _login_link(session, of_beta, "reader@example.org")


def test_administrators_change_accounts_but_not_their_own_rights(session, admin):
    _person(session, "m.vos@example.org")

    def change(actor, email, **wishes):
        wanted = {"is_admin": None, "is_active": None, "name": None, **wishes}
        invitations.change_person(session, actor, email=email, **wanted)

    change(admin, "m.vos@example.org", is_admin=True, name=" M. Vos ")

    facts = {row.email: row for row in invitations.list_people(session, admin)}
    assert facts["m.vos@example.org"].is_admin
    assert facts["m.vos@example.org"].name == "M. Vos"
    assert not facts["m.vos@example.org"].has_password
    for wish in ({"is_admin": False}, {"is_active": False}):
        with pytest.raises(ConflictError):
            change(admin, "admin@example.org", **wish)
    token = Actor(label="token:1", token_id=1, rights=ALL_RIGHTS)
    with pytest.raises(RightsError):
        change(token, "m.vos@example.org", is_admin=False)
    with pytest.raises(RightsError):
        invitations.list_people(session, token)
