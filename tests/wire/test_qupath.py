"""QuPath's extension for Slide Score, request by request, against a running server.

Source: SlideScore/qupath-extension-slidescore at 7c4be13: SlideScoreImageServer,
SlideScoreUploadAnnotationsCommand, SlideScoreImportAnswersCommand, SlideScoreImportTMAsCommand.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import requests
import tifffile
from PIL import Image
from tusclient.client import TusClient

from access.slidelinks import SlideLinks
from tests.wire.served import READER, SLIDE_SIZE, Server, WiredStudy

AREA = '[{ "type": "polygon", "points": [{"x":10, "y":20},{"x":110, "y":20},{"x":60, "y":90}]}]'


class Extension:
    """Speaks as the extension does: it knows nothing but the link."""

    def __init__(self, uri: str) -> None:
        assert uri.startswith("http")
        assert uri.endswith("SlideScoreMetadata.json")
        self.uri = uri

    def sibling(self, word: str) -> str:
        return self.uri.replace("SlideScoreMetadata", word)

    def get(self, word: str) -> requests.Response:
        return requests.get(self.sibling(word), timeout=30)

    def post(self, word: str, **fields: str) -> requests.Response:
        body = "".join(
            f"{name}={requests.utils.quote(value, '')}&" for name, value in fields.items()
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return requests.post(self.sibling(word), data=body, headers=headers, timeout=60)

    def tile(self, level: int, x: int, y: int, width: int, height: int) -> np.ndarray:
        path = self.uri.replace("SlideScoreMetadata.json", "")
        reply = requests.get(f"{path}raw/{level}/{x}_{y}/{width}_{height}.jpeg", timeout=30)
        assert reply.status_code == 200, reply.text
        return np.asarray(Image.open(io.BytesIO(reply.content)))

    def answers(self) -> list[list[str]]:
        lines = self.get("Answers").text.splitlines()
        return [line.split(";") for line in lines]

    def upload_large(self, question: str, text: str, folder: Path) -> dict:
        """Do what postLargeAnnotation does."""
        file = folder / "qupath_anno_1.json.gz"
        file.write_bytes(gzip.compress(text.encode()))
        made = self.post("CreateAnno2", question=question).json()
        assert made["success"] is True
        root = self.uri[: self.uri.index("/i/")]
        uploader = TusClient(f"{root}/files").uploader(
            str(file),
            chunk_size=5 * 1024 * 1024,
            metadata={
                "filename": file.name,
                "uploadtoken": made["uploadToken"],
                "apitoken": made["apiToken"],
            },
        )
        uploader.upload()
        upload_id = uploader.url.partition("/files/")[2]
        done = self.post(
            "FinishAnno2Upload",
            uploadToken=made["uploadToken"],
            uploadId=upload_id,
            apiToken=made["apiToken"],
        )
        assert done.json() == {"success": True}
        return made


def links_of(server: Server, study_id: int, email: str = READER) -> list[dict]:
    told = server.call("GetQupathTokensForStudy", studyId=study_id, email=email).json()
    assert told["success"] is True, told
    return told["tokens"]


@pytest.fixture
def extension(server: Server, study: WiredStudy) -> Extension:
    [link] = links_of(server, study.id)
    assert link["imageId"] == study.slide_id
    return Extension(link["url"])


def test_metadata_is_what_an_image_server_needs(extension: Extension):
    reply = extension.get("SlideScoreMetadata")

    told = reply.json()
    for name in ("Level0TileWidth", "Level0TileHeight", "LevelCount", "OSDTileSize"):
        assert isinstance(told[name], int)
        assert told[name] > 0
    assert (told["Level0Width"], told["Level0Height"]) == SLIDE_SIZE
    assert len(told["LevelWidths"]) == len(told["LevelHeights"]) == told["LevelCount"]
    assert isinstance(told["FileName"], str)
    # Gson's getAsDouble takes a number, or a text that is one; QuPath refuses a size of 0.
    assert float(told["MppX"]) != 0
    assert isinstance(told["ObjectivePower"], float)
    assert told["Downsamples"][0] == 1


def test_tiles_are_the_pixels_of_their_level(extension: Extension):
    whole = extension.tile(0, 0, 0, *SLIDE_SIZE)

    part = extension.tile(0, 128, 64, 100, 50)
    coarse = extension.tile(1, 0, 0, SLIDE_SIZE[0] // 2, SLIDE_SIZE[1] // 2)

    assert np.abs(part.astype(int) - whole[64:114, 128:228]).mean() < 3
    assert np.abs(coarse[:100, :100].astype(int) - whole[:200:2, :200:2]).mean() < 12


def test_questions_and_answers_are_lines_that_split(extension: Extension):
    questions = [line.split(";") for line in extension.get("Questions").text.splitlines()]

    assert ["Tumour", "AnnoShapes", "#e6194b"] in questions
    assert all(len(fields) >= 2 for fields in questions)
    assert [name for name, kind, *_ in questions if kind.startswith("Anno")] == [
        "Tumour",
        "Mitoses",
    ]


def test_an_answer_goes_there_and_back(extension: Extension, server: Server, study: WiredStudy):
    label = AREA.replace("]}]", '],"labels":[{"label":"a;b","x":1.5,"y":2,"fontSize":9.7}]}]')

    assert extension.post("AnnoAnswer", question="Tumour", answer=label).status_code == 200
    extension.post("AnnoAnswer", question="Mitoses", answer='[{"x":1.6,"y":2},{"x":3,"y":4.4}]')

    told = {fields[0]: fields for fields in extension.answers() if fields[1] == READER}
    question, email, value, colour = told["Tumour"]
    assert (question, email, colour) == ("Tumour", READER, "#e6194b")
    [shape] = json.loads(value)
    assert shape["points"] == json.loads(AREA)[0]["points"]
    assert shape["labels"] == [{"label": "a;b", "x": 2, "y": 2, "fontSize": 10}]
    assert json.loads(told["Mitoses"][2]) == [{"x": 2, "y": 2}, {"x": 3, "y": 4}]
    kept = server.call("Scores", studyId=study.id, question="Tumour", email=READER).json()
    assert [row["answer"] for row in kept] == [label]


def test_a_large_annotation_arrives_as_a_file_and_is_told_as_shapes(
    extension: Extension, server: Server, study: WiredStudy, tmp_path: Path
):
    corners = ",".join(f'{{"x":{x * 7}, "y":{x * x}}}' for x in range(20))
    shapes = ",".join([f'{{ "type": "polygon", "points": [{corners}]}}'] * 300)

    made = extension.upload_large("Tumour", f"[{shapes}]", tmp_path)

    [told] = [one for one in extension.answers() if one[:2] == ["Tumour", READER]]
    assert len(json.loads(told[2])) == 300
    [kept] = server.call("Scores", studyId=study.id, question="Tumour", email=READER).json()
    assert json.loads(kept["answer"])[0]["annoUUID"] == made["annoUUID"]
    # Its token opened this one upload, had no right, and is given up.
    assert server.call("Studies", bearer=made["apiToken"]).status_code == 401


def test_a_token_for_an_upload_gives_no_right(extension: Extension, server: Server):
    made = extension.post("CreateAnno2", question="Tumour").json()

    listed = server.call("Studies", bearer=made["apiToken"])
    scores = server.call(
        "UploadResults", verb="POST", bearer=made["apiToken"], studyId=1, results="\n"
    )

    assert listed.json() == []
    assert scores.status_code == 401


@pytest.mark.parametrize(
    ("word", "fields", "reason"),
    [
        ("CreateAnno2", {"question": "Remark"}, "FreeText"),
        ("FinishAnno2Upload", {"uploadToken": "x", "uploadId": "y", "apiToken": "z"}, "token"),
    ],
)
def test_large_uploads_tell_why_not(extension: Extension, word: str, fields: dict, reason: str):
    told = extension.post(word, **fields).json()

    assert told["success"] is False
    assert reason in told["error"]


@pytest.mark.parametrize(
    ("answer", "status"), [("nonsense", 400), ('[{"type":"polygon","points":[NaN]}]', 400)]
)
def test_what_is_no_answer_is_refused(extension: Extension, answer: str, status: int):
    reply = extension.post("AnnoAnswer", question="Tumour", answer=answer)

    assert reply.status_code == status
    assert "Answer to" in reply.json()["error"]


def test_a_wrong_or_foreign_link_is_told_as_expired(extension: Extension, study: WiredStudy):
    token = extension.uri.split("/")[-2]
    other = extension.uri.replace(f"/i/{study.slide_id}/", f"/i/{study.slide_id + 1}/")

    for uri in (extension.uri.replace(token, "A" * len(token)), extension.uri.replace(token, "x")):
        assert requests.get(uri, timeout=30).status_code == 503
    assert requests.get(other, timeout=30).status_code == 503


def test_a_link_of_last_year_is_expired(server: Server, extension: Extension, study: WiredStudy):
    links = SlideLinks((server.data / "secret.key").read_bytes())
    token = extension.uri.split("/")[-2]
    user_id = links.verify(study.slide_id, token, datetime.now(UTC)).user_id

    for days, status in ((300, 200), (400, 503)):
        old, _ = links.issue(study.slide_id, user_id, datetime.now(UTC) - timedelta(days=days))
        assert requests.get(extension.uri.replace(token, old), timeout=30).status_code == status


def test_a_link_ends_with_the_membership(server: Server, study: WiredStudy):
    email = "leaver@example.org"
    added = server.call(
        "AddUser", verb="POST", studyId=study.id, email=email, rights="canscore,canedit"
    )
    assert added.json()["success"] is True, added.text
    [link] = links_of(server, study.id, email)
    leaver = Extension(link["url"])
    assert leaver.get("SlideScoreMetadata").status_code == 200

    gone = server.call("RemoveUser", verb="POST", studyId=study.id, email=email)

    assert gone.json()["success"] is True, gone.text
    assert leaver.get("SlideScoreMetadata").status_code == 401
    assert leaver.post("AnnoAnswer", question="Tumour", answer=AREA).status_code == 401


def test_a_project_holds_a_link_for_each_slide(server: Server, study: WiredStudy):
    reply = server.call("DownloadQupathProject", studyId=study.id, email=READER)

    archive = zipfile.ZipFile(io.BytesIO(reply.content))
    names = {name.partition("/")[2]: name for name in archive.namelist()}
    assert set(names) == {"project.qpproj", "classifiers/classes.json"}
    project = json.loads(archive.read(names["project.qpproj"]))
    [image] = project["images"]
    assert project["version"] == "0.6.0"
    assert project["lastID"] == image["entryID"] == 1
    assert image["imageName"] == study.slide_name
    assert image["serverBuilder"]["builderType"] == "uri"
    assert Extension(image["serverBuilder"]["uri"]).get("Questions").status_code == 200
    classes = json.loads(archive.read(names["classifiers/classes.json"]))["pathClasses"]
    assert classes[0]["name"] == "Tumour"
    assert classes[0]["color"] & 0xFFFFFFFF == 0xFFE6194B
    assert re.fullmatch(r"[0-9a-f-]{36}", image["randomizedName"])


def test_links_in_somebody_elses_name_need_the_right(server: Server, study: WiredStudy):
    reader = server.make_token(rights="CanGetPixels")

    told = server.call("GetQupathTokensForStudy", bearer=reader, studyId=study.id, email=READER)
    nobody = server.call("GetQupathTokensForStudy", studyId=study.id)
    stranger = server.call(
        "GetQupathTokensForStudy", studyId=study.id, email="stranger@example.org"
    )

    assert told.status_code == 401
    assert "email is missing" in nobody.json()["error"]
    assert "no member" in stranger.json()["error"]


def tma_slide(path: Path) -> None:
    """Write a slide of 2 x 3 round cores on glass."""
    pixels = np.full((800, 1200, 3), 245, dtype=np.uint8)
    y, x = np.mgrid[:800, :1200]
    for row in range(2):
        for column in range(3):
            inside = (x - 200 - 400 * column) ** 2 + (y - 200 - 400 * row) ** 2 < 120**2
            pixels[inside] = (190, 120, 170)
    tifffile.imwrite(path, pixels, tile=(128, 128), compression="jpeg", photometric="rgb")


def test_cores_are_told_and_answered_one_by_one(server: Server, tmp_path: Path):
    client, name = server.client(), "qupath_tma"
    tma_slide(tmp_path / "array.tif")
    (tmp_path / "emails").write_text(f"{READER};canscore,canedit,cangetresults\n")
    (tmp_path / "scores").write_text("Tumour\tAnnoShapes\t#e6194b\n")
    (tmp_path / "map").write_text(
        "\n".join("\t".join(f"S{r}{c}" for c in range(3)) for r in range(2))
    )
    (tmp_path / "images").write_text(f"{name}/array.tif;array.map\n")
    client.upload_file(str(tmp_path / "emails"), "", f"study.{name}.emails")
    client.upload_file(str(tmp_path / "scores"), "", f"study.{name}.scores")
    client.upload_file(str(tmp_path / "images"), "", f"study.{name}.images")
    client.upload_file(str(tmp_path / "map"), name, "array.map")
    client.upload_file(str(tmp_path / "array.tif"), name)
    study_id = client.reimport(name)["id"]
    extension = Extension(links_of(server, study_id)[0]["url"])

    positions = extension.get("TMAPositions").json()
    sent = extension.post(
        "AnnoAnswer", question="Tumour", answer=f"TMAs:\n0,0\n{AREA}\n1,2\n{AREA}"
    )

    assert sent.status_code == 200, sent.text
    cores = positions["cores"]
    assert [(core["row"], core["col"]) for core in cores] == [
        (r, c) for r in range(2) for c in range(3)
    ]
    for core in cores:
        # The client divides by 1000 × width / longest side.
        expected = 200 + 400 * core["col"], 200 + 400 * core["row"]
        assert (core["x"] / 1000, core["y"] / 1000) == pytest.approx(expected, abs=15)
    kept = server.call("Scores", studyId=study_id).json()
    assert [(row["tmaRow"], row["tmaCol"], row["answer"]) for row in kept] == [
        (0, 0, AREA),
        (1, 2, AREA),
    ]
    assert (
        extension.post("AnnoAnswer", question="Tumour", answer=f"TMAs:\n7,7\n{AREA}").status_code
        == 400
    )


def test_a_token_cannot_renew_a_project(server: Server, study: WiredStudy):
    told = server.call("RenewQupathProject", verb="POST", project="{}").json()

    assert told["success"] is False
    assert "sign in" in told["error"]
