"""What every verb has in common: versions, whole numbers, and verbs named by a header."""

from __future__ import annotations

import pytest

from tests.uploads.conftest import appending

TUS = {"Tus-Resumable": "1.0.0"}


BYTES = {"Content-Type": "application/offset+octet-stream"}


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "HEAD", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/files/", "/files/" + "0" * 32])
@pytest.mark.parametrize("headers", [{}, TUS, {**TUS, **BYTES, "Upload-Offset": "0"}])
def test_every_answer_names_the_version(site, method, path, headers):
    assert site.send(method, path, headers).headers["tus-resumable"] == "1.0.0"


@pytest.mark.parametrize("method", ["POST", "HEAD", "PATCH", "DELETE"])
@pytest.mark.parametrize("version", ["", "0.2.2", "2.0.0"])
def test_other_version_is_refused_names_ours_and_is_not_processed(site, method, version):
    part_id = site.begin(5)
    path = "/files/" if method == "POST" else f"/files/{part_id}"
    headers = {**appending(0), **site.creation(site.token(), 5), "Tus-Resumable": version}
    before = site.part_files()

    answer = site.send(method, path, headers, b"hello" if method == "PATCH" else b"")

    assert (answer.status, answer.headers["tus-version"]) == (412, "1.0.0")
    assert site.part_files() == before
    assert site.head(part_id).offset == 0


@pytest.mark.parametrize("actual", ["POST", "PUT", "GET"])
def test_method_override_stands_above_whatever_method_came(site, actual):
    part_id = site.begin(5)
    override = {"X-HTTP-Method-Override": "PATCH"}

    answer = site.send(actual, f"/files/{part_id}", {**appending(0), **override}, b"hello")

    assert (answer.status, answer.offset) == (204, 5)


@pytest.mark.parametrize("value", ["", "-1", "1.5", "+1", "0x1", "one", "1 2", "9" * 30])
def test_offset_and_length_are_whole_numbers(site, value):
    token = site.token()
    part_id = site.begin(5, token)

    patched = site.patch(part_id, 0, b"hello", {"Upload-Offset": value})
    created = site.create(token, site.ticket(token), 5, headers={"Upload-Length": value})

    assert (patched.status, created.status) == (400, 400)
    assert site.head(part_id).offset == 0
