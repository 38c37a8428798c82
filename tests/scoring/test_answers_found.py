"""Answers found: filters, the columns of their table, their text, and the index that finds them."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import event
from sqlmodel import select

from records.database import Database
from records.tables import Study
from scoring import answers, history
from scoring.finding import AnswerFilter
from scoring.formats import results_tsv
from scoring.formats.results_tsv import Layout
from tests.scoring.builders import TOKEN, found, found_rows, make_study, row, save


@pytest.fixture
def database(either_database: Database) -> Database:
    return either_database


@pytest.mark.parametrize(
    ("wanted", "values"),
    [
        ({}, ["a", "b", "c", "d"]),
        ({"question": "Remarks"}, ["a", "c", "d"]),
        ({"question": "Nonsense"}, []),
        ({"email": "SECOND@example.org"}, ["c"]),
        ({"email": "nobody@example.org"}, []),
    ],
)
def test_filters_leave_the_answers_that_are_wanted(database, wanted, values):
    with database.writing() as session:
        study = make_study(session)
        save(
            session,
            study,
            row(study.slide_id, "Remarks", "a"),
            row(study.slide_id, "Tumour", "5"),
            row(study.second_slide_id, "Remarks", "c", email="second@example.org"),
            row(None, "Remarks", "d", case_name="C1"),
        )

        got = [entry.value.replace("5", "b") for entry in found_rows(session, study, **wanted)]

        assert got == values


def test_filter_by_slide_and_by_case(database):
    with database.writing() as session:
        study = make_study(session)
        save(
            session,
            study,
            row(study.slide_id, "Remarks", "a"),
            row(study.second_slide_id, "Remarks", "of a slide of the case"),
            row(None, "Remarks", "of the case", case_name="C1"),
        )

        assert [entry.value for entry in found_rows(session, study, slide_id=study.slide_id)] == [
            "a"
        ]
        assert [entry.value for entry in found_rows(session, study, case_id=study.case_id)] == [
            "of a slide of the case",
            "of the case",
        ]
        assert found(session, study, slide_id=999) == []


def test_table_has_columns_for_cases_and_cores_only_where_there_are_any(database):
    with database.writing() as session:
        study = make_study(session)
        save(session, study, row(study.slide_id, "Remarks", "a"))

        def layout(**wanted: object) -> Layout:
            return answers.results_layout(
                session, TOKEN, study_id=study.id, wanted=AnswerFilter(**wanted)
            )

        assert layout() == Layout(cases=False, cores=False)
        save(session, study, row(study.tma_id, "Remarks", "x", tma_row=0, tma_column=0))
        assert layout() == Layout(cases=False, cores=True)
        save(session, study, row(None, "Remarks", "x", case_name="C1"))
        assert layout() == Layout(cases=True, cores=True)
        assert layout(slide_id=study.slide_id) == Layout(cases=False, cores=False)


def test_answers_of_another_study_are_never_found(database):
    with database.writing() as session:
        study, other = make_study(session), make_study(session, name="other")
        save(session, study, row(study.slide_id, "Remarks", "a"))

        assert found(session, other) == []
        assert found(session, other, slide_id=study.slide_id) == []


ONE_LINE = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=30)


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(ONE_LINE, min_size=1, max_size=4), st.booleans())
def test_any_text_comes_out_of_the_table_as_it_went_in(database, texts, about_core):
    with database.writing() as session:
        study = make_study(session, name=f"study{session.exec(select(Study.id)).all()!r}")
        core = {"tma_row": 1, "tma_column": 1, "tma_sample": "S11"} if about_core else {}
        slide_id = study.tma_id if about_core else study.slide_id
        name = "tma" if about_core else "one"
        rows = [
            row(slide_id, "Remarks", text, slide_name=name, email=f"r{index}@b.org", **core)
            for index, text in enumerate(texts)
        ]

        save(
            session,
            study,
            *results_tsv.parse(results_tsv.write(results_tsv.Results(tuple(rows)))).rows,
        )

        assert [entry.value for entry in found_rows(session, study)] == texts


@pytest.mark.parametrize("either_database", ["sqlite"], indirect=True)
def test_current_answers_are_found_by_their_index(database):
    statements = []
    with database.writing() as session:
        event.listen(
            session.connection().engine,
            "before_cursor_execute",
            lambda _c, _cursor, statement, parameters, *_: statements.append(
                (statement, parameters)
            ),
        )
        history.find_current(session, [(1, 2, "slide:3"), (4, 5, "case:6")])
        ((statement, parameters),) = statements
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)

        told = " ".join(str(line[-1]) for line in plan)

    assert "uq_answer_current (question_id=? AND user_id=? AND subject=?)" in told
