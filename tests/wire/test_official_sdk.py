"""The vendor's own client from PyPI, unmodified: from upload to scored."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path

import pytest
import requests
import slidescore.bin_data
from slidescore import SlideScoreErrorException, SlideScoreResult

from tests.wire.served import READER, SLIDE_SIZE, Server, WiredStudy, make_study


def _result(study: WiredStudy, question: str, answer: str, user: str) -> SlideScoreResult:
    return SlideScoreResult(
        {
            "id": -1,
            "imageID": study.slide_id,
            "imageName": study.slide_name,
            "user": user,
            "question": question,
            "answer": answer,
        }
    )


def test_a_study_made_by_files_is_listed(server: Server, study: WiredStudy):
    client = server.client()

    listed = {row["id"]: row["name"] for row in client.get_studies()}
    slides = client.get_images(study.id)

    assert listed[study.id] == study.name
    assert [slide["name"] for slide in slides] == ["test-image"]
    assert isinstance(slides[0]["fileSize"], int)
    assert slides[0]["fileSize"] > 1000
    assert client.get_cases(study.id) == []


def test_questions_carry_type_and_colour(server: Server, study: WiredStudy):
    config = server.client().get_config(study.id)

    assert [(q["name"], q["typeName"]) for q in config["scores"]] == [
        ("Remark", "FreeText"),
        ("Grade", "ClickFriendlyPollOnly"),
        ("Tumour", "AnnoShapes"),
        ("Mitoses", "AnnoPoints"),
    ]
    # Source: slidescore.md 3.5: the first part of an annotation question's values is its colour.
    assert config["scores"][2]["valuesAllowed"].split(";")[0] == "#e6194b"


def test_every_tile_of_every_level_is_a_jpeg_and_the_next_is_none(
    server: Server, study: WiredStudy
):
    client = server.client()
    facts = client.perform_request("GetImageMetadata", {"imageid": study.slide_id}).json()
    metadata = facts["metadata"]
    access = client.perform_request("GetTileServer", {"imageid": study.slide_id}).json()
    width, height = metadata["level0Width"], metadata["level0Height"]
    size, deepest = metadata["osdTileSize"], math.ceil(math.log2(max(width, height)))
    session = requests.Session()
    session.cookies.set("t", access["cookiePart"])
    stem = f"{server.url}/i/{study.slide_id}/{access['urlPart']}"

    assert (width, height) == SLIDE_SIZE
    for level in range(deepest + 1):
        scale = 2 ** (deepest - level)
        columns = math.ceil(math.ceil(width / scale) / size)
        rows = math.ceil(math.ceil(height / scale) / size)
        for column in range(columns):
            for row in range(rows):
                tile = session.get(f"{stem}/i_files/{level}/{column}_{row}.jpeg", timeout=30)
                assert tile.status_code == 200
                assert tile.content.startswith(b"\xff\xd8\xff")
        outside = session.get(f"{stem}/_files/{level}/{columns}_{rows}.jpeg", timeout=30)
        assert outside.status_code == 404
    assert columns > 1


def test_answers_come_back_exactly_as_they_were_sent(server: Server, study: WiredStudy):
    client, user = server.client(), "exact@example.org"
    sent = [
        _result(study, "Remark", "well; so-so “quoted” 100 %", user),
        _result(study, "Grade", "High", user),
        _result(study, "Mitoses", '[{"x": 10, "y": 12}]', user),
    ]

    assert client.upload_results(study.id, sent)
    got = client.get_results(study.id, email=user)

    assert sorted(row.toRow() for row in got) == sorted(row.toRow() for row in sent)
    assert client.upload_results(study.id, sent)
    assert len(client.get_results(study.id, email=user)) == 3


def test_a_second_answer_replaces_the_first(server: Server, study: WiredStudy):
    client, user = server.client(), "changes@example.org"
    for answer in ("Low", "High"):
        client.upload_results(study.id, [_result(study, "Grade", answer, user)])

    [got] = client.get_results(study.id, question="Grade", email=user)

    assert got.answer == "High"


def test_one_wrong_row_refuses_the_whole_upload(server: Server, study: WiredStudy):
    client, user = server.client(), "whole@example.org"

    with pytest.raises(SlideScoreErrorException, match="No such question"):
        client.upload_results(
            study.id,
            [
                _result(study, "Remark", "good", user),
                _result(study, "No such question", "x", user),
            ],
        )

    assert client.get_results(study.id, email=user) == []


def test_a_slide_downloads_as_it_was_uploaded(server: Server, study: WiredStudy, tmp_path: Path):
    client = server.client()

    client.download_slide(study.id, study.slide_id, str(tmp_path))

    [file] = tmp_path.iterdir()
    stored = server.data / "images" / study.name / "test-image.TiFF"
    assert file.name.startswith("test-image")
    assert _digest(file) == _digest(stored)


def test_paths_are_told_and_can_be_set(server: Server, study: WiredStudy):
    client = server.client()

    path = client.get_slide_path(study.slide_id)
    client.update_slide_path(study.slide_id, path.replace("images/", ""))

    assert path == f"images/{study.name}/test-image.TiFF"
    assert client.get_slide_path(study.slide_id) == path


def test_a_raw_tile_is_a_jfif(server: Server, study: WiredStudy):
    tile = server.client().get_raw_tile(study.id, study.slide_id, 0, 50, 50, 250, 250, 9)

    assert b"JFIF" in tile.content[:32]


def test_asap_annotations_go_in_and_out(server: Server, tmp_path: Path):
    # A study of its own: the import adds a question to it.
    client, user = server.client(), "asap@example.org"
    study = make_study(client, tmp_path, "asap-import")
    square = "".join(
        f'<Coordinate Order="{n}" X="{x}" Y="{y}" />'
        for n, (x, y) in enumerate([(10, 10), (60, 10), (60, 60), (10, 60)])
    )
    polygon = '<Annotation Name="a" Type="Polygon" PartOfGroup="None" Color="{}">' + (
        f"<Coordinates>{square}</Coordinates></Annotation>"
    )
    asap = (
        "<ASAP_Annotations><Annotations>"
        + polygon.format("#e6194b")
        + polygon.format("#123456")
        + "</Annotations></ASAP_Annotations>"
    )

    reply = client.perform_request(
        "UploadASAPAnnotations",
        {
            "imageId": study.slide_id,
            "user": user,
            "asapAnnotation": asap,
            "questionsMap": "#e6194b;Tumour",
        },
        method="POST",
    ).json()
    exported = client.export_ASAP(study.slide_id, user, "Tumour")
    answers = {row.question: row.answer for row in client.get_results(study.id, email=user)}

    assert reply["success"] is True
    assert exported.startswith("<")
    assert exported.count("<Coordinate ") == 4
    [shape] = json.loads(answers["Tumour"])
    assert shape["type"] == "polygon"
    assert [question for question in answers if question.startswith("Imported annotation")]


def test_large_annotations_arrive_as_anno2_and_are_drawn(
    server: Server, study: WiredStudy, tmp_path: Path
):
    client, user = server.client(), "anno2@example.org"
    source = tmp_path / "points.json"
    source.write_text(json.dumps([{"x": 10 + n % 400, "y": 10 + n % 300} for n in range(5000)]))
    slidescore.bin_data.main(["-i", str(source), "-o", str(tmp_path / "points.zip")])

    made = client.create_anno2(study.id, None, study.slide_id, None, None, "Mitoses", user)
    client.upload_using_token(str(tmp_path / "points.zip"), made["uploadToken"])
    plain = client.perform_request("GetScreenshot", {"imageid": study.slide_id, "level": 9})
    drawn = client.perform_request(
        "GetScreenshot", {"imageid": study.slide_id, "level": 14, "withAnnotationForUser": user}
    )

    assert len(made["annoUUID"]) == 36
    assert plain.content[:3] == drawn.content[:3] == b"\xff\xd8\xff"
    assert plain.content != drawn.content


def test_a_slide_file_opens_by_link_in_a_page_with_openseadragon(server: Server, study: WiredStudy):
    client = server.client()
    stored = server.data / "images" / study.name / "test-image.TiFF"
    allowed = server.slide_file_root / "loose slide.TiFF"
    allowed.write_bytes(stored.read_bytes())

    reply = client.perform_request(
        "GenerateSlideFileURL", {"filename": str(allowed), "user": None}, method="POST"
    ).json()
    page = requests.get(server.url + reply["link"], timeout=30)
    refused = client.perform_request(
        "GenerateSlideFileURL", {"filename": str(stored), "user": None}, method="POST"
    ).json()

    assert reply["success"] is True
    assert page.status_code == 200
    assert "openseadragon" in page.text
    assert refused["success"] is False


def test_reimport_of_the_same_files_changes_nothing(server: Server, tmp_path: Path):
    client = server.client()
    first = make_study(client, tmp_path, "wire-again")

    again = client.reimport("wire-again")

    assert again["id"] == first.id
    assert [row["id"] for row in client.get_images(first.id)] == [first.slide_id]
    assert len(client.get_config(first.id)["scores"]) == 4


def test_swagger_lists_the_calls(server: Server):
    page = requests.get(f"{server.url}/swagger", timeout=30)
    listing = requests.get(f"{server.url}/swagger/v1/swagger.json", timeout=30).json()

    assert page.status_code == 200
    assert {"openapi", "info", "paths"} <= listing.keys()
    assert "/Api/UploadResults" in listing["paths"]


def test_a_token_can_be_given_up(server: Server):
    token = server.make_token()
    assert server.call("Studies", bearer=token).status_code == 200

    assert server.call("giveupToken", verb="POST", bearer=token).json()["success"] is True

    assert server.call("Studies", bearer=token).status_code == 401


def test_reader_of_the_emails_file_may_sign_in_later(server: Server, study: WiredStudy):
    made = server.coverslip("user", "add", READER)

    assert READER in made
    assert study.id


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
