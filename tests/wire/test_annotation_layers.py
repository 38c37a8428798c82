"""Annotations by box and zoom, through a running server with two workers."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path

import pytest
import requests

from tests.scoring.packed import unpack
from tests.wire.served import Server, WiredStudy

SMALL = [
    {"type": "polygon", "points": [{"x": 10, "y": 20}, {"x": 110, "y": 20}, {"x": 60, "y": 90}]},
    {"type": "rect", "corner": {"x": 300, "y": 300}, "size": {"x": 50, "y": 40}},
]
COUNT = 6000


def upload(server: Server, study: WiredStudy, email: str, value: str) -> None:
    row = f"\n{study.slide_id}\tx\t{email}\tTumour\t{value}"
    told = server.call("UploadResults", verb="POST", studyId=study.id, results=row).json()
    assert told["success"] is True, told


def ask(server: Server, study: WiredStudy, *, headers=None, **asked) -> requests.Response:
    return requests.get(
        f"{server.url}/Api/Annotations",
        params={"studyId": study.id, "imageId": study.slide_id, **asked},
        headers={"Authorization": f"Bearer {server.token}", **(headers or {})},
        timeout=60,
    )


def many() -> str:
    """Return thousands of small triangles and one large square, as text."""
    shapes = [
        {
            "type": "polygon",
            "points": [
                {"x": x, "y": y},
                {"x": x + 3.5, "y": y},
                {"x": x, "y": y + 3.25},
            ],
        }
        for x, y in ((number % 100 * 5, number // 100 * 7) for number in range(COUNT))
    ]
    square = [{"x": x, "y": y} for x, y in ((5, 5), (450, 5), (450, 400), (5, 400))]
    return json.dumps([*shapes, {"type": "polygon", "points": square}])


@pytest.fixture(scope="module")
def filed(server: Server, study: WiredStudy, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give the address of somebody whose answer is a large file."""
    email = "layers-file@example.org"
    made = server.call(
        "CreateAnno2",
        verb="POST",
        studyId=study.id,
        imageId=study.slide_id,
        question="Tumour",
        email=email,
    ).json()
    path = Path(tmp_path_factory.mktemp("anno") / "cells.json.gz")
    path.write_bytes(gzip.compress(many().encode()))
    server.client().upload_using_token(str(path), made["uploadToken"])
    return email


def test_a_box_has_what_was_drawn_in_it(server: Server, study: WiredStudy):
    email = "layers-text@example.org"
    upload(server, study, email, json.dumps(SMALL))

    whole = unpack(ask(server, study, email=email, question="Tumour").content)
    part = unpack(ask(server, study, email=email, bbox="0,0,200,200").content)

    assert (whole.total, whole.coarser) == (2, 0)
    assert part.indices == [0]
    assert part.rings[0][0].tolist() == [[10, 20], [110, 20], [60, 90]]


def test_a_new_answer_is_told_at_once_by_every_worker(server: Server, study: WiredStudy):
    email = "layers-new@example.org"
    upload(server, study, email, json.dumps(SMALL))
    first = ask(server, study, email=email)

    upload(server, study, email, json.dumps(SMALL[:1]))

    for _ in range(8):
        now = ask(server, study, email=email)
        assert unpack(now.content).total == 1
        assert now.headers["ETag"] != first.headers["ETag"]


def test_what_the_client_has_is_not_sent_again(server: Server, study: WiredStudy, filed: str):
    first = ask(server, study, email=filed)

    again = ask(server, study, email=filed, headers={"If-None-Match": first.headers["ETag"]})
    other = ask(
        server, study, email=filed, bbox="0,0,9,9", headers={"If-None-Match": first.headers["ETag"]}
    )

    assert (again.status_code, again.content) == (304, b"")
    assert other.status_code == 200


def test_a_large_file_is_told_coarsely_and_finely(server: Server, study: WiredStudy, filed: str):
    # Deep Zoom's finest level of a slide of 501 x 465 pixels is 9.
    coarse = unpack(ask(server, study, email=filed, level=6).content)
    fine = unpack(ask(server, study, email=filed, level=9, bbox="0,0,23,13").content)

    assert coarse.total == fine.total + len(coarse.dots) - fine.total + 1 == COUNT + 1
    assert coarse.indices == [COUNT]
    assert coarse.coarser & 2
    assert fine.coarser == 0
    assert fine.rings[fine.indices.index(0)][0].tolist() == [[0, 0], [3.5, 0], [0, 3.25]]


