from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from access import people, token_desk, tokens
from access.rights import ALL_RIGHTS, Actor, Right
from records.errors import InputError, NotFoundError, RightsError
from records.tables import ApiToken, Study, StudyMember, User

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SOON = NOW + timedelta(days=90)


@pytest.fixture
def session(database):
    with database.writing() as session:
        yield session


def _person(session, email, *, is_admin=False, edits=(), can_get_results=False):
    user = people.find_or_add_user(session, email)
    for name in edits:
        study = Study(name=name)
        session.add(study)
        session.flush()
        member = StudyMember(
            study_id=study.id, user_id=user.id, can_edit=True, can_get_results=can_get_results
        )
        session.add(member)
    session.flush()
    return Actor(
        label=f"user:{user.id}",
        user_id=user.id,
        is_admin=is_admin,
        rights=ALL_RIGHTS if is_admin else frozenset(),
    )


def _wish(*, rights=(Right.CAN_GET_PIXELS,), studies=(), **more):
    return tokens.NewApiToken(
        **{
            "name": "nightly model",
            "rights": frozenset(rights),
            "read_studies": studies,
            "modify_studies": studies,
            "expires_at": SOON,
            **more,
        }
    )


def test_an_administrator_makes_lists_and_revokes_tokens(session):
    admin = _person(session, "admin@example.org", is_admin=True)

    text = token_desk.create_token(session, admin, _wish(rights=ALL_RIGHTS), now=NOW)

    [facts] = token_desk.list_tokens(session, admin)
    assert (facts.name, facts.owner, facts.rights) == (
        "nightly model",
        "admin@example.org",
        ALL_RIGHTS,
    )
    assert tokens.verify_api_token(session, text, NOW).token_id == facts.token_id
    token_desk.revoke_token(session, admin, token_id=facts.token_id, now=NOW)
    with pytest.raises(RightsError, match="given up"):
        tokens.verify_api_token(session, text, NOW)


def test_an_editor_makes_tokens_for_studies_of_their_own(session):
    editor = _person(session, "e@example.org", edits=["alpha"])
    _person(session, "other@example.org", edits=["beta"])

    token_desk.create_token(session, editor, _wish(studies=("Alpha",)), now=NOW)

    for wish in (
        _wish(),
        _wish(studies=("beta",)),
        _wish(studies=("alpha", "beta")),
        _wish(studies=("alpha",), modify_studies=()),
        _wish(studies=("alpha",), rights=[Right.CAN_UPLOAD]),
        _wish(studies=("alpha",), rights=[Right.CAN_GET_ANY_SCORES]),
        _wish(studies=("alpha",), rights=[Right.CAN_HANDLE_PATHS]),
    ):
        with pytest.raises(RightsError):
            token_desk.create_token(session, editor, wish, now=NOW)


def test_who_may_get_results_may_give_that_right(session):
    editor = _person(session, "e@example.org", edits=["alpha"], can_get_results=True)
    wish = _wish(studies=("alpha",), rights=[Right.CAN_GET_ANY_SCORES])

    assert token_desk.create_token(session, editor, wish, now=NOW).startswith("cs_")


@pytest.mark.parametrize("end", [None, NOW, NOW + timedelta(days=400)])
def test_a_token_ends_within_a_year(session, end):
    admin = _person(session, "admin@example.org", is_admin=True)

    with pytest.raises(InputError, match="within a year"):
        token_desk.create_token(session, admin, _wish(expires_at=end), now=NOW)


def test_people_see_and_revoke_their_own_tokens_alone(session):
    editor = _person(session, "e@example.org", edits=["alpha"])
    other = _person(session, "o@example.org")
    token_desk.create_token(session, editor, _wish(studies=("alpha",)), now=NOW)
    [facts] = token_desk.list_tokens(session, editor)

    assert token_desk.list_tokens(session, other) == []
    with pytest.raises(NotFoundError):
        token_desk.revoke_token(session, other, token_id=facts.token_id, now=NOW)


def test_tokens_make_no_tokens(session):
    bearer = Actor(label="token:1", token_id=1, rights=ALL_RIGHTS)

    with pytest.raises(RightsError):
        token_desk.create_token(session, bearer, _wish(), now=NOW)
    with pytest.raises(RightsError):
        token_desk.list_tokens(session, bearer)


def test_the_tokens_of_a_closed_account_end_with_it(session):
    admin = _person(session, "admin@example.org", is_admin=True)
    text = token_desk.create_token(session, admin, _wish(), now=NOW)
    user = session.get(User, admin.user_id)
    user.is_active = False
    session.add(user)
    session.flush()

    with pytest.raises(RightsError, match="closed"):
        tokens.verify_api_token(session, text, NOW)


def test_the_last_use_is_kept_and_never_goes_back(session):
    admin = _person(session, "admin@example.org", is_admin=True)
    token_desk.create_token(session, admin, _wish(), now=NOW)
    [facts] = token_desk.list_tokens(session, admin)

    tokens.note_uses(session, {facts.token_id: SOON, 99: NOW})
    tokens.note_uses(session, {facts.token_id: NOW})

    assert session.get(ApiToken, facts.token_id).last_used_at == SOON
