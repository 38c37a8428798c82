"""What the settings of a study do to answers: rewriting, others' answers, hidden names."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from records.database import Database
from records.errors import ConflictError, NotFoundError
from records.tables import Slide, Study
from scoring import agreement_data, answers, downloads, progress, versions
from scoring.downloads import Shape
from scoring.finding import AnswerFilter
from scoring.formats.results_tsv import Layout
from scoring.spreadsheets import Format
from tests.scoring.builders import NOW, found, make_study, member, row, save


@pytest.fixture
def database(either_database: Database) -> Database:
    return either_database


def restricted_study(session, **settings):
    study = make_study(session)
    kept_study = session.get(Study, study.id)
    kept_study.settings = json.dumps(settings)
    session.add(kept_study)
    return study


def test_study_that_forbids_rewriting_keeps_what_its_readers_gave_first(database):
    with database.writing() as session:
        study = restricted_study(session, disallowrewritingscores="true")
        person = member(session, study, can_score=True)
        save(session, study, row(study.slide_id, "Tumour", "5", email=person.email), actor=person)

        same = save(
            session, study, row(study.slide_id, "Tumour", "5", email=person.email), actor=person
        )
        with pytest.raises(ConflictError, match="keeps answers as they were first given"):
            save(
                session, study, row(study.slide_id, "Tumour", "6", email=person.email), actor=person
            )

        assert same.saved.unchanged == 1


@pytest.mark.parametrize(
    ("settings", "rights"),
    [
        ({"disallowrewritingscores": "true", "allowchangingscores": "true"}, {}),
        ({"disallowrewritingscores": "true"}, {"can_edit": True}),
        ({"disallowrewritingscores": "false"}, {}),
    ],
)
def test_answers_are_rewritten_where_the_study_or_the_right_allows(database, settings, rights):
    with database.writing() as session:
        study = restricted_study(session, **settings)
        person = member(session, study, can_score=True, **rights)
        mine = row(study.slide_id, "Tumour", "5", email=person.email)
        save(session, study, mine, actor=person)

        changed = save(session, study, replace(mine, value="6"), actor=person)

        assert changed.saved.changed == 1


@pytest.mark.parametrize(("shown", "count"), [("false", 1), ("true", 2)])
def test_person_who_only_scores_finds_others_answers_when_the_study_shows_them(
    database, shown, count
):
    with database.writing() as session:
        study = restricted_study(session, showotherpeoplesscores=shown)
        person = member(session, study, can_score=True)
        save(session, study, row(study.slide_id, "Tumour", "5", email=person.email), actor=person)
        save(session, study, row(study.slide_id, "Tumour", "6", email="other@example.org"))

        assert len(found(session, study, actor=person)) == count
        layout = answers.results_layout(session, person, study_id=study.id, wanted=AnswerFilter())
        assert layout == Layout()


HIDING = [{"hideslidenames": "true"}, {"showslidenames": "false"}]


def hiding_study(session, **settings):
    """Give a study whose slides and cores were answered by two people."""
    study = restricted_study(session, **settings)
    session.get(Slide, study.slide_id).name = "secret name"
    session.flush()
    save(session, study, row(study.slide_id, "Grade", "High", email="a@example.org"))
    save(session, study, row(study.slide_id, "Grade", "Low", email="b@example.org"))
    core = {"tma_row": 0, "tma_column": 1, "tma_sample": "S01"}
    save(session, study, row(study.tma_id, "Grade", "Low", email="a@example.org", **core))
    return study


def everything_told(session, study, actor) -> str:
    """Return all that somebody is told about answers, by every use-case."""
    told = [repr(found(session, study, actor=actor))]
    told.append(
        repr(list(versions.find_versions(session, actor, study_id=study.id, wanted=AnswerFilter())))
    )
    for shape in Shape:
        table = downloads.make_table(
            session, actor, study_id=study.id, shape=shape, form=Format.TSV
        )
        told.append(repr(list(table.rows)))
    rated = agreement_data.find_ratings(session, actor, study_id=study.id, question="Grade")
    told.append(repr(rated.ratings.subjects))
    told.append(repr(list(progress.find_progress(session, actor, study_id=study.id).rows)))
    told.append(repr(progress.find_next(session, actor, study_id=study.id, email=None, after=None)))
    return "\n".join(told)


@pytest.mark.parametrize("hiding", HIDING)
def test_hidden_slide_names_are_told_to_nobody_who_may_not_edit(database, hiding):
    with database.writing() as session:
        study = hiding_study(session, **hiding)
        reader = member(session, study, can_score=True, can_get_results=True)
        editor = member(
            session,
            study,
            email="editor@example.org",
            can_score=True,
            can_get_results=True,
            can_edit=True,
        )

        told = everything_told(session, study, reader)

        assert "secret name" not in told
        assert told.count(f"Slide {study.slide_id}") >= 7
        assert "S01" in told
        assert "secret name" in everything_told(session, study, editor)
        assert "secret name" in repr(found(session, study))


def test_hidden_samples_are_told_to_nobody_who_may_not_edit(database):
    with database.writing() as session:
        study = hiding_study(session, showtmasampleids="false")
        reader = member(session, study, can_score=True, can_get_results=True)

        told = everything_told(session, study, reader)

        assert "S01" not in told
        assert "secret name" in told
        assert "S01" in repr(found(session, study))


def test_names_are_told_when_the_study_hides_none(database):
    with database.writing() as session:
        study = hiding_study(session, hideslidenames="false", showtmasampleids="true")
        reader = member(session, study, can_score=True, can_get_results=True)

        told = everything_told(session, study, reader)

        assert "secret name" in told
        assert "S01" in told


def test_notes_on_names_that_differ_do_not_tell_hidden_ones(database):
    with database.writing() as session:
        study = hiding_study(session, hideslidenames="true", showtmasampleids="false")
        reader = member(session, study, can_score=True)
        core = {"tma_row": 0, "tma_column": 1, "tma_sample": "a guess"}
        rows = [
            row(study.slide_id, "Remarks", "x", email=reader.email, slide_name="a guess"),
            row(study.tma_id, "Remarks", "x", email=reader.email, **core),
        ]

        by_reader = save(session, study, *rows, actor=reader)
        by_token = save(session, study, *rows)

        assert by_reader.notes == ()
        assert "'secret name'" in by_token.notes[0]
        assert "'S01'" in by_token.notes[1]


def test_whether_others_answered_is_not_told_by_restoring(database):
    with database.writing() as session:
        study = restricted_study(session)
        reader = member(session, study, can_score=True)
        save(session, study, row(study.slide_id, "Tumour", "6", email="other@example.org"))
        [theirs] = found(session, study)
        told = []
        for answer_id in (theirs.id, theirs.id + 1000):
            with pytest.raises(NotFoundError) as error:
                versions.restore_answer(
                    session,
                    reader,
                    study_id=study.id,
                    answer_id=answer_id,
                    version=None,
                    now=NOW,
                )
            told.append(str(error.value).replace(f"answer {answer_id}", "answer N"))

        assert told[0] == told[1]
