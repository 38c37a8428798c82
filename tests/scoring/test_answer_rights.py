"""Who may send answers, and who gets them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from access.rights import Actor, Right
from records.database import Database
from records.errors import RightsError
from scoring import answers
from scoring.finding import AnswerFilter
from tests.scoring.builders import (
    LATER,
    NOW,
    TOKEN,
    found,
    kept,
    make_study,
    member,
    row,
    save,
)


@pytest.fixture
def database(either_database: Database) -> Database:
    return either_database


def token(*rights: Right, **more: object) -> Actor:
    return Actor(label="token:2", token_id=2, rights=frozenset(rights), **more)


@pytest.mark.parametrize(
    "actor",
    [
        token(Right.CAN_GET_ANY_SCORES, Right.CAN_REIMPORT_STUDIES),
        token(Right.CAN_UPLOAD_SCORES, modify_studies=("other",)),
    ],
)
def test_token_without_the_right_or_the_study_cannot_send_answers(database, actor):
    with database.writing() as session:
        study = make_study(session)

        with pytest.raises(RightsError):
            save(session, study, row(study.slide_id, "Remarks", "x"), actor=actor)

        assert kept(session) == []


@pytest.mark.parametrize(
    "actor",
    [
        token(Right.CAN_UPLOAD_SCORES),
        token(Right.CAN_GET_SCORES),
        token(Right.CAN_GET_ANY_SCORES, read_studies=("other",)),
    ],
)
def test_token_without_the_right_or_the_study_cannot_get_answers(database, actor):
    with database.writing() as session:
        study = make_study(session)

        with pytest.raises(RightsError):
            found(session, study, actor=actor)
        with pytest.raises(RightsError):
            answers.results_layout(session, actor, study_id=study.id, wanted=AnswerFilter())


def test_person_who_may_score_sends_only_their_own_answers(database):
    with database.writing() as session:
        study = make_study(session)
        person = member(session, study, can_score=True)

        save(session, study, row(study.slide_id, "Remarks", "mine"), actor=person)
        with pytest.raises(RightsError, match=r"answers of other@example\.org can be sent only by"):
            save(
                session,
                study,
                row(study.slide_id, "Remarks", "x", email="other@example.org"),
                actor=person,
            )

        assert [value for _, value, _ in kept(session)] == ["mine"]


def test_person_who_may_edit_sends_answers_of_others(database):
    with database.writing() as session:
        study = make_study(session)
        person = member(session, study, can_score=True, can_edit=True)

        save(session, study, row(study.slide_id, "Remarks", "x", email="o@b.org"), actor=person)

        assert len(kept(session)) == 1


def test_person_who_may_only_view_cannot_send_answers(database):
    with database.writing() as session:
        study = make_study(session)

        with pytest.raises(RightsError):
            save(
                session,
                study,
                row(study.slide_id, "Remarks", "x"),
                actor=member(session, study),
            )


def test_studies_with_new_answers_are_told_to_those_who_may_get_them(database):
    with database.writing() as session:
        first, second = make_study(session), make_study(session, name="second")
        save(session, first, row(first.slide_id, "Remarks", "x"))
        save(session, second, row(second.slide_id, "Remarks", "x"), now=LATER)
        only_first = token(Right.CAN_GET_ANY_SCORES, read_studies=("study",))

        def updated(actor, since):
            return answers.studies_updated_since(session, actor, since=since)

        assert updated(TOKEN, NOW) == [first.id, second.id]
        assert updated(TOKEN, NOW + timedelta(seconds=1)) == [second.id]
        assert updated(TOKEN, LATER + timedelta(seconds=1)) == []
        assert updated(only_first, NOW) == [first.id]
