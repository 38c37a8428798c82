"""DELETE /files/<id> over a socket: an upload given up."""

from __future__ import annotations

from tests.uploads.conftest import appending

RESUMABLE = {"Tus-Resumable": "1.0.0"}


def test_terminated_upload_is_gone_with_its_bytes(site):
    part_id = site.begin(10)
    site.patch(part_id, 0, b"hello")

    answer = site.send("DELETE", f"/files/{part_id}", RESUMABLE)

    assert answer.status == 204
    assert answer.headers["tus-resumable"] == "1.0.0"
    assert not any(name.startswith(part_id) for name in site.part_files())
    assert site.head(part_id).status == 404
    assert site.patch(part_id, 5, b"world").status == 404
    assert site.send("DELETE", f"/files/{part_id}", RESUMABLE).status == 404


def test_upload_of_another_token_is_not_terminated(site):
    part_id = site.begin(10)
    other = site.token()

    answer = site.send(
        "DELETE", f"/files/{part_id}", {**RESUMABLE, "Authorization": f"Bearer {other}"}
    )

    assert answer.status == 401
    assert site.head(part_id).status == 200


def test_upload_that_is_being_written_is_not_terminated(site):
    part_id = site.begin(2_000_000)

    with site.writing(part_id, b"x" * 2_000_000) as connection:
        answer = site.send("DELETE", f"/files/{part_id}", RESUMABLE)
        connection.sendall(b"x")
        assert connection.recv(100).startswith(b"HTTP/1.1 204")

    assert answer.status == 423
    assert site.head(part_id).offset == 2_000_000


def test_termination_without_version_is_precondition_failed(site):
    part_id = site.begin(10)

    assert site.send("DELETE", f"/files/{part_id}").status == 412
    assert site.head(part_id).status == 200


def test_finishing_a_terminated_upload_says_that_it_is_gone(site):
    token = site.token()
    ticket = site.ticket(token)
    part_id = site.create(token, ticket, 0).part_id
    site.send("DELETE", f"/files/{part_id}", RESUMABLE)

    answer = site.api("FinishUpload", token, id=part_id, token=ticket)

    assert answer.status == 200
    assert "no such upload" in answer.json


def test_complete_upload_is_terminated_too(site):
    part_id = site.begin(5)
    site.patch(part_id, 0, b"hello")

    assert site.send("DELETE", f"/files/{part_id}", RESUMABLE).status == 204
    for method in ("HEAD", "PATCH", "DELETE"):
        assert site.send(method, f"/files/{part_id}", appending(0)).status == 404
