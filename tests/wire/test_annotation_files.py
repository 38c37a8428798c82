"""Annotations as files over the wire: in and out in every format, and answers made anno2."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from slidescore.lib.Decoder import Decoder

from scoring.conversion import FORMATS
from tests.wire.served import Server, WiredStudy, make_study


@pytest.fixture(scope="module")
def study(server: Server, tmp_path_factory: pytest.TempPathFactory) -> WiredStudy:
    """Give a study of our own: imports add questions to it."""
    return make_study(server.client(), tmp_path_factory.mktemp("files"), "annotation-files")


RING = [[10, 10], [90, 10], [90, 90], [40, 120], [10, 90], [10, 10]]
GEOJSON = json.dumps(
    {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Polygon", "coordinates": [RING]},
                "properties": {"classification": {"name": "Any", "color": [255, 0, 0]}},
            }
        ],
    }
)


def take(server: Server, study: WiredStudy, email: str) -> None:
    reply = server.call(
        "ImportAnnotations",
        verb="POST",
        imageId=study.slide_id,
        user=email,
        question="Tumour",
        annotations=GEOJSON,
    )
    assert reply.json()["success"] is True, reply.text
    assert "1 shapes imported into 'Tumour'" in reply.json()["log"]


@pytest.mark.parametrize("form", FORMATS)
def test_imported_annotations_come_out_in_every_format(server: Server, study: WiredStudy, form):
    email = f"{form}@example.org"
    take(server, study, email)

    reply = server.call("ExportAnnotations", imageId=study.slide_id, user=email, format=form)

    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith(FORMATS[form].media_type)
    assert "filename=" in reply.headers["content-disposition"]
    if form == "geojson":
        (feature,) = reply.json()["features"]
        assert feature["geometry"]["coordinates"] == [RING]
        assert feature["properties"]["classification"]["name"] == "Tumour"


def test_answer_is_converted_and_read_by_the_vendors_decoder(server: Server, study: WiredStudy):
    email = "anno2@example.org"
    take(server, study, email)

    made = server.call(
        "ConvertAnnotationToAnno2",
        verb="POST",
        studyId=study.id,
        imageId=study.slide_id,
        question="Tumour",
        email=email,
        metadata='{"by": "test"}',
    ).json()

    assert made["success"] is True, made
    (answer,) = server.client().get_results(study.id, email=email)
    assert json.loads(answer.answer) == [{"type": "anno2", "annoUUID": made["annoUUID"]}]
    data = server.call(
        "ExportAnnotations", imageId=study.slide_id, user=email, format="anno2"
    ).content
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        decoder = Decoder(archive)
        decoder.decode()
    assert decoder.items[0]["positiveVertices"] == [tuple(place) for place in RING[:-1]]
    again = server.call("ConvertScoreValueToAnno2", verb="POST", scoreValueId=answer.id).json()
    assert again == made


def test_stranger_gets_and_gives_nothing(server: Server, study: WiredStudy):
    token = server.make_token(rights="CanGetPixels")

    for name, more in (
        ("ExportAnnotations", {}),
        ("ImportAnnotations", {"annotations": GEOJSON}),
        ("ConvertAnnotationToAnno2", {"studyId": study.id, "email": "a@example.org"}),
        ("ConvertScoreValueToAnno2", {"scoreValueId": 1}),
    ):
        reply = server.call(
            name, verb="POST", bearer=token, imageId=study.slide_id, user="a@example.org", **more
        )
        assert reply.json()["success"] is False, name
