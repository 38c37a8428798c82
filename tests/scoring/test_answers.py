"""Answers sent: all or nothing, history, authors, batches."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlmodel import select

from records import audit
from records.database import Database
from records.errors import InputError, NotFoundError
from records.tables import AnnotationFile, Answer, Slide, Study, StudyMember, User
from scoring import answers
from tests.scoring.builders import (
    LATER,
    NOW,
    READER,
    TOKEN,
    deeds,
    found,
    found_rows,
    kept,
    make_study,
    row,
    save,
)


@pytest.fixture
def database(either_database: Database) -> Database:
    return either_database


def test_answers_about_slides_cores_and_cases_come_back_as_they_were_sent(database):
    with database.writing() as session:
        study = make_study(session)

        saved = save(
            session,
            study,
            row(study.slide_id, "Remarks", " as sent "),
            row(study.tma_id, "Tumour", "30", tma_row=1, tma_column=2, tma_sample="S12"),
            row(None, "Remarks", "about the case", case_name="C1"),
            row(study.second_slide_id, "Grade", "High"),
        )

        assert (saved.saved.added, saved.saved.changed, saved.notes) == (4, 0, ())
        assert [
            (entry.slide_id, entry.slide_name, entry.case_name, entry.question, entry.value)
            for entry in found_rows(session, study)
        ] == [
            (study.slide_id, "one", None, "Remarks", " as sent "),
            (study.tma_id, "tma", None, "Tumour", "30"),
            (None, "", "C1", "Remarks", "about the case"),
            (study.second_slide_id, "two", "C1", "Grade", "High"),
        ]
        core = found_rows(session, study)[1]
        assert (core.tma_row, core.tma_column, core.tma_sample) == (1, 2, "S12")
        assert core.email == READER
        assert {entry.modified_at for entry in found(session, study)} == {NOW}


def test_sending_the_same_again_changes_nothing(database):
    with database.writing() as session:
        study = make_study(session)
        save(session, study, row(study.slide_id, "Remarks", "a"))

        again = save(session, study, row(study.slide_id, "Remarks", "a"), now=LATER)

        assert (again.saved.added, again.saved.changed, again.saved.unchanged) == (0, 0, 1)
        assert kept(session) == [(f"slide:{study.slide_id}", "a", True)]
        assert session.get(Study, study.id).answered_at == NOW


def test_new_answer_leaves_the_older_as_history(database):
    with database.writing() as session:
        study = make_study(session)
        save(session, study, row(study.slide_id, "Remarks", "a"))

        saved = save(session, study, row(study.slide_id, "Remarks", ""), now=LATER)

        subject = f"slide:{study.slide_id}"
        assert saved.saved.changed == 1
        assert kept(session) == [(subject, "a", False), (subject, "", True)]
        assert [entry.value for entry in found_rows(session, study)] == [""]
        newest = session.exec(select(Answer).where(Answer.is_current)).one()
        assert (newest.door, newest.actor, newest.created_at) == ("results", "token:1", LATER)
        assert session.get(Study, study.id).answered_at == LATER


def test_slide_and_its_cores_and_case_are_answered_apart(database):
    with database.writing() as session:
        study = make_study(session)

        save(
            session,
            study,
            row(study.tma_id, "Remarks", "slide"),
            row(study.tma_id, "Remarks", "core", tma_row=0, tma_column=0),
            row(study.tma_id, "Remarks", "other core", tma_row=0, tma_column=1),
        )

        assert len({subject for subject, _, _ in kept(session)}) == 3


def test_later_row_of_one_upload_holds_and_the_sender_is_told(database):
    with database.writing() as session:
        study = make_study(session)

        saved = save(
            session,
            study,
            row(study.slide_id, "Remarks", "first", line=2),
            row(study.slide_id, "Remarks", "second", line=5, email=READER.upper()),
        )

        assert kept(session) == [(f"slide:{study.slide_id}", "second", True)]
        assert saved.notes == ("line 2 is replaced by line 5",)


def test_any_wrong_row_refuses_the_whole_upload(database):
    with database.writing() as session:
        study = make_study(session)
        other = make_study(session, name="other")
        before = deeds(session)

        with pytest.raises(InputError) as caught:
            save(
                session,
                study,
                row(study.slide_id, "Remarks", "good"),
                row(study.slide_id, "Nonsense", "x", line=3),
                row(other.slide_id, "Remarks", "x", line=4),
                row(study.slide_id, "Tumour", "101", line=5),
                row(study.slide_id, "Remarks", "x", line=6, email="nobody"),
                row(None, "Remarks", "x", line=7, case_name="C9"),
                row(study.slide_id, "Remarks", "x", line=8, tma_row=0, tma_column=0),
                row(study.tma_id, "Remarks", "x", line=9, tma_row=2, tma_column=0),
            )

        assert caught.value.message.splitlines() == [
            "nothing was stored:",
            "line 3: Question 'Nonsense' is not in study study; its questions are: Remarks, "
            "Tumour, Grade, Cells, Regions",
            f"line 4: ImageID {other.slide_id} is no slide of study study",
            "line 5: Answer to 'Tumour': '101' is no answer to it; expected a number from 0 to 100",
            "line 6: By: 'nobody' is no e-mail address; expected name@example.org",
            "line 7: CaseName 'C9' is no case of study study",
            f"line 8: TMA Row 0: slide {study.slide_id} is no TMA, it has no map",
            f"line 9: TMA Row 2, TMA Col 0: the map of slide {study.tma_id} has no such core; "
            "rows and columns count from 0",
        ]
        assert kept(session) == []
        assert deeds(session) == before
        assert session.exec(select(User)).all() == []


def test_names_that_do_not_fit_the_ids_are_noted(database):
    with database.writing() as session:
        study = make_study(session)

        saved = save(
            session,
            study,
            row(study.slide_id, "Remarks", "x", slide_name="other", case_name="C1"),
            row(study.tma_id, "Remarks", "x", tma_row=0, tma_column=0, tma_sample="S99", line=3),
        )

        assert saved.saved.added == 2
        assert saved.notes == (
            f"line 2: slide {study.slide_id} is named 'one', not 'other'; the id was believed",
            f"line 2: slide {study.slide_id} belongs to no case, not to 'C1'; the id was believed",
            "line 3: the core holds sample 'S00', not 'S99'; the place was believed",
        )


def test_unknown_people_become_members_who_may_score(database):
    with database.writing() as session:
        study = make_study(session)

        save(session, study, row(study.slide_id, "Remarks", "x", email="New@Example.org"))

        user = session.exec(select(User)).one()
        member = session.exec(select(StudyMember)).one()
        assert (user.email, user.password_hash) == ("new@example.org", None)
        assert (member.user_id, member.can_score, member.can_edit) == (user.id, True, False)


def test_rights_of_a_member_are_not_changed_by_answers(database):
    with database.writing() as session:
        study = make_study(session)
        user = User(email=READER)
        session.add(user)
        session.flush()
        session.add(StudyMember(study_id=study.id, user_id=user.id, can_score=False))

        save(session, study, row(study.slide_id, "Remarks", "x"))

        assert [member.can_score for member in session.exec(select(StudyMember))] == [False]


def test_upload_is_in_the_audit_trail(database):
    with database.writing() as session:
        study = make_study(session)

        save(session, study, row(study.slide_id, "Remarks", "x"))

        assert deeds(session) == ["answers.save"]
        assert audit.examine(session).broken_id is None


def test_downloaded_reference_to_an_annotation_file_can_be_sent_again(database):
    with database.writing() as session:
        study = make_study(session)
        uuid = "8f51008c-9ede-e8b4-cba8-55a2cf6c73bf"
        file = AnnotationFile(uuid=uuid, study_id=study.id, arrived_at=NOW)
        session.add(file)
        session.flush()

        save(
            session,
            study,
            row(study.slide_id, "Cells", f'[{{"type":"anno2","annoUUID":"{uuid}"}}]'),
        )

        assert session.exec(select(Answer)).one().annotation_file_id == file.id


@pytest.mark.parametrize("changes", [{"arrived_at": None}, {"uuid": "other"}, {"study_id": 2}])
def test_reference_to_a_file_that_is_not_there_is_refused(database, changes):
    with database.writing() as session:
        study = make_study(session)
        make_study(session, name="second")
        uuid = "8f51008c-9ede-e8b4-cba8-55a2cf6c73bf"
        fields = {"uuid": uuid, "study_id": study.id, "arrived_at": NOW, **changes}
        session.add(AnnotationFile(**fields))
        session.flush()

        with pytest.raises(InputError, match="refers to an annotation file that is not there"):
            save(
                session,
                study,
                row(study.slide_id, "Cells", f'[{{"type":"anno2","annoUUID":"{uuid}"}}]'),
            )


def test_many_answers_are_kept_and_replaced_in_batches(database):
    with database.writing() as session:
        study = make_study(session)
        slides = [Slide(study_id=study.id, name=f"s{n}", path=f"study/s{n}") for n in range(250)]
        session.add_all(slides)
        session.flush()
        rows = [
            row(slide.id, "Remarks", "a", email=f"r{reader}@b.org", line=10 * place + reader + 2)
            for place, slide in enumerate(slides)
            for reader in range(10)
        ]
        save(session, study, *rows)

        saved = save(session, study, *(replace(entry, value="b") for entry in rows[:2100]))

        assert (saved.saved.added, saved.saved.changed) == (0, 2100)
        assert len(kept(session)) == 4600
        assert sum(is_current for _, _, is_current in kept(session)) == 2500


def test_unknown_study_is_not_found(database):
    with database.writing() as session, pytest.raises(NotFoundError):
        answers.save_results(session, TOKEN, study_id=99, rows=[], now=NOW)


def test_later_line_holds_however_far_it_is_from_the_earlier(database, monkeypatch):
    monkeypatch.setattr(answers, "_ROWS_AT_ONCE", 2)
    with database.writing() as session:
        study = make_study(session)
        save(session, study, row(study.slide_id, "Remarks", "old"))

        saved = save(
            session,
            study,
            row(study.slide_id, "Remarks", "new", line=2),
            row(study.slide_id, "Tumour", "1", line=3),
            row(study.second_slide_id, "Remarks", "other", line=4),
            row(study.slide_id, "Remarks", "newest", line=5),
            row(study.slide_id, "Tumour", "1", line=6),
            now=LATER,
        )

        assert (saved.saved.added, saved.saved.changed, saved.saved.unchanged) == (2, 1, 0)
        assert saved.notes == ("line 5 replaces an earlier line",)
        slide = f"slide:{study.slide_id}"
        assert kept(session) == [
            (slide, "old", False),
            (slide, "newest", True),
            (slide, "1", True),
            (f"slide:{study.second_slide_id}", "other", True),
        ]


def test_wrong_row_far_down_leaves_nothing_of_those_before_it(database, monkeypatch):
    monkeypatch.setattr(answers, "_ROWS_AT_ONCE", 2)
    with database.writing() as session:
        study = make_study(session)

    rows = [row(study.slide_id, "Remarks", "x", email=f"r{n}@b.org", line=n) for n in range(2, 9)]
    with (
        pytest.raises(InputError, match="line 9: Answer to 'Tumour'"),
        database.writing() as session,
    ):
        save(session, study, *rows, row(study.slide_id, "Tumour", "101", line=9))

    with database.reading() as session:
        assert kept(session) == []
        assert deeds(session) == []
        assert session.exec(select(User)).all() == []
