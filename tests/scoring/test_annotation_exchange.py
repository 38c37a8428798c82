"""Annotations out and in as files of every format, and answers made annotation files."""

from __future__ import annotations

import gzip
import io
import json
import zipfile

import pytest
from slidescore.lib.Decoder import Decoder
from sqlmodel import select

from records.tables import AnnotationFile, Answer, Question
from scoring import annotation_exchange, conversion
from scoring.formats import anno2
from scoring.marked import Losses, singly
from tests.scoring.builders import READER

POLYGON = {
    "type": "polygon",
    "points": [{"x": 10, "y": 10}, {"x": 90, "y": 10}, {"x": 90, "y": 95}, {"x": 8, "y": 90}],
}


def feature(x: float, group: str, **geometry: object) -> dict[str, object]:
    ring = [[x, 0], [x + 9, 0], [x + 9, 9], [x + 2, 15], [x, 9], [x, 0]]
    return {
        "type": "Feature",
        "geometry": geometry or {"type": "Polygon", "coordinates": [ring]},
        "properties": {"classification": {"name": group, "color": [200, 0, 10]}},
    }


def answers(room) -> dict[str, str]:
    found = room.call("Scores", studyId=room.study.id).json()
    return {answer["question"]: answer["answer"] for answer in found}


def give(room, question: str, value: object) -> None:
    row = f"{room.study.slide_id}\tone\t{READER}\t{question}\t{json.dumps(value)}"
    reply = room.call("UploadResults", studyid=room.study.id, results=f"\n{row}").json()
    assert reply["success"] is True, reply


def take(room, features: list[dict[str, object]], **more: object):
    text = json.dumps({"type": "FeatureCollection", "features": features})
    parameters = {"imageId": room.study.slide_id, "user": READER, "annotations": text, **more}
    return room.call("ImportAnnotations", **parameters).json()


def export(room, **more: object):
    return room.call(
        "ExportAnnotations", verb="GET", imageId=room.study.slide_id, user=READER, **more
    )


def test_classes_become_questions_and_come_out_again(room):
    points = feature(0, "Cells found", type="MultiPoint", coordinates=[[1, 2], [3, 4]])

    reply = take(room, [feature(0, "Stroma"), feature(50, "Nest"), feature(99, "Nest"), points])

    assert reply["success"] is True, reply
    found = answers(room)
    assert set(found) == {"Stroma", "Nest", "Cells found"}
    assert len(json.loads(found["Nest"])) == 2
    assert json.loads(found["Cells found"]) == [{"x": 1, "y": 2}, {"x": 3, "y": 4}]
    with room.database.reading() as session:
        nest = session.exec(select(Question).where(Question.name == "Nest")).one()
        assert nest.values_allowed == "#c8000a"
    exported = export(room).json()["features"]
    classes = [entry["properties"]["classification"] for entry in exported]
    assert classes == [
        {"name": name, "color": [200, 0, 10]} for name in ("Stroma", "Nest", "Nest", "Cells found")
    ]


def test_import_into_one_question_replaces_its_answer(room):
    take(room, [feature(0, "a")], question="Regions")

    take(room, [feature(7, "b"), feature(9, "c")], question="Regions")

    assert len(json.loads(answers(room)["Regions"])) == 2


@pytest.mark.parametrize("form", [*conversion.FORMATS])
def test_every_format_is_exported_and_read_back(room, form):
    give(room, "Regions", [POLYGON])

    reply = export(room, format=form, question="Regions")

    assert reply.status_code == 200, reply.text
    assert 'filename="one' in reply.headers["content-disposition"]
    stream = io.BytesIO(reply.content)
    assert conversion.by_content(stream).name == form
    (found,) = singly(conversion.read(stream, Losses()))
    corners = [[point["x"], point["y"]] for point in POLYGON["points"]]
    assert found.shape.outline.array.tolist() == corners


def test_losses_are_told_in_a_header(room):
    give(
        room, "Regions", [{"type": "ellipse", "center": {"x": 9, "y": 9}, "size": {"x": 3, "y": 4}}]
    )

    assert export(room, format="asap").headers["x-annotation-losses"] == (
        "1 x ellipse written as a polygon"
    )


def test_numbers_past_all_pixels_are_kept_as_they_are(room):
    line = feature(0, "Far", type="LineString", coordinates=[[0, 0], [1e308, 5]])

    reply = take(room, [line])

    assert reply["success"] is True, reply
    (shape,) = json.loads(answers(room)["Far"])
    assert shape["points"][1]["x"] == 1e308


