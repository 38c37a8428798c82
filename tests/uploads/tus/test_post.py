"""POST /files over a socket: who may begin an upload, and what they are told."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import socket
from datetime import timedelta

import pytest

from records.tables import ApiToken
from tests.uploads.conftest import metadata_of

TUS = {"Tus-Resumable": "1.0.0"}


BYTES = {"Content-Type": "application/offset+octet-stream"}


@pytest.mark.parametrize("path", ["/files", "/files/"])
def test_creation_answers_with_a_location_below_files(site, path):
    token = site.token()

    answer = site.create(token, site.ticket(token), 10, path=path)

    assert answer.status == 201
    assert answer.headers["location"] == f"/files/{answer.part_id}"
    assert len(answer.part_id) == 32
    assert answer.headers["tus-resumable"] == "1.0.0"
    assert answer.headers["upload-expires"].endswith(" GMT")
    assert answer.offset == 0
    assert site.head(answer.part_id).headers["upload-length"] == "10"


def test_location_lies_below_the_prefix_that_a_proxy_tells(site):
    token = site.token()

    answer = site.create(
        token, site.ticket(token), 1, headers={"X-Forwarded-Prefix": "/slidescore/"}
    )

    assert answer.headers["location"].startswith("/slidescore/files/")


@pytest.mark.parametrize("prefix", ["//evil.example", "https://evil.example", "/a b", "/../x\\y"])
def test_prefix_that_is_no_plain_path_is_ignored(site, prefix):
    token = site.token()

    answer = site.create(token, site.ticket(token), 1, headers={"X-Forwarded-Prefix": prefix})

    assert answer.headers["location"].startswith("/files/")


def test_metadata_of_other_clients_is_kept_and_tokens_are_not(site):
    token = site.token()
    ticket = site.ticket(token)
    values = {"UploadToken": ticket, "APITOKEN": token, "filename": "a ü.svs", "more": ""}
    header = ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in values.items())
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "1", "Upload-Metadata": header}

    answer = site.send("POST", "/files", headers)

    name = base64.b64encode("a ü.svs".encode()).decode()
    assert site.head(answer.part_id).headers["upload-metadata"] == f"filename {name},more"
    for path in (site.folder / "uploads").glob(f"{answer.part_id}.*"):
        assert token.encode() not in path.read_bytes()
        assert ticket.encode() not in path.read_bytes()


def test_api_token_may_carry_its_expiry_as_clients_send_it(site):
    token = site.token()

    answer = site.create(f"{token}#expires:2030-01-01T00:00:00", site.ticket(token), 1)

    assert answer.status == 201


def test_bearer_header_does_for_the_api_token(site):
    token = site.token()
    value = base64.b64encode(site.ticket(token).encode()).decode()
    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Length": "1",
        "Upload-Metadata": f"uploadtoken {value}",
        "Authorization": f"Bearer {token}",
    }

    assert site.send("POST", "/files/", headers).status == 201


@pytest.mark.parametrize(
    "case",
    [
        "nothing",
        "no ticket",
        "no token",
        "bad ticket",
        "bad token",
        "other token",
        "empty ticket",
    ],
)
def test_unauthorised_creation_stores_nothing_and_reads_nothing(site, case):
    token, other = site.token(), site.token()
    ticket = site.ticket(token)
    metadata = {
        "nothing": None,
        "no ticket": metadata_of(apitoken=token),
        "no token": metadata_of(uploadtoken=ticket),
        "bad ticket": metadata_of(uploadtoken="x" + ticket, apitoken=token),
        "bad token": metadata_of(uploadtoken=ticket, apitoken="x" + token),
        "other token": metadata_of(uploadtoken=ticket, apitoken=other),
        "empty ticket": metadata_of(uploadtoken="", apitoken=token),
    }[case]
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "5", **BYTES}
    if metadata is not None:
        headers["Upload-Metadata"] = metadata
    before = site.part_files()

    answer = site.send("POST", "/files/", headers, b"hello")

    assert answer.status == 401
    assert "location" not in answer.headers
    assert site.part_files() == before


def test_refusal_comes_before_the_body(site):
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "5", "Content-Length": "5", **BYTES}

    # http.client sends no body here, though the headers announce one.
    answer = site.send("POST", "/files/", headers)

    assert answer.status == 401


def test_expired_ticket_is_refused(site):
    token = site.token()
    ticket = site.ticket(token)
    site.shift = timedelta(days=1, seconds=1)

    answer = site.create(token, ticket, 1)

    assert answer.status == 401
    assert b"expired" in answer.body


def test_token_given_up_meanwhile_is_refused(site):
    token = site.token()
    ticket = site.ticket(token)
    with site.database.writing() as session:
        row = session.get(ApiToken, int(site.actor(token).label.removeprefix("token:")))
        row.revoked_at = site.now()
        session.add(row)

    assert site.create(token, ticket, 1).status == 401


def test_same_ticket_again_begins_anew_and_drops_the_first_part(site):
    token = site.token()
    ticket = site.ticket(token)
    first = site.create(token, ticket, 5)

    second = site.create(token, ticket, 5)

    assert second.status == 201
    assert site.head(first.part_id).status == 404
    assert site.head(second.part_id).offset == 0


def test_ticket_of_a_finished_upload_is_a_conflict(site):
    token = site.token()
    ticket = site.ticket(token)
    part_id = site.create(token, ticket, 0).part_id
    assert site.api("FinishUpload", token, id=part_id, token=ticket).json == "OK"

    assert site.create(token, ticket, 5).status == 409


def test_first_bytes_may_come_with_the_creation(site):
    token = site.token()

    answer = site.create(token, site.ticket(token), 10, headers=BYTES, body=b"hello")

    assert (answer.status, answer.offset) == (201, 5)
    assert site.patch(answer.part_id, 5, b"world").offset == 10


def test_whole_file_may_come_with_the_creation(site):
    token = site.token()
    ticket = site.ticket(token, "whole.svs")

    answer = site.create(token, ticket, 5, headers=BYTES, body=b"hello")

    assert answer.offset == 5
    assert site.api("FinishUpload", token, id=answer.part_id, token=ticket).json == "OK"
    assert site.files.resolve("new/whole.svs").read_bytes() == b"hello"


def test_first_bytes_with_a_wrong_checksum_are_refused(site):
    token = site.token()
    digest = base64.b64encode(hashlib.sha1(b"other").digest()).decode()
    headers = {**BYTES, "Upload-Checksum": f"sha1 {digest}"}

    answer = site.create(token, site.ticket(token), 10, headers=headers, body=b"hello")

    assert answer.status == 460


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload-Length": ""}, 400),
        ({"Upload-Length": "-1"}, 400),
        ({"Upload-Length": "50000001"}, 413),
        ({"Tus-Resumable": "0.2.2"}, 412),
        ({"Upload-Metadata": "uploadtoken !"}, 400),
        ({"Upload-Concat": "nonsense"}, 400),
        ({"Upload-Defer-Length": "1"}, 400),
    ],
)
def test_malformed_creation_is_refused_with_its_status_and_stores_nothing(site, headers, status):
    token = site.token()
    before = site.part_files()

    answer = site.create(token, site.ticket(token), 10, headers=headers)

    assert answer.status == status
    assert answer.headers["tus-resumable"] == "1.0.0"
    assert site.part_files() == before


def test_body_of_another_type_is_unsupported(site):
    token = site.token()

    answer = site.create(
        token, site.ticket(token), 10, headers={"Content-Type": "text/plain"}, body=b"hello"
    )

    assert answer.status == 415


def test_body_longer_than_the_upload_is_too_large(site):
    token = site.token()

    answer = site.create(token, site.ticket(token), 4, headers=BYTES, body=b"hello")

    assert answer.status == 413


@pytest.mark.parametrize("value", ["", "0", "2", "true"])
def test_length_is_deferred_with_the_number_one_alone(site, value):
    token = site.token()
    headers = site.headers_of({"uploadtoken": site.ticket(token), "apitoken": token})

    assert site.send("POST", "/files/", {**headers, "Upload-Defer-Length": value}).status == 400
    assert site.send("POST", "/files/", headers).status == 400


@pytest.mark.parametrize(
    "more", ["a,,b", ",a", "a YQ==,a Yg==", "a YQ== Yg==", "a Y", "a !", " ,b YQ=="]
)
def test_malformed_metadata_is_refused_and_stores_nothing(site, more):
    token = site.token()
    header = metadata_of(uploadtoken=site.ticket(token), apitoken=token)
    before = site.part_files()

    answer = site.create(
        token, "", 5, headers={"Upload-Metadata": f"{header},{more}" if more else header}
    )

    assert answer.status == 400
    assert site.part_files() == before


def test_metadata_are_told_back_as_they_were_sent_but_for_the_tokens(site):
    token = site.token()
    secret = metadata_of(uploadtoken=site.ticket(token), apitoken=token)
    sent = f"FileName {base64.b64encode(b'a b').decode()},is_confidential,bytes /////w=="

    answer = site.create(token, "", 5, headers={"Upload-Metadata": f"{secret},{sent}"})

    assert site.head(answer.part_id).headers["upload-metadata"] == sent


def test_metadata_cannot_smuggle_a_header(site):
    token = site.token()
    header = metadata_of(uploadtoken=site.ticket(token), apitoken=token, name="a\r\nX-Evil: 1")

    answer = site.create(token, "", 5, headers={"Upload-Metadata": header})

    with contextlib.suppress(KeyError):
        assert site.head(answer.part_id).headers["x-evil"] == "never"
    assert answer.status == 201


@pytest.mark.parametrize("is_allowed", [True, False])
def test_client_that_asks_before_it_sends_is_told_before_it_sends(site, is_allowed):
    token = site.token()
    ticket = site.ticket(token) if is_allowed else "nonsense"
    headers = {
        **TUS,
        **BYTES,
        "Host": "test",
        "Upload-Length": "5",
        "Content-Length": "5",
        "Expect": "100-continue",
        "Upload-Metadata": metadata_of(uploadtoken=ticket, apitoken=token),
    }
    head = "\r\n".join(f"{name}: {value}" for name, value in headers.items())

    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as connection:
        connection.sendall(f"POST /files/ HTTP/1.1\r\n{head}\r\n\r\n".encode())
        first = connection.recv(1000)
        if is_allowed:
            connection.sendall(b"hello")
            assert connection.recv(1000).startswith(b"HTTP/1.1 201")

    assert first.startswith(b"HTTP/1.1 100" if is_allowed else b"HTTP/1.1 401")
