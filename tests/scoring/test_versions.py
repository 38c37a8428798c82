"""Versions of answers: told, kept only when nothing came between, and restored."""

from __future__ import annotations

import json

import pytest
from sqlmodel import select

from access.rights import Actor, Right
from records.database import Database
from records.errors import ConflictError, InputError, NotFoundError, RightsError
from records.tables import Question, Study, StudyMember, User
from scoring import answers, versions
from scoring.finding import AnswerFilter
from scoring.versions import Clash
from tests.scoring.builders import LATER, NOW, READER, TOKEN, kept, make_study, row


@pytest.fixture
def database(either_database: Database) -> Database:
    return either_database


def person(session, study, email=READER, **rights):
    user = User(email=email)
    session.add(user)
    session.flush()
    session.add(StudyMember(study_id=study.id, user_id=user.id, **rights))
    stored = session.get(Study, study.id)
    stored.published_at = NOW
    session.flush()
    return Actor(label=f"user:{user.id}", user_id=user.id, email=email, rights=frozenset())


def save(session, study, value, *, actor=TOKEN, version=None, now=NOW, **about):
    about = {"slide_id": study.slide_id, **about}
    case_id = about.pop("case_id", None)
    question = about.pop("question", "Remarks")
    return versions.save_answer(
        session,
        actor,
        study_id=study.id,
        row=row(about.pop("slide_id"), question, value, line=0, **about),
        case_id=case_id,
        version=version,
        now=now,
    )


def restore(session, study, answer_id, *, actor=TOKEN, version=None):
    return versions.restore_answer(
        session, actor, study_id=study.id, answer_id=answer_id, version=version, now=LATER
    )


def told(session, study, actor=TOKEN, **wanted):
    return list(
        versions.find_versions(session, actor, study_id=study.id, wanted=AnswerFilter(**wanted))
    )


def test_history_tells_who_gave_what_when_by_which_door_and_what_it_replaced(database):
    with database.writing() as session:
        study = make_study(session)
        reader = person(session, study, can_score=True)
        answers.save_results(
            session,
            TOKEN,
            study_id=study.id,
            rows=[row(study.slide_id, "Remarks", "old"), row(study.slide_id, "Tumour", "5")],
            now=NOW,
        )

        second = save(session, study, "new", actor=reader, version=1, now=LATER)

        first, other, last = told(session, study)
        assert (first.previous_id, first.previous_value, first.is_current) == (None, None, False)
        assert (other.row.question, other.previous_id, other.is_current) == ("Tumour", None, True)
        assert (last.id, last.previous_id, last.previous_value) == (second.id, first.id, "old")
        assert (last.row.value, last.is_current, last.given_at) == ("new", True, LATER)
        assert (first.door, first.actor, last.door, last.actor) == (
            "results",
            "token:1",
            "sheet",
            reader.label,
        )
        assert last.actor_name == READER
        assert [v.row.value for v in told(session, study, question="Remarks")] == ["old", "new"]


def test_answer_is_kept_only_over_the_one_its_sender_saw(database):
    with database.writing() as session:
        study = make_study(session)
        first = save(session, study, "first")
        second = save(session, study, "second", version=first.id)

        late = save(session, study, "late", version=first.id)
        blind = save(session, study, "blind", version=None)
        invented = save(session, study, "7", question="Tumour", version=99)

        assert isinstance(late, Clash)
        assert (late.current.id, late.current.value) == (second.id, "second")
        assert isinstance(blind, Clash)
        assert invented == Clash(None)
        assert [value for _, value, _ in kept(session)] == ["first", "second"]


def test_answer_sent_again_after_a_lost_reply_is_no_clash(database):
    with database.writing() as session:
        study = make_study(session)
        first = save(session, study, "first")
        second = save(session, study, "second", version=first.id)

        again = save(session, study, "second", version=first.id, now=LATER)

        assert again == second
        assert len(kept(session)) == 2


