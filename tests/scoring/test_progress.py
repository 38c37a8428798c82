"""How far readers are with a study, and what they have to answer next."""

from __future__ import annotations

import json

import pytest
from sqlmodel import select

from access.rights import ALL_RIGHTS, Actor, Right
from records.database import Database
from records.errors import InputError, NotFoundError, RightsError
from records.tables import Core, CoreLayout, Question, Study, TmaMap
from scoring import answers, progress
from tests.scoring.builders import NOW, READER, TOKEN, make_study, member, row

SHEET = {
    "Grade": ("ClickFriendlyPollOnly", "Low;;High"),
    "Remarks": ("FreeText", ""),
    "Text": ("Explanation", ""),
    "Diagnosis": ("FreeText", ""),
}


@pytest.fixture
def database(either_database: Database) -> Database:
    return either_database


def study_with(session, **flags):
    """Make a study of two slides and a microarray; flags by name of a question."""
    study = make_study(session, questions=SHEET)
    for name, said in flags.items():
        question = session.exec(
            select(Question).where(Question.study_id == study.id, Question.name == name)
        ).one()
        question.flags = json.dumps(said)
    first, second = session.exec(select(Core).order_by(Core.id).limit(2)).all()
    first.sample, second.is_ignored = "", True
    session.flush()
    return study


def save(session, study, *rows):
    answers.save_results(session, TOKEN, study_id=study.id, rows=rows, now=NOW)


def rows_of(session, study, actor=TOKEN):
    found = progress.find_progress(session, actor, study_id=study.id)
    return [email for _, email, _ in found.readers], {
        (one.slide_id or f"case {one.case_id}"): (one.needed, one.answered, one.done)
        for one in found.rows
    }


def next_of(session, study, actor=TOKEN, email=READER, after=None):
    found, left = progress.find_next(session, actor, study_id=study.id, email=email, after=after)
    if found is None:
        return None, left
    place = found.core[:2] if found.core else None
    return (found.place.slide_id, place, found.is_case, found.question), left


def test_answers_are_counted_by_slide_and_reader_without_those_cleared_or_replaced(database):
    with database.writing() as session:
        study = study_with(session)
        save(session, study, row(study.slide_id, "Grade", "Low"))
        save(session, study, row(study.slide_id, "Grade", "High"))
        save(session, study, row(study.slide_id, "Remarks", "x", email="b@example.org"))
        save(session, study, row(study.second_slide_id, "Remarks", "x"))
        save(session, study, row(study.second_slide_id, "Remarks", ""))

        readers, rows = rows_of(session, study)

        assert readers == ["b@example.org", READER]
        # Three questions can be answered: an explanation is none. Four cores are to be scored.
        assert rows == {
            study.slide_id: (3, (1, 1), (1, 1)),
            study.second_slide_id: (3, (0, 0), (0, 0)),
            study.tma_id: (12, (0, 0), (0, 0)),
        }


def test_only_mandatory_answers_are_needed_where_there_are_any(database):
    with database.writing() as session:
        study = study_with(session, Grade={"mandatory": True})
        save(
            session,
            study,
            row(study.slide_id, "Grade", "Low"),
            row(study.slide_id, "Remarks", "more"),
        )

        _, rows = rows_of(session, study)

        assert rows[study.slide_id] == (1, (2,), (1,))
        assert rows[study.tma_id][0] == 4


def test_a_question_that_depends_on_another_is_not_needed(database):
    condition = {"question": "Grade", "comparison": "is", "answer": "High"}
    with database.writing() as session:
        study = study_with(session, Remarks={"condition": condition})

        assert rows_of(session, study)[1][study.slide_id][0] == 2


def test_cores_that_are_ignored_or_not_there_do_not_count(database):
    with database.writing() as session:
        study = study_with(session)
        answer_cores(session, study, (0, 0), (0, 1), (0, 2))

        assert rows_of(session, study)[1][study.tma_id] == (12, (1,), (1,))


def answer_cores(session, study, *places):
    for row_number, column in places:
        core = {"tma_row": row_number, "tma_column": column, "tma_sample": ""}
        save(session, study, row(study.tma_id, "Grade", "Low", **core))


def test_controls_and_cores_missing_on_a_slide_do_not_count(database):
    with database.writing() as session:
        study = study_with(session)
        first, *_, control = session.exec(
            select(Core).where(Core.sample != "", ~Core.is_ignored).order_by(Core.id)
        ).all()
        grid = session.get(TmaMap, first.tma_map_id)
        places = [[0, 0, 1, 0] for _ in range(grid.row_count * grid.column_count)]
        places[first.row * grid.column_count + first.column][3] = 1
        control.is_control = True
        session.add(
            CoreLayout(
                slide_id=study.tma_id,
                made_from="",
                is_sure=True,
                diameter=9,
                places=json.dumps(places),
            )
        )
        session.flush()
        answer_cores(session, study, (first.row, first.column), (control.row, control.column))

        assert rows_of(session, study)[1][study.tma_id] == (6, (0,), (0,))
        found, _ = progress.find_next(
            session, TOKEN, study_id=study.id, email=READER, after=study.second_slide_id
        )
        assert found.core[:2] == (1, 0)

        places.pop()
        layout = session.exec(select(CoreLayout)).one()
        layout.places = json.dumps(places)
        session.flush()

        assert rows_of(session, study)[1][study.tma_id] == (9, (1,), (1,)), "found by another map"