def test_large_import_becomes_an_annotation_file(room, monkeypatch):
    monkeypatch.setattr(annotation_exchange, "TEXT_CHARS", 1000)

    reply = take(room, [feature(20 * number, "Nuclei") for number in range(50)])

    assert reply["success"] is True, reply
    (link,) = json.loads(answers(room)["Nuclei"])
    assert link["type"] == "anno2"
    with room.database.reading() as session:
        file = session.exec(select(AnnotationFile)).one()
        assert (file.uuid, file.kind, file.item_count) == (link["annoUUID"], "polygons", 50)
    exported = export(room, question="Nuclei").json()["features"]
    assert len(exported) == 50
    assert exported[3]["geometry"]["coordinates"][0][0] == [60, 0]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"annotations": ""}, "annotations is empty"),
        ({"annotations": "hello"}, "the file is none of GeoJSON"),
        ({"annotations": "[{}]"}, "annotation 1: a point has no x"),
        ({"annotations": "[NaN]"}, "is no JSON"),
        ({"format": "dwg"}, "'dwg' is no format; there are: geojson, asap"),
        ({"question": "Nobody asked"}, "has no question 'Nobody asked'"),
        ({"question": "Cells"}, "is of type AnnoPoints; it takes no shapes"),
        ({"imageId": 999_999}, "slide"),
        ({"annotations": '<!DOCTYPE a [<!ENTITY b "c">]><ASAP_Annotations/>'}, "DOCTYPE"),
    ],
)
def test_wrong_import_is_refused_and_nothing_is_stored(room, changes, told):
    reply = take(room, [feature(0, "Fresh")], **changes)

    assert reply["success"] is False
    assert told in str(reply)
    assert answers(room) == {}
    with room.database.reading() as session:
        assert session.exec(select(Question).where(Question.name == "Fresh")).first() is None


def test_import_and_export_need_their_rights(room):
    token = room.make_token("CanGetPixels")

    refused = [
        room.call(
            "ImportAnnotations",
            token=token,
            imageId=room.study.slide_id,
            user=READER,
            annotations="[]",
        ),
        room.call("ExportAnnotations", token=token, imageId=room.study.slide_id, user=READER),
        room.call("ConvertScoreValueToAnno2", token=token, scoreValueId=1),
        room.call("ConvertAnnotationToAnno2", token=token, studyId=room.study.id, email=READER),
    ]

    assert [reply.json()["success"] for reply in refused] == [False] * 4


def convert(room, **more: object):
    parameters = {
        "studyId": room.study.id,
        "imageId": room.study.slide_id,
        "question": "Regions",
        "email": READER,
        **more,
    }
    return room.call("ConvertAnnotationToAnno2", **parameters).json()


def test_answer_becomes_an_annotation_file_that_the_vendors_decoder_reads(room):
    give(room, "Regions", [POLYGON])

    made = convert(room, metadata='{"model": "v1"}')

    assert made["success"] is True, made
    link = [{"type": "anno2", "annoUUID": made["annoUUID"]}]
    assert json.loads(answers(room)["Regions"]) == link
    (path,) = room.stores.annotations.root.rglob("*.anno2")
    with zipfile.ZipFile(path) as archive:
        decoder = Decoder(archive)
        decoder.decode()
        assert json.loads(archive.read("user_metadata.json")) == {"model": "v1"}
    corners = [(point["x"], point["y"]) for point in POLYGON["points"]]
    assert decoder.items[0]["positiveVertices"] == corners
    # The text is history, and converting again changes nothing.
    assert convert(room) == made
    with room.database.reading() as session:
        assert len(session.exec(select(Answer)).all()) == 2


def test_answer_is_converted_by_its_id_too(room):
    give(room, "Cells", [{"x": 5, "y": 6}])
    (answer,) = room.call("Scores", studyId=room.study.id).json()

    made = room.call("ConvertScoreValueToAnno2", scoreValueId=answer["id"]).json()

    assert made["success"] is True, made
    (path,) = room.stores.annotations.root.rglob("*.anno2")
    with path.open("rb") as stream:
        assert anno2.parse(stream).kind == "points"
    gone = room.call("ConvertScoreValueToAnno2", scoreValueId=answer["id"]).json()
    assert gone["success"] is False


def test_answer_that_a_zip_cannot_hold_is_kept_as_compressed_text(room):
    line = {"type": "polyline", "points": POLYGON["points"]}
    give(room, "Regions", [POLYGON, line])

    assert convert(room)["success"] is True

    (path,) = room.stores.annotations.root.rglob("*.anno2")
    assert json.loads(gzip.decompress(path.read_bytes())) == [POLYGON, line]
    assert len(export(room, question="Regions").json()["features"]) == 2


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "there is no answer"),
        ({"metadata": "[1]"}, "metadata"),
        ({"metadata": '{"a": NaN}'}, "metadata is no JSON"),
        ({"question": "Nobody asked"}, "no question 'Nobody asked'"),
    ],
)
def test_wrong_conversion_is_refused(room, changes, told):
    reply = convert(room, **changes)

    assert reply["success"] is False
    assert told in str(reply)
