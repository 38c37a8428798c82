"""No one is let in: every call without a token, with a bad one, and with too little."""

from __future__ import annotations

import pytest
import requests

from tests.wire.served import Server, WiredStudy


@pytest.fixture(scope="module")
def listing(server: Server) -> dict[str, dict[str, object]]:
    return requests.get(f"{server.url}/swagger/v1/swagger.json", timeout=30).json()["paths"]


def test_every_call_refuses_nobody_and_a_wrong_token(server: Server, listing):
    let_in = []
    for path, operations in listing.items():
        for verb in operations:
            for headers in (
                {},
                {"Authorization": "Bearer cs_wrong"},
                {"Authorization": "Basic eA=="},
            ):
                reply = requests.request(verb, server.url + path, headers=headers, timeout=30)
                if reply.status_code != 401:
                    let_in.append((verb, path, reply.status_code))

    assert len(listing) > 30
    assert let_in == []


def test_every_call_refuses_a_token_without_rights_or_without_reach(
    server: Server, study: WiredStudy, listing
):
    powerless = server.make_token(rights="CanHandleDomains", studies="another study")
    sent = {
        "studyId": study.id,
        "imageId": study.slide_id,
        "caseId": 1,
        "scoreId": 1,
        "studyName": study.name,
        "filename": f"study.{study.name}.emails",
        "folder": study.name,
        "level": 0,
        "x": 0,
        "y": 0,
        "width": 10,
        "height": 10,
        "jpegQuality": 50,
        "question": "Remark",
        "user": "reader@example.org",
        "email": "reader@example.org",
        "answer": "x",
        "scoreValueId": 1,
        "sessionId": 1,
        "batch": 0,
        "events": "0\t0\t0\t10\t10\t0\t0",
        "results": f"\n{study.slide_id}\tx\treader@example.org\tRemark\tx",
        "asapAnnotation": "<ASAP_Annotations/>",
        "path": f"{study.name}/test-image.TiFF",
        "newPath": f"{study.name}/test-image.TiFF",
        "newName": "stolen",
        "caseName": "stolen",
        "description": "stolen",
        "micronsPerPixel": 1,
        "rotation": 90,
        "questionSpec": "Stolen\tFreeText",
        "order": 0,
        "tmaMapName": "m",
        "tmaMapFileName": "m",
        "token": "x",
        "id": 1,
        "name": "label",
        "rights": "CanGetPixels",
        "expiresOn": "2030-01-01T00:00:00Z",
        "username": "reader@example.org",
        "tiles": "0/0_0",
        "annotations": "[]",
        "project": "/i/1/link/SlideScoreMetadata.json",
        "to": "reader@example.org",
        "subject": "x",
        "body": "x",
        "cookiePart": "x",
        "urlPart": "x",
        "since": "2020-01-01T00:00:00Z",
        "scores": "Stolen\tFreeText",
        "text": "stolen",
        "cores": "[]",
        "map": "1\t2",
    }
    # These tell nothing but what concerns the caller.
    harmless = {
        "CheckConfigFile",
        "CheckUpload",
        "DeletedStudies",
        "Find",
        "Studies",
        "GetStudiesUpdated",
        "GetTokenExpiry",
        "FinishUpload",
        "GiveUpToken",
        "ResumeUpload",
        "UploadStatus",
    }
    let_in = []
    for path, operations in listing.items():
        name = path.removeprefix("/Api/")
        if name in harmless:
            continue
        verb = "GET" if "get" in operations else "POST"
        reply = _call(server, name, verb, powerless, sent)
        if reply.status_code != 401:
            let_in.append((name, reply.status_code, reply.text[:80]))

    assert not let_in, "\n".join(map(str, let_in))
    assert server.call("Studies", bearer=powerless).json() == []
    [slide] = server.call("Images", studyId=study.id).json()
    assert slide["name"] == "test-image"


def _call(server: Server, name: str, verb: str, bearer: str, sent: dict[str, object]):
    headers = {"Authorization": f"Bearer {bearer}", "Accept": "application/json"}
    url = f"{server.url}/Api/{name}"
    return requests.request(verb, url, data=sent, headers=headers, timeout=30)


def test_a_restricted_token_lists_only_its_studies(server: Server, study: WiredStudy):
    token = server.make_token(studies=study.name)

    assert [row["id"] for row in server.call("Studies", bearer=token).json()] == [study.id]


def test_read_and_modify_restrictions_are_apart(server: Server, study: WiredStudy):
    reader = server.make_token(**{"modify-studies": "another"})

    assert server.call("Images", bearer=reader, studyId=study.id).status_code == 200
    refused = server.call(
        "UpdateSlideName", verb="POST", bearer=reader, imageId=study.slide_id, newName="x"
    )
    assert refused.status_code == 401


@pytest.mark.parametrize(
    ("folder", "filename"),
    [
        ("elsewhere", "a.svs"),
        ("", "study.x.emails"),
        ("mine/../elsewhere", "a.svs"),
        ("minex", "a.svs"),
    ],
)
def test_a_token_for_one_folder_uploads_nowhere_else(server: Server, folder: str, filename: str):
    token = server.make_token(folders="mine")

    allowed = server.call(
        "RequestUpload", verb="POST", bearer=token, folder="mine/sub", filename="a.svs"
    )
    refused = server.call(
        "RequestUpload", verb="POST", bearer=token, folder=folder, filename=filename
    )

    assert "token" in allowed.json()
    assert refused.status_code == 401 or refused.text.startswith('"')


def test_bytes_of_an_upload_without_ticket_are_not_kept(server: Server):
    before = set((server.data / "uploads").rglob("*"))

    reply = requests.post(
        f"{server.url}/files",
        headers={
            "Tus-Resumable": "1.0.0",
            "Upload-Length": "4",
            "Content-Type": "application/offset+octet-stream",
            "Upload-Metadata": "filename eA==",
        },
        data=b"evil",
        timeout=30,
    )

    assert reply.status_code in (401, 403)
    assert set((server.data / "uploads").rglob("*")) == before


def test_pages_ask_to_sign_in(server: Server, study: WiredStudy):
    for path in ("/", f"/Image/Details?imageId={study.slide_id}&studyId={study.id}"):
        reply = requests.get(server.url + path, allow_redirects=False, timeout=30)

        assert reply.status_code in (302, 303)
        assert "/Account/Login" in reply.headers["Location"]
