"""The rudest input: a clear refusal, nothing half-written, and a server that stays well."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from tests.wire.served import Server, WiredStudy


@pytest.fixture(autouse=True)
def the_server_stays_well(server: Server):
    yield
    assert requests.get(f"{server.url}/healthz", timeout=30).status_code == 200


@pytest.mark.parametrize(
    ("name", "parameters", "said"),
    [
        ("GetImageMetadata", {}, "imageId"),
        ("GetImageMetadata", {"imageId": "x"}, "imageId"),
        ("GetImageMetadata", {"imageId": "9" * 40}, "imageId"),
        ("GetImageMetadata", {"imageId": 999999}, "999999"),
        ("GetSlideDescription", {"imageId": -1}, "-1"),
        ("GetConfig", {"studyId": 999999}, "999999"),
    ],
)
def test_wrong_parameters_are_named(server: Server, name: str, parameters: dict, said: str):
    reply = server.call(name, **parameters)

    assert reply.status_code == 200
    assert reply.json()["success"] is False
    assert said in reply.json()["log"]


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({"level": 99, "x": 0, "y": 0, "width": 10, "height": 10, "jpegQuality": 80}, 400),
        ({"level": 0, "x": 0, "y": 0, "width": -1, "height": 10, "jpegQuality": 80}, 400),
        ({"level": 0, "x": 0, "y": 0, "width": 0, "height": 10, "jpegQuality": 80}, 400),
        ({"level": 0, "x": 0, "y": 0, "width": 100000, "height": 10, "jpegQuality": 80}, 400),
        ({"level": 0, "x": 0, "y": 0, "width": 10, "height": 10, "jpegQuality": 800}, 400),
        ({"level": 0, "x": "a", "y": 0, "width": 10, "height": 10, "jpegQuality": 80}, 400),
    ],
)
def test_raw_tiles_have_bounds(server: Server, study: WiredStudy, parameters: dict, status: int):
    reply = server.call("GetRawTile", studyId=study.id, imageId=study.slide_id, **parameters)

    assert reply.status_code == status
    assert reply.json()["error"]


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({"level": 9, "question": "Tumour", "scoreIDs": "1"}, 400),
        ({"level": "x"}, 400),
        ({"level": 9, "x": 0, "y": 0, "width": -5, "height": 10}, 400),
        ({"level": 9, "imageid": 999999}, 404),
    ],
)
def test_screenshots_refuse_as_documented(
    server: Server, study: WiredStudy, parameters: dict, status: int
):
    reply = server.call("GetScreenshot", **({"imageid": study.slide_id} | parameters))

    assert reply.status_code == status


@pytest.mark.parametrize(
    "tile", ["99/0_0.jpeg", "9/-1_0.jpeg", "9/0_99.jpeg", "9/a_b.jpeg", "9/0_0.exe", "9", "x/y/z"]
)
def test_wrong_tile_addresses_are_not_found(server: Server, study: WiredStudy, tile: str):
    access = server.call("GetTileServer", imageId=study.slide_id).json()

    reply = requests.get(
        f"{server.url}/i/{study.slide_id}/{access['urlPart']}/i_files/{tile}",
        cookies={"t": access["cookiePart"]},
        timeout=30,
    )

    assert reply.status_code == 404


@pytest.mark.parametrize(
    ("filename", "folder"),
    [
        ("../evil.svs", "x"),
        ("a.svs", "../.."),
        ("a.svs", "/etc"),
        ("", "x"),
        ("nul", "x"),
        ("a\0.svs", "x"),
        ("x" * 300 + ".svs", "x"),
        ("a.svs", "C:\\x"),
    ],
)
def test_uploads_may_not_leave_the_images_folder(server: Server, filename: str, folder: str):
    reply = server.call("RequestUpload", verb="POST", filename=filename, folder=folder)

    assert reply.text.startswith('"')


@pytest.mark.parametrize("name", ["../x", "a/b", "", "..", "x" * 300])
def test_reimport_of_what_is_no_study_name_is_refused(server: Server, name: str):
    reply = server.call("Reimport", verb="POST", studyName=name)

    assert reply.status_code == 200
    assert reply.json()["success"] is False


def test_finishing_an_unknown_upload_is_refused(server: Server):
    reply = server.call("FinishUpload", verb="POST", id="../../etc/passwd", token="nothing")

    assert reply.text.startswith('"')
    assert reply.text != '"OK"'


def test_a_wrong_config_line_is_named_and_nothing_is_imported(server: Server, tmp_path: Path):
    client = server.client()
    (tmp_path / "scores").write_text("Good\tFreeText\nBad\tClickFrendly\tA;B\n")
    client.upload_file(str(tmp_path / "scores"), "", "study.wrongline.scores")

    reply = server.call("Reimport", verb="POST", studyName="wrongline").json()

    assert reply["success"] is False
    assert "line 2" in reply["log"]
    assert "ClickFriendly" in reply["log"]
    assert "wrongline" not in [study["name"] for study in client.get_studies()]


def test_a_broken_slide_stops_the_import_unless_told_to_go_on(server: Server, tmp_path: Path):
    client = server.client()
    (tmp_path / "bad.svs").write_text("not a slide")
    (tmp_path / "emails").write_text("reader@example.org\n")
    client.upload_file(str(tmp_path / "emails"), "", "study.brokenslide.emails")
    client.upload_file(str(tmp_path / "bad.svs"), "brokenslide")

    stopped = server.call("Reimport", verb="POST", studyName="brokenslide").json()
    went_on = server.call(
        "Reimport", verb="POST", studyName="brokenslide", ignoreImageErrors="true"
    ).json()

    assert stopped["success"] is False
    assert "bad.svs" in stopped["log"]
    assert went_on["success"] is True
    assert "bad.svs" in went_on["log"]
    assert server.call("Images", studyId=went_on["id"]).json() == []


def test_hostile_xml_is_refused(server: Server, study: WiredStudy):
    bomb = (
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        "<ASAP_Annotations><Annotations>&b;</Annotations></ASAP_Annotations>"
    )

    reply = server.call(
        "UploadASAPAnnotations",
        verb="POST",
        imageId=study.slide_id,
        user="reader@example.org",
        asapAnnotation=bomb,
    ).json()

    assert reply["success"] is False
    assert "DOCTYPE" in reply["log"] or "entit" in reply["log"].lower()


def test_answers_are_no_pages_and_no_caches_to_keep(server: Server, study: WiredStudy):
    answer = server.call("Scores", studyId=study.id)
    refusal = server.call("Scores", studyId=study.id, bearer="nonsense")
    picture = server.call("GetThumbnail", imageId=study.slide_id)

    for reply in (answer, refusal, picture):
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert "private" in reply.headers["Cache-Control"]


def test_an_unknown_call_is_not_found(server: Server):
    assert server.call("DropTables").status_code == 404