def test_questions_about_cases_have_rows_of_their_own(database):
    with database.writing() as session:
        study = study_with(session, Diagnosis={"per_case": True})
        save(session, study, row(None, "Diagnosis", "carcinoma", case_name="C1"))

        _, rows = rows_of(session, study)

        assert rows[f"case {study.case_id}"] == (1, (1,), (1,))
        assert rows[study.second_slide_id] == (2, (0,), (0,))


def test_members_who_may_score_are_readers_before_they_answer(database):
    with database.writing() as session:
        study = study_with(session)
        member(session, study, email="idle@example.org", can_score=True)
        member(session, study, email="viewer@example.org")

        assert rows_of(session, study)[0] == ["idle@example.org"]


def test_somebody_who_only_scores_sees_only_their_own_progress(database):
    with database.writing() as session:
        study = study_with(session)
        mine = member(session, study, can_score=True)
        save(session, study, row(study.slide_id, "Grade", "Low", email="other@example.org"))

        readers, rows = rows_of(session, study, mine)
        session.get(Study, study.id).settings = json.dumps({"showotherpeoplesscores": "true"})
        session.flush()

        assert (readers, rows[study.slide_id]) == ([READER], (3, (0,), (0,)))
        assert rows_of(session, study, mine)[0] == ["other@example.org", READER]


def test_progress_is_not_told_to_viewers_nor_to_tokens_without_the_right(database):
    with database.writing() as session:
        study = study_with(session)
        viewer = member(session, study)
        weak = Actor(label="token:2", token_id=2, rights=ALL_RIGHTS - {Right.CAN_GET_ANY_SCORES})

        for actor in (viewer, weak):
            with pytest.raises(RightsError):
                rows_of(session, study, actor)
            with pytest.raises(RightsError):
                next_of(session, study, actor)
        with pytest.raises(NotFoundError):
            progress.find_progress(session, TOKEN, study_id=study.id + 1)


def test_the_next_thing_is_the_first_that_is_missing_in_the_order_of_the_study(database):
    with database.writing() as session:
        study = study_with(session, Diagnosis={"per_case": True}, Grade={"mandatory": True})
        session.exec(select(Question).where(Question.name == "Diagnosis")).one().flags = json.dumps(
            {"per_case": True, "mandatory": True}
        )
        session.flush()
        told = []
        for answered in (
            row(study.slide_id, "Grade", "Low"),
            row(study.second_slide_id, "Grade", "Low"),
            row(None, "Diagnosis", "x", case_name="C1"),
            *(
                row(study.tma_id, "Grade", "Low", tma_row=at[0], tma_column=at[1], tma_sample="")
                for at in ((0, 2), (1, 0), (1, 1), (1, 2))
            ),
        ):
            told.append(next_of(session, study))
            save(session, study, answered)

        assert told == [
            ((study.slide_id, None, False, "Grade"), 3),
            ((study.second_slide_id, None, False, "Grade"), 2),
            ((study.second_slide_id, None, True, "Diagnosis"), 2),
            ((study.tma_id, (0, 2), False, "Grade"), 1),
            ((study.tma_id, (1, 0), False, "Grade"), 1),
            ((study.tma_id, (1, 1), False, "Grade"), 1),
            ((study.tma_id, (1, 2), False, "Grade"), 1),
        ]
        assert next_of(session, study) == (None, 0)


def test_the_next_slide_is_looked_for_after_the_one_at_hand_and_then_from_the_start(database):
    with database.writing() as session:
        study = study_with(session, Grade={"mandatory": True})
        at_hand = {"after": study.slide_id}

        assert next_of(session, study, **at_hand)[0][0] == study.second_slide_id
        assert next_of(session, study, after=study.tma_id)[0][0] == study.slide_id
        for slide_id in (study.second_slide_id,):
            save(session, study, row(slide_id, "Grade", "Low"))
        assert next_of(session, study, **at_hand)[0][0] == study.tma_id
        with pytest.raises(NotFoundError):
            next_of(session, study, after=10**6)


def test_people_ask_for_their_own_next_slide_and_editors_for_anybodys(database):
    with database.writing() as session:
        study = study_with(session)
        mine = member(session, study, can_score=True)
        editor = member(session, study, email="e@example.org", can_score=True, can_edit=True)

        assert next_of(session, study, mine, email=None)[1] == 3
        assert next_of(session, study, editor, email="nobody.yet@example.org")[1] == 3
        with pytest.raises(RightsError):
            next_of(session, study, mine, email="e@example.org")
        with pytest.raises(InputError, match="email is missing"):
            next_of(session, study, TOKEN, email=None)
