"""Uploads as a client of the whole server meets them: status, attachments, tus extensions."""

from __future__ import annotations

import hashlib
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

    found = newest_looked_at(server)

    assert (found["state"], found["path"]) == ("ready", "status/looked at.tif")
    assert (found["slides"][0]["width"], found["slides"][0]["height"]) == (300, 200)
    assert len(found["sha256"]) == 64


def newest_looked_at(server):
    """Return the newest upload, once the server has looked at it."""
    until = time.monotonic() + 60
    while True:
        [found] = server.call("UploadStatus", count=1).json()["uploads"]
        if found["state"] != "checking":
            return found
        assert time.monotonic() < until


def test_a_slide_that_was_mended_on_disk_is_looked_at_again(server, tmp_path):
    slide = tmp_path / "mended.tif"
    gradient.write_gradient_slide(slide, width=300, height=200, tile=128, downsamples=(1,))
    whole = slide.read_bytes()
    slide.write_bytes(whole[: len(whole) // 3])
    server.client().upload_file(str(slide), "mending")
    broken = newest_looked_at(server)
    (server.data / "images" / "mending" / "mended.tif").write_bytes(whole)

    asked = server.call("CheckUpload", verb="POST", id=broken["uploadId"]).json()
    mended = newest_looked_at(server)

    assert asked == {"success": True}
    assert (broken["state"], mended["state"]) == ("unreadable", "ready")
    assert mended["problem"] == ""
    assert mended["sha256"] == hashlib.sha256(whole).hexdigest()
    foreign = server.make_token(rights="CanUpload")
    refused = server.call("CheckUpload", verb="POST", bearer=foreign, id=broken["uploadId"]).json()
    assert refused["error"] == "there is no such upload of yours"


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
