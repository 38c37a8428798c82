"""The call about agreement, from answers in the database to JSON and the table."""

from __future__ import annotations

import csv
import io

import pytest
from sqlmodel import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from access import rights, tokens
from access.calls import Door
from access.tokens import NewApiToken
from records.errors import InputError, NotFoundError
from records.tables import Slide
from scoring import agreement_data, agreement_routes, answers
from scoring.agreement.ratings import MISSING
from tests.scoring import builders
from tests.scoring.builders import LATER, NOW, TOKEN, row

QUESTIONS = {
    "Grade": ("DropDown", "Grade 1;Grade 2;Grade 3"),
    "Share": ("Percentage", ""),
    "Type": ("FreeText", ""),
    "Cells": ("AnnoPoints", "#e6194b"),
}
ANNA, BEN, CARL = "anna@example.org", "ben@example.org", "carl@example.org"
JSON = "application/json"
TABLE = "text/tab-separated-values"


@pytest.fixture
def study(database):
    """Give a study with eight more slides."""
    with database.writing() as session:
        made = builders.make_study(session, questions=QUESTIONS)
        for index in range(8):
            session.add(Slide(study_id=made.id, name=f"S{index}", path=f"x/{index}", position=9))
    return made


@pytest.fixture
def slides(database, study):
    with database.reading() as session:
        query = select(Slide.id).where(Slide.study_id == study.id, Slide.position == 9)
        return list(session.exec(query.order_by(Slide.id)))


@pytest.fixture
def client(database):
    door = Door(database, lambda: NOW)
    calls = agreement_routes.calls(agreement_routes.AgreementEndpoints())
    with TestClient(Starlette(routes=[call.route(door) for call in calls])) as client:
        yield client


def save(database, study, rows, now=NOW):
    with database.writing() as session:
        answers.save_results(session, TOKEN, study_id=study.id, rows=rows, now=now)


def graded(slides, **grades):
    """Make rows of grades, a string of figures per reader; a dot is no answer."""
    return [
        row(slide, "Grade", f"Grade {figure}", email=f"{name}@example.org")
        for name, figures in grades.items()
        for slide, figure in zip(slides, figures, strict=True)
        if figure != "."
    ]


def find(database, study, question="Grade", **more):
    with database.reading() as session:
        return agreement_data.find_ratings(
            session, TOKEN, study_id=study.id, question=question, **more
        )


def ask(client, database, *, granted="all", accept=JSON, **parameters):
    with database.writing() as session:
        token = tokens.issue_api_token(
            session, rights.COMMAND_LINE, NewApiToken(name="t", rights=rights.parse_rights(granted))
        )
    headers = {"Authorization": f"Bearer {token}", "Accept": accept}
    return client.get("/Api/Agreement", params={"draws": 200} | parameters, headers=headers)


def test_ratings_are_subjects_by_readers_in_the_studys_order(database, study, slides):
    save(database, study, graded(slides, ben="1123.321", anna="11233321"))

    ratings = find(database, study).ratings

    assert ratings.readers == (ANNA, BEN)
    assert ratings.subjects == tuple(f"S{index}" for index in range(8))
    assert ratings.codes.T.tolist() == [[0, 0, 1, 2, 2, 2, 1, 0], [0, 0, 1, 2, MISSING, 2, 1, 0]]


def test_cores_and_cases_are_subjects_beside_slides(either_database):
    with either_database.writing() as session:
        study = builders.make_study(session, questions=QUESTIONS)
    rows = [
        row(study.tma_id, "Grade", "Grade 1", tma_row=1, tma_column=2, tma_sample="S12"),
        row(study.tma_id, "Grade", "Grade 2", tma_row=0, tma_column=1, tma_sample="S01"),
        row(None, "Grade", "Grade 3", case_name="C1"),
        row(study.slide_id, "Grade", "Grade 3"),
    ]
    save(either_database, study, rows)

    ratings = find(either_database, study).ratings

    told = list(zip(ratings.subjects, ratings.codes.ravel().tolist(), strict=True))
    assert told == [("one", 2), ("tma [0,1] S01", 1), ("tma [1,2] S12", 0), ("case C1", 2)]


def test_only_current_answers_count_and_cleared_ones_do_not(database, study, slides):
    save(database, study, graded(slides, anna="11111111"))
    save(database, study, [row(slides[0], "Grade", "Grade 3", email=ANNA)], now=LATER)
    save(database, study, [row(slides[1], "Grade", "", email=ANNA)], now=LATER)

    ratings = find(database, study).ratings

    assert ratings.codes.ravel().tolist() == [2, *[0] * 6]


def test_readers_may_be_chosen(database, study, slides):
    save(database, study, graded(slides, anna="11111111", ben="22222222", carl="33333333"))

    ratings = find(database, study, readers=[CARL, ANNA.upper()]).ratings

    assert ratings.readers == (ANNA, CARL)
    assert set(ratings.codes[:, 1].tolist()) == {2}
    with pytest.raises(NotFoundError, match="nobody@"):
        find(database, study, readers=["nobody@example.org"])


def test_too_many_answers_are_refused(database, study, slides, monkeypatch):
    save(database, study, graded(slides, anna="11111111"))
    monkeypatch.setattr(agreement_data, "MAX_ANSWERS", 7)

    with pytest.raises(InputError, match="more than 7 answers"):
        find(database, study)


