"""Annotation files: asked for, taken in, answered with."""

from __future__ import annotations

import gzip
import json

import pytest
from slidescore.lib.image_utils import encode_png
from sqlmodel import select

from records.errors import ConflictError, InputError
from records.tables import AnnotationFile, Answer, Core
from tests.scoring.anno2_files import metadata, points_zip, zipped
from tests.scoring.builders import READER, deeds, kept

POINTS = points_zip([{"x": 10, "y": 20}, {"x": 30, "y": 40}])


def create(room, **more):
    parameters = {
        "studyid": room.study.id,
        "imageId": room.study.slide_id,
        "question": "Cells",
        "email": READER,
        **more,
    }
    return room.call("CreateAnno2", **parameters).json()


def answers(room):
    return room.call("Scores", studyId=room.study.id).json()


def test_uploaded_file_becomes_the_answer_and_is_kept_byte_for_byte(room, tmp_path):
    made = create(room)

    assert made["success"] is True
    assert made["uploadToken"] == "ticket-1"
    assert answers(room) == []
    room.arrive(made["annoUUID"], POINTS, tmp_path)
    (answer,) = answers(room)
    # Source: slidescore.md 3.6: clients parse every answer that begins with [{.
    assert json.loads(answer["answer"]) == [{"type": "anno2", "annoUUID": made["annoUUID"]}]
    (path,) = room.stores.annotations.root.rglob("*.anno2")
    assert path.read_bytes() == POINTS
    with room.database.reading() as session:
        file = session.exec(select(AnnotationFile)).one()
        assert (file.kind, file.item_count, file.byte_count) == ("points", 2, len(POINTS))
        assert session.exec(select(Answer)).one().annotation_file_id == file.id
        assert deeds(session)[1:] == [
            "annotation_file.request",
            "annotation_file.store",
            "answers.save",
        ]


def test_newer_file_replaces_the_older_answer_and_leaves_it_as_history(room, tmp_path):
    first, second = create(room), create(room)

    room.arrive(first["annoUUID"], POINTS, tmp_path)
    room.arrive(second["annoUUID"], gzip.compress(b'[{"x":1,"y":2}]'), tmp_path)

    assert second["annoUUID"] in answers(room)[0]["answer"]
    with room.database.reading() as session:
        assert [is_current for _, _, is_current in kept(session)] == [False, True]
    assert len(list(room.stores.annotations.root.rglob("*.anno2"))) == 2


def test_answer_that_refers_to_a_file_can_be_sent_again(room, tmp_path):
    made = create(room)
    room.arrive(made["annoUUID"], POINTS, tmp_path)
    table = room.call("Scores", accept="", studyId=room.study.id).text

    reply = room.call("UploadResults", studyId=room.study.id, results=table).json()

    assert reply["log"] == "1 answer: 0 new, 0 changed, 1 unchanged"


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", zipped({"system_metadata.json": b"{}"})])
def test_file_that_is_none_is_refused_and_nothing_is_kept(room, tmp_path, data):
    made = create(room)

    with pytest.raises(InputError):
        room.arrive(made["annoUUID"], data, tmp_path)

    assert answers(room) == []
    assert list(room.stores.annotations.root.rglob("*.*")) == []
    room.arrive(made["annoUUID"], POINTS, tmp_path)
    assert len(answers(room)) == 1


def test_file_arrives_once(room, tmp_path):
    made = create(room)
    room.arrive(made["annoUUID"], POINTS, tmp_path)

    with pytest.raises(ConflictError, match="was uploaded already"):
        room.arrive(made["annoUUID"], POINTS, tmp_path)


def test_orphan_is_kept_and_answers_nothing(room, tmp_path):
    made = room.call("CreateOrphanAnno2").json()

    room.arrive(made["annoUUID"], POINTS, tmp_path)

    assert made["success"] is True
    assert answers(room) == []
    assert len(list(room.stores.annotations.root.rglob("*.anno2"))) == 1


def test_cores_and_cases_are_answered_by_files(room, tmp_path):
    with room.database.reading() as session:
        core_id = session.exec(select(Core.id).order_by(Core.row, Core.column)).first()
    core = create(room, imageId=room.study.tma_id, tmaCoreId=core_id, question="Regions")
    case = create(room, imageId=None, caseId=room.study.case_id)
    for made in (core, case):
        room.arrive(made["annoUUID"], POINTS, tmp_path)

    found = answers(room)

    assert (found[0]["tmaRow"], found[0]["tmaCol"]) == (0, 0)
    assert (found[1]["imageID"], found[1]["caseName"]) == (None, "C1")


def test_question_is_found_by_its_id(room, tmp_path):
    made = create(room, question=None, scoreId=5)

    room.arrive(made["annoUUID"], POINTS, tmp_path)

    assert answers(room)[0]["question"] == "Regions"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"question": None}, "question or scoreId is missing"),
        ({"question": "Nonsense"}, "there is no question 'Nonsense'"),
        ({"question": "Cells", "scoreId": 5}, "there is no question 'Cells'"),
        ({"question": "Remarks"}, "question 'Remarks' is of type FreeText; expected a type of"),
        ({"imageId": 999}, "imageId 999 is no slide of study"),
        ({"imageId": None}, "expected the imageId of a slide, or the caseId"),
        ({"imageId": None, "caseId": 999}, "expected the imageId of a slide, or the caseId"),
        ({"tmaCoreId": 1}, "tmaCoreId 1 is no core of slide"),
        ({"email": "nobody"}, "'nobody' is no e-mail address"),
        ({"email": None}, "the parameter email is missing"),
        ({"studyid": 999}, "there is no study 999"),
    ],
)
def test_file_that_could_not_be_an_answer_is_not_asked_for(room, changes, told):
    reply = create(room, **changes)

    assert reply["success"] is False
    assert told in reply["error"]
    with room.database.reading() as session:
        assert session.exec(select(AnnotationFile)).all() == []


def test_file_for_a_study_that_may_not_be_modified_is_refused(room):
    token = room.make_token("CanUploadScores", modify_studies=("other",))

    assert room.call("CreateAnno2", token=token, studyId=1, email=READER).status_code == 401
    reading = room.make_token("CanGetAnyScores")
    assert room.call("CreateOrphanAnno2", token=reading).status_code == 401


def test_heat_map_counts_its_values(room, tmp_path):
    made = create(room, question="Regions")
    data = zipped(
        {
            "system_metadata.json": metadata("heatmap"),
            "heatmap.png": encode_png([[1, 2, 3]], 3, 1, 8),
            "heatmap_metadata.json": b'{"x":0,"y":0,"sizePerPixel":8}',
        }
    )

    room.arrive(made["annoUUID"], data, tmp_path)

    with room.database.reading() as session:
        file = session.exec(select(AnnotationFile)).one()
        assert (file.kind, file.item_count) == ("heatmap", 3)