def test_layers_are_made_ahead(server: Server, study: WiredStudy, filed: str):
    folder = server.data / "cache" / "annotations"

    for _ in range(600):
        if list(folder.glob("*/*.layer")):
            return
        time.sleep(0.1)
    raise AssertionError("no layer was made within a minute")


def test_geojson_is_told_when_asked_for(server: Server, study: WiredStudy, filed: str):
    reply = ask(server, study, email=filed, format="geojson", bbox="0,0,23,13")

    told = reply.json()
    assert reply.headers["Content-Type"].startswith("application/geo+json")
    assert told["type"] == "FeatureCollection"
    assert told["coarser"] == []
    assert len(told["features"]) == told["total"]


def test_drawn_answers_are_listed_without_their_shapes(
    server: Server, study: WiredStudy, filed: str
):
    told = server.call("AnnotationLayers", studyId=study.id, imageId=study.slide_id).json()

    [entry] = [entry for entry in told["layers"] if entry["email"] == filed]
    assert entry["items"] == COUNT + 1
    by_id = unpack(ask(server, study, answerId=entry["answerId"]).content)
    assert by_id.total == COUNT + 1


@pytest.mark.parametrize(
    ("asked", "status", "told"),
    [
        ({"email": "nobody@example.org"}, 404, "no such drawn answer"),
        ({"question": "Tumour"}, 400, "drawn answers are meant"),
        ({"email": "layers-text@example.org", "bbox": "1,2,3"}, 400, "four numbers"),
        ({"email": "layers-text@example.org", "bbox": "5,5,1,9"}, 400, "left before right"),
        ({"email": "layers-text@example.org", "bbox": "nan,0,1,1"}, 400, "four numbers"),
        ({"email": "layers-text@example.org", "bbox": "0,0,1e400,1"}, 400, "four numbers"),
        ({"email": "layers-text@example.org", "level": -1}, 400, "0 or above"),
        ({"email": "layers-text@example.org", "format": "svg"}, 400, "binary or geojson"),
        ({"imageId": 99999, "email": "x@example.org"}, 404, "no slide"),
    ],
)
def test_wrong_questions_are_told(
    server: Server, study: WiredStudy, filed: str, asked: dict, status: int, told: str
):
    upload(server, study, "layers-text@example.org", json.dumps(SMALL))

    reply = ask(server, study, **asked)

    assert (reply.status_code, told in reply.json()["error"]) == (status, True), reply.text


def test_rights_are_those_of_scores(server: Server, study: WiredStudy, filed: str):
    token = server.make_token(rights="CanGetPixels")

    reply = ask(server, study, email=filed, headers={"Authorization": f"Bearer {token}"})
    listed = server.call("AnnotationLayers", bearer=token, studyId=study.id, imageId=study.slide_id)

    assert (reply.status_code, listed.status_code) == (401, 401)


def test_shapes_are_measured_and_what_is_wrong_is_told(server: Server, study: WiredStudy):
    email = "layers-measured@example.org"
    odd = {"type": "ellipse", "center": None, "size": {"x": 1, "y": 1}}
    upload(server, study, email, json.dumps([*SMALL, odd]))
    asked = {"studyId": study.id, "imageId": study.slide_id, "email": email}
    metadata = server.call("GetImageMetadata", imageId=study.slide_id).json()["metadata"]
    mpp = metadata["mppX"]

    told = server.call("MeasureAnnotations", **asked).json()

    assert [shape["type"] for shape in told["shapes"]] == ["polygon", "rect", "ellipse"]
    assert told["shapes"][2]["problem"] == "lacks a coordinate"
    assert told["shapes"][2]["areaUM2"] is None
    assert told["hasResolution"] is (mpp is not None)
    area = None if mpp is None else pytest.approx(100 * 70 / 2 * mpp * mpp)
    assert told["shapes"][0]["areaUM2"] == area
    assert told["more"] is False