def test_answers_about_cores_and_cases_are_kept(database):
    with database.writing() as session:
        study = make_study(session)

        save(session, study, "core", slide_id=study.tma_id, tma_row=1, tma_column=2)
        save(session, study, "case", slide_id=None, case_id=study.case_id)

        core, case = told(session, study)
        assert (core.row.tma_row, core.row.tma_column, core.row.tma_sample) == (1, 2, "S12")
        assert (case.row.slide_id, case.row.case_name) == (None, "C1")
        with pytest.raises(NotFoundError, match="no case 99"):
            save(session, study, "x", slide_id=None, case_id=99)
        with pytest.raises(InputError, match="imageId and caseId are both missing"):
            save(session, study, "x", slide_id=None)


def test_wrong_answer_is_refused_by_what_the_question_takes(database):
    with database.writing() as session:
        study = make_study(session)

        with pytest.raises(InputError, match="'Tumour': '101' is no answer to it"):
            save(session, study, "101", question="Tumour")


def test_older_answer_comes_back_as_a_new_row(database):
    with database.writing() as session:
        study = make_study(session)
        first = save(session, study, "first")
        second = save(session, study, "second", version=first.id)

        restored = restore(session, study, first.id)

        assert restored.id > second.id
        assert [(value, current) for _, value, current in kept(session)] == [
            ("first", False),
            ("second", False),
            ("first", True),
        ]
        assert told(session, study)[-1].door == "restore"
        assert restore(session, study, first.id) == restored
        assert isinstance(restore(session, study, second.id, version=first.id), Clash)


def test_answer_of_another_study_or_against_the_question_is_not_restored(database):
    with database.writing() as session:
        study, other = make_study(session), make_study(session, name="other")
        first = save(session, study, "5", question="Tumour")
        save(session, study, "6", question="Tumour", version=first.id)

        with pytest.raises(NotFoundError):
            restore(session, other, first.id)
        question = session.exec(
            select(Question).where(Question.study_id == study.id, Question.name == "Tumour")
        ).one()
        question.type_id, question.values_allowed = 13, "Low;;High"
        session.flush()
        with pytest.raises(InputError, match="one of Low, High"):
            restore(session, study, first.id)


def test_people_keep_restore_and_see_only_their_own_answers(database):
    with database.writing() as session:
        study = make_study(session)
        mine = person(session, study, can_score=True)
        other = person(session, study, email="other@example.org", can_score=True)
        editor = person(session, study, email="editor@example.org", can_score=True, can_edit=True)
        viewer = person(session, study, email="viewer@example.org")
        first = save(session, study, "mine", actor=mine)
        save(session, study, "changed", actor=mine, version=first.id)

        for refused in (other, viewer):
            with pytest.raises(RightsError):
                save(session, study, "stolen", actor=refused, version=first.id + 1)
            with pytest.raises(RightsError if refused is viewer else NotFoundError):
                restore(session, study, first.id, actor=refused)
        assert told(session, study, actor=other) == []
        assert len(told(session, study, actor=mine)) == 2
        with pytest.raises(RightsError):
            told(session, study, actor=viewer)
        assert restore(session, study, first.id, actor=editor).actor_name == "editor@example.org"


def test_token_that_may_send_answers_and_not_get_them_is_told_none(database):
    sender = Actor(label="token:2", token_id=2, rights=frozenset({Right.CAN_UPLOAD_SCORES}))
    with database.writing() as session:
        study = make_study(session)
        first = save(session, study, "secret")

        with pytest.raises(ConflictError) as clash:
            save(session, study, "guess", actor=sender)
        with pytest.raises(RightsError, match="needs the right to get them") as refused:
            restore(session, study, first.id, actor=sender)
        assert "secret" not in f"{clash.value} {refused.value}"
        assert save(session, study, "known", actor=sender, version=first.id).value == "known"


def test_study_that_forbids_rewriting_refuses_the_sheet_and_restoring(database):
    with database.writing() as session:
        study = make_study(session)
        reader = person(session, study, can_score=True)
        first = save(session, study, "first", actor=reader)
        second = save(session, study, "second", actor=reader, version=first.id)
        session.get(Study, study.id).settings = json.dumps({"disallowrewritingscores": "true"})
        session.flush()

        with pytest.raises(ConflictError):
            save(session, study, "third", actor=reader, version=second.id)
        with pytest.raises(ConflictError):
            restore(session, study, first.id, actor=reader)
        assert save(session, study, "more", actor=reader, question="Remarks", slide_id=study.tma_id)
