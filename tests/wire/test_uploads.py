"""Uploads as a client of the whole server meets them: status, attachments, tus extensions."""

from __future__ import annotations

import re
import time

import pytest
import requests

from slides_sample import gradient

pytestmark = [
    # The vendor's client leaves the files that it uploads to the garbage collector.
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def test_upload_status_tells_what_an_uploaded_slide_was_found_to_be(server, tmp_path):
    slide = tmp_path / "looked at.tif"
    gradient.write_gradient_slide(slide, width=300, height=200, tile=128, downsamples=(1, 2))
    server.client().upload_file(str(slide), "status")

    until = time.monotonic() + 60
    while True:
        [found] = server.call("UploadStatus", count=1).json()["uploads"]
        if found["state"] != "checking":
            break
        assert time.monotonic() < until

    assert (found["state"], found["path"]) == ("ready", "status/looked at.tif")
    assert (found["slides"][0]["width"], found["slides"][0]["height"]) == (300, 200)
    assert len(found["sha256"]) == 64


def test_request_upload_attachment_serves_the_official_client(server, study, tmp_path):
    (tmp_path / "report.pdf").write_bytes(b"%PDF")

    html = server.client().upload_attachment(study.id, None, str(tmp_path / "report.pdf"), "Report")

    url = re.search(r'href="([^"]+)"', html)[1]
    bearer = {"Authorization": f"Bearer {server.token}"}
    assert requests.get(url, timeout=30).status_code == 401
    answer = requests.get(url, headers=bearer, timeout=30)
    assert answer.content == b"%PDF"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="report.pdf"'


def test_options_tells_every_extension(server):
    answer = requests.options(f"{server.url}/files/", timeout=30)

    assert answer.headers["Tus-Extension"] == (
        "creation,creation-with-upload,creation-defer-length,expiration,checksum,termination,"
        "concatenation"
    )
