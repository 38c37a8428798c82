from dataclasses import replace
from datetime import UTC, datetime

import pytest

from access import gate
from access.rights import ALL_RIGHTS, Actor, Right
from records.database import Database
from records.errors import NotFoundError, RightsError
from records.tables import ApiToken, Slide, Study, StudyMember, User

TOKEN = Actor(label="token:1", token_id=1, rights=ALL_RIGHTS)
PERSON = Actor(label="user:1", user_id=1, rights=frozenset())


@pytest.fixture
def session(database: Database):
    with database.writing() as session:
        session.add_all(
            [User(id=1, email="a@b.c"), ApiToken(id=1, name="t", secret_hash="h", rights="")]
        )
        session.flush()
        session.add_all(
            [
                Study(id=1, name="open", published_at=datetime(2026, 1, 1, tzinfo=UTC)),
                Study(id=2, name="other", created_by_token_id=1),
            ]
        )
        session.flush()
        session.add_all(
            [
                Slide(id=1, study_id=1, name="a", path="a"),
                Slide(id=2, study_id=2, name="b", path="b"),
            ]
        )
        session.flush()
        yield session


def test_a_token_reads_every_study_unless_restricted(session):
    assert gate.readable_study(session, TOKEN, 2).name == "other"

    restricted = replace(TOKEN, read_studies=("Open",))
    assert gate.readable_study(session, restricted, 1).name == "open"
    with pytest.raises(RightsError):
        gate.readable_study(session, restricted, 2)


def test_restrictions_to_read_and_to_modify_are_apart(session):
    restricted = replace(TOKEN, modify_studies=("open",))

    assert gate.readable_slide(session, restricted, 2).name == "b"
    with pytest.raises(RightsError):
        gate.modifiable_slide(session, restricted, 2)


def test_a_restricted_token_cannot_learn_which_ids_exist(session):
    restricted = replace(TOKEN, read_studies=("open",))
    messages = []
    for slide_id in (2, 99):
        with pytest.raises(RightsError) as refusal:
            gate.readable_slide(session, restricted, slide_id)
        messages.append(refusal.value.message.replace(str(slide_id), "N"))

    assert messages[0] == messages[1]


def test_unknown_ids_are_not_found(session):
    with pytest.raises(NotFoundError):
        gate.readable_study(session, TOKEN, 99)
    with pytest.raises(NotFoundError):
        gate.readable_slide(session, TOKEN, 99)


def test_scores_of_owned_studies_and_of_any(session):
    owned_only = replace(TOKEN, rights=frozenset({Right.CAN_GET_SCORES}))

    assert gate.study_with_scores(session, owned_only, 2).name == "other"
    with pytest.raises(RightsError):
        gate.study_with_scores(session, owned_only, 1)
    assert gate.slide_with_scores(session, TOKEN, 1).name == "a"


def test_a_missing_capability_is_named(session):
    with pytest.raises(RightsError, match="CanGetPixels"):
        gate.readable_slide(
            session, replace(TOKEN, rights=frozenset()), 1, right=Right.CAN_GET_PIXELS
        )


def test_a_person_sees_published_studies_they_are_member_of(session):
    with pytest.raises(RightsError):
        gate.readable_study(session, PERSON, 1)

    session.add_all(
        [StudyMember(study_id=1, user_id=1), StudyMember(study_id=2, user_id=1, can_score=True)]
    )

    assert gate.readable_study(session, PERSON, 1, right=Right.CAN_GET_PIXELS).name == "open"
    with pytest.raises(RightsError):
        gate.readable_study(session, PERSON, 2)  # not published, and no right to edit
    with pytest.raises(RightsError):
        gate.study_with_scores(session, PERSON, 1)
    with pytest.raises(RightsError):
        gate.modifiable_study(session, PERSON, 1)
