"""Answers through the calls themselves: out as they went in, or nothing changed at all."""

from __future__ import annotations

import json
import re
import string

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlmodel import select

from records.tables import Answer, StudyMember, User
from scoring.formats import annoshapes
from tests.scoring.builders import kept
from tests.scoring.strategies import ANSWERS

LINES = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=40)
NUMBERS = st.integers(0, 100).map(str) | st.floats(0, 100).map(lambda value: f"{value:.3f}")
# JSON may hold some control characters as they are, which no answer may; links need their file.
REFUSED = re.compile('[\x7f-\x9f]|"anno2"')
TYPED = st.one_of(
    st.tuples(st.just("Remarks"), LINES),
    st.tuples(st.just("Tumour"), NUMBERS),
    st.tuples(st.just("Grade"), st.sampled_from(["Low", "Middle", "High", "low", ""])),
    st.tuples(
        st.sampled_from(["Regions", "Cells"]),
        ANSWERS.map(annoshapes.write).filter(lambda text: not REFUSED.search(text)),
    ),
)
EMAILS = st.text(string.ascii_lowercase, min_size=1, max_size=8).map("{}@example.org".format)
SHAPES = ("slide", "core", "slide of a case", "core of a case", "case")
MANY = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
WRONG = (
    "{slide}\tone\tx@example.org\tNo such question\tx",
    "{slide}\tone\tx@example.org\tTumour\t101",
    "{slide}\tone\tno address\tRemarks\tx",
    "999999\tone\tx@example.org\tRemarks\tx",
    "{slide}\tone\tx@example.org\t0\t0\tS00\tRemarks\tx",
    "{tma}\ttma\tx@example.org\t9\t9\tS99\tRemarks\tx",
    "{tma}\ttma\tx@example.org\t1\t\tS10\tRemarks\tx",
    "no case\tx@example.org\tRemarks\tx",
    "{slide}\tone\tx@example.org\tRegions\t[{{",
    "{slide}\tone\tRemarks",
)


def cells(room, shape: str) -> list[str]:
    """Return the columns of a shape, with places for person, question and answer."""
    study, person, core = room.study, ["{email}"], ["1", "2", "S12"]
    said = ["{question}", "{value}"]
    return {
        "slide": [str(study.slide_id), "one", *person, *said],
        "core": [str(study.tma_id), "tma", *person, *core, *said],
        "slide of a case": ["C1", str(study.second_slide_id), "two", *person, *said],
        "core of a case": ["", str(study.tma_id), "tma", *person, *core, *said],
        "case": ["C1", *person, *said],
    }[shape]


def line(room, shape: str, email: str, question: str, value: str) -> str:
    made = {"{email}": email, "{question}": question, "{value}": value}
    return "\t".join(made.get(cell, cell) for cell in cells(room, shape))


def upload(room, *lines: str):
    table = "\n".join(["", *lines])
    return room.call("UploadResults", studyId=room.study.id, results=table).json()


@MANY
@given(st.sampled_from(SHAPES), EMAILS, TYPED)
def test_every_answer_comes_out_of_every_row_shape_byte_for_byte(room, shape, email, typed):
    question, value = typed
    sent = line(room, shape, email, question, value)
    wanted = {"studyId": room.study.id, "email": email, "question": question}

    assert upload(room, sent)["success"] is True
    told = room.call("Scores", **wanted).json()
    table = room.call("Scores", accept="text/plain", **wanted).content.decode()

    about = {"slide": room.study.slide_id, "slide of a case": room.study.second_slide_id}
    found = [
        row
        for row in told
        if row["imageID"] == (None if shape == "case" else about.get(shape, room.study.tma_id))
        and ("tmaRow" in row) == shape.startswith("core")
    ]
    assert [row["answer"] for row in found] == [value]
    # The table that was told goes in again, and changes nothing.
    again = room.call("UploadResults", studyId=room.study.id, results=table).json()
    assert f"0 new, 0 changed, {len(told)} unchanged" in again["log"]
    header, *rows = table.removesuffix("\n").split("\n")
    at = header.split("\t").index("Answer")
    assert sorted(row.split("\t")[at] for row in rows) == sorted(row["answer"] for row in told)


def everything(room) -> tuple[object, ...]:
    """Return all that an upload could change."""
    with room.database.reading() as session:
        people = session.exec(select(User.email).order_by(User.id)).all()
        members = session.exec(select(StudyMember.user_id).order_by(StudyMember.id)).all()
        history = room.call("ScoreHistory", studyId=room.study.id).json()
        return kept(session), people, members, json.dumps(history)


@MANY
@given(
    st.lists(st.tuples(st.sampled_from(SHAPES), EMAILS, TYPED), min_size=1, max_size=4),
    st.sampled_from(WRONG),
    st.integers(0, 4),
)
def test_a_refused_upload_changes_nothing_wherever_the_wrong_row_stands(room, right, wrong, place):
    lines = [line(room, shape, email, *typed) for shape, email, typed in right]
    upload(room, line(room, "slide", "before@example.org", "Remarks", "stands"))
    before = everything(room)
    place = min(place, len(lines))
    lines.insert(place, wrong.format(slide=room.study.slide_id, tma=room.study.tma_id))

    told = upload(room, *lines)

    assert told["success"] is False
    assert f"line {place + 2}" in told["log"]
    assert everything(room) == before


@pytest.mark.parametrize("sign", ["\t", "\n", "\r", "\0", "\x85", "\x1f"])
def test_what_a_line_cannot_carry_is_refused_and_named(room, sign):
    told = room.call(
        "SaveAnswer",
        studyId=room.study.id,
        imageId=room.study.slide_id,
        question="Remarks",
        answer=f"a{sign}b",
        email="x@example.org",
    )

    assert told.status_code == 400
    with room.database.reading() as session:
        assert session.exec(select(Answer)).all() == []
