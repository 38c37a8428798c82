from __future__ import annotations

import json

import pytest
from sqlmodel import Session

from access import people
from access.rights import ALL_RIGHTS, Actor, Right
from records.columns import utc_now
from records.errors import RightsError
from records.tables import Question, Study, StudyMember
from scoring import agreement_data, region_data, sheet


@pytest.fixture
def session(database):
    with database.writing() as session:
        yield session


def _study(session: Session, settings: dict[str, str]) -> int:
    study = Study(name="alpha", settings=json.dumps(settings), published_at=utc_now())
    session.add(study)
    session.flush()
    return study.id


def _member(session: Session, study_id: int, **rights: bool) -> Actor:
    user = people.find_or_add_user(session, "m.vos@example.org")
    session.add(StudyMember(study_id=study_id, user_id=user.id, **rights))
    session.flush()
    return Actor(label=f"user:{user.id}", user_id=user.id, email=user.email, rights=frozenset())


def test_a_reader_learns_what_the_study_lets_them_do(session):
    study_id = _study(
        session,
        {
            "disallowrewritingscores": "true",
            "disallownavigation": "yes",
            "hideslidenames": "true",
            "scoretmacoresatonce": "true",
        },
    )

    found = sheet.find_sheet(session, _member(session, study_id, can_score=True), study_id=study_id)

    assert (found.can_score, found.can_edit, found.can_get_results) == (True, False, False)
    assert found.is_final
    assert found.is_one_way
    assert found.hides_names
    assert found.cores_at_once
    assert not found.sees_others
    assert not found.shows_labels
    assert found.email == "m.vos@example.org"
    assert found.label == "alpha"


def test_an_editor_is_bound_by_none_of_the_rules(session):
    study_id = _study(
        session,
        {"disallowrewritingscores": "true", "disallownavigation": "1", "hideslidenames": "1"},
    )

    found = sheet.find_sheet(session, _member(session, study_id, can_edit=True), study_id=study_id)

    assert (found.can_score, found.can_edit) == (False, True)
    assert not any([found.is_final, found.is_one_way, found.hides_names])
    assert found.shows_labels


def test_readers_see_labels_where_the_study_says_so(session):
    study_id = _study(session, {"showlabels": "true"})

    found = sheet.find_sheet(session, _member(session, study_id, can_score=True), study_id=study_id)

    assert found.shows_labels


@pytest.mark.parametrize(
    ("settings", "rights", "sees"),
    [
        ({}, {"can_score": True}, False),
        ({"showotherpeoplesscores": "true"}, {"can_score": True}, True),
        ({}, {"can_get_results": True}, True),
    ],
)
def test_others_answers_are_seen_by_rule_or_right(session, settings, rights, sees):
    study_id = _study(session, settings)

    found = sheet.find_sheet(session, _member(session, study_id, **rights), study_id=study_id)

    assert found.sees_others is sees


@pytest.mark.parametrize("is_everyones", [True, False])
def test_who_reads_a_study_may_see_results_compared_where_it_says_so(session, is_everyones):
    settings = {"allowresultscomparisonforeveryone": "true"} if is_everyones else {}
    study_id = _study(session, settings)
    session.add(Question(study_id=study_id, name="Grade", type_id=3))
    session.add(Question(study_id=study_id, name="Area", type_id=19, position=1))
    reader = _member(session, study_id, can_score=True)
    script = Actor(label="token:1", token_id=1, rights=frozenset({Right.CAN_UPLOAD_SCORES}))

    assert sheet.find_sheet(session, reader, study_id=study_id).can_compare is is_everyones
    asked = {"study_id": study_id, "question": "Grade"}
    drawn = {"study_id": study_id, "question": "Area", "store": None}
    if is_everyones:
        assert agreement_data.find_ratings(session, reader, **asked).question == "Grade"
        assert region_data.find_drawings(session, reader, **drawn).question == "Area"
    for actor in [script] if is_everyones else [script, reader]:
        with pytest.raises(RightsError):
            agreement_data.find_ratings(session, actor, **asked)
        with pytest.raises(RightsError):
            region_data.find_drawings(session, actor, **drawn)


@pytest.mark.parametrize(("said", "shows"), [("", True), ("true", True), ("false", False)])
def test_readers_see_thumbnails_unless_the_study_says_no(session, said, shows):
    study_id = _study(session, {"showthumbnails": said})

    found = sheet.find_sheet(session, _member(session, study_id, can_score=True), study_id=study_id)

    assert found.shows_thumbnails is shows


@pytest.mark.parametrize(("said", "records"), [("", False), ("true", True)])
def test_where_people_look_is_recorded_only_if_the_study_says_so(session, said, records):
    study_id = _study(session, {"recordsessions": said})
    reader = _member(session, study_id, can_score=True)
    script = Actor(label="token:1", token_id=1, rights=frozenset({Right.CAN_UPLOAD_SCORES}))

    assert sheet.find_sheet(session, reader, study_id=study_id).records_sessions is records
    assert not sheet.find_sheet(session, script, study_id=study_id).records_sessions


def test_changing_may_be_allowed_in_spite_of_all(session):
    study_id = _study(session, {"disallowrewritingscores": "true", "allowchangingscores": "true"})

    found = sheet.find_sheet(session, _member(session, study_id, can_score=True), study_id=study_id)

    assert not found.is_final


def test_strangers_learn_nothing_and_administrators_may_everything(session):
    study_id = _study(session, {})
    stranger = Actor(label="user:99", user_id=99, rights=frozenset())
    admin = Actor(label="user:98", user_id=98, is_admin=True, rights=ALL_RIGHTS)

    with pytest.raises(RightsError):
        sheet.find_sheet(session, stranger, study_id=study_id)
    found = sheet.find_sheet(session, admin, study_id=study_id)
    assert (found.can_score, found.can_edit, found.can_get_results) == (True, True, True)