def test_agreement_is_told_as_json(client, database, study, slides):
    save(database, study, graded(slides, anna="11223312", ben="11223321", carl="1122.311"))

    reply = ask(client, database, studyid=study.id, question="Grade")

    assert reply.status_code == 200
    told = reply.json()
    statistics = told.pop("statistics")
    confusion = told.pop("confusion")
    consensus = told.pop("consensus")
    assert told == {
        "studyId": study.id,
        "study": "study",
        "question": "Grade",
        "typeName": "DropDown",
        "scale": "ordinal",
        "reason": None,
        "level": 0.95,
        "draws": 200,
        "seed": 20260101,
        "readers": [
            {"email": ANNA, "answers": 8, "missing": 0},
            {"email": BEN, "answers": 8, "missing": 0},
            {"email": CARL, "answers": 7, "missing": 1},
        ],
        "subjects": 8,
        "answers": 23,
        "missing": 1,
        "setAside": 0,
        "categories": ["Grade 1", "Grade 2", "Grade 3"],
    }
    (cohen,) = [
        one
        for one in statistics
        if (one["name"], one["variant"], one["readers"])
        == ("cohenKappa", "unweighted", [ANNA, BEN])
    ]
    # 6 of 8 agree; marginals 3, 3, 2 of both: (0.75 - 22/64) / (1 - 22/64).
    assert cohen["value"] == pytest.approx((0.75 - 22 / 64) / (1 - 22 / 64))
    assert cohen["low"] < cohen["value"] <= cohen["high"]
    assert (cohen["subjects"], cohen["reason"]) == (8, None)
    (bias,) = [one for one in statistics if one["name"] == "bias"]
    assert (bias["value"], bias["low"], bias["high"]) == (None, None, None)
    assert "not numbers" in bias["reason"]
    assert confusion[1] == {"readers": [ANNA, BEN], "counts": [[2, 1, 0], [1, 2, 0], [0, 0, 2]]}
    assert consensus[6] == {
        "subject": "S6",
        "answer": "Grade 1",
        "tied": [],
        "votes": 2,
        "answers": 3,
        "least": None,
        "most": None,
    }


def test_agreement_is_told_as_a_table_to_who_asks(client, database, study, slides):
    save(database, study, graded(slides, anna="11223312", ben="11223321"))
    told = ask(client, database, studyId=study.id, question="Grade").json()["statistics"]

    reply = ask(client, database, accept=TABLE, studyId=study.id, question="Grade")

    assert reply.headers["content-type"].startswith(TABLE)
    lines = list(csv.DictReader(io.StringIO(reply.text), delimiter="\t"))
    assert len(lines) == len(told)
    for line, one in zip(lines, told, strict=True):
        assert line["Statistic"] == one["label"]
        assert line["Reason"] == (one["reason"] or "")
        for column, name in (("Value", "value"), ("Low", "low"), ("High", "high")):
            expected = None if one[name] is None else pytest.approx(one[name], rel=1e-9)
            assert (float(line[column]) if line[column] else None) == expected


@pytest.mark.parametrize(
    ("accept", "is_table"),
    [("*/*", False), (f"{JSON}, {TABLE}", False), (f"{TABLE};q=0", False), (TABLE.upper(), True)],
)
def test_json_is_what_others_get(client, database, study, accept, is_table):
    reply = ask(client, database, accept=accept, studyId=study.id, question="Grade")

    assert reply.headers["content-type"].startswith(TABLE) == is_table


def test_numbers_are_told_with_bias_and_correlations(client, database, study, slides):
    rows = [
        row(slide, "Share", str(share + shift), email=email)
        for email, shift in ((ANNA, 0), (BEN, 5))
        for slide, share in zip(slides, (5, 10, 20, 30, 50, 60, 80, 90), strict=True)
    ]
    save(database, study, rows)

    told = ask(client, database, studyId=study.id, question="Share").json()

    values = {one["name"]: one["value"] for one in told["statistics"]}
    assert values["bias"] == pytest.approx(-5)
    assert values["lowerLimit"] == pytest.approx(-5)
    assert values["icc31"] == pytest.approx(1)
    assert 0.95 < values["icc21"] < 1
    assert told["consensus"][0] | {"subject": ""} == {
        "subject": "",
        "answer": "7.5",
        "tied": [],
        "votes": 2,
        "answers": 2,
        "least": 5,
        "most": 10,
    }


def test_drawn_answers_are_not_measured_and_say_why(client, database, study):
    told = ask(client, database, studyId=study.id, question="Cells").json()
    table = ask(client, database, accept=TABLE, studyId=study.id, question="Cells").text

    assert "points drawn on the slide" in told["reason"]
    assert "statistics" not in told
    assert "points drawn on the slide" in table


def test_same_seed_gives_the_same_answer(client, database, study, slides):
    save(database, study, graded(slides, anna="11223312", ben="12223321"))

    def statistics(seed):
        reply = ask(client, database, studyId=study.id, question="Grade", seed=seed)
        return reply.json()["statistics"]

    assert statistics(1) == statistics(1)
    assert statistics(1) != statistics(2)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"question": "Nonsense"}, "no question 'Nonsense'"),
        ({"question": "Grade", "draws": 199}, "draws must be from 200 to 10000"),
        ({"question": "Grade", "draws": 10_001}, "draws must be"),
        ({"question": "Grade", "seed": -1}, "seed must be"),
        ({"question": "Grade", "scale": "ratio"}, "scale must be nominal, ordinal or interval"),
        ({"question": "Type", "scale": "ordinal"}, "no options"),
        ({"question": "Grade", "readers": "x@y.z"}, "x@y.z"),
        ({}, "question"),
    ],
)
def test_wrong_questions_are_told_with_success_false(client, database, study, parameters, said):
    reply = ask(client, database, studyId=study.id, **parameters)

    assert reply.status_code == 200
    assert reply.json()["success"] is False
    assert said in reply.json()["error"]


def test_answers_are_needed_the_right_for(client, database, study):
    for granted in ("CanUploadScores", "CanGetScores"):
        reply = ask(client, database, granted=granted, studyId=study.id, question="Grade")

        assert reply.status_code == 401
