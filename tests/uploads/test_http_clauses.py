"""Clauses of tus 1.0.0 that hold for every verb, and those that tests of one verb leave open."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import socket
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest

from tests.uploads.conftest import appending

TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {"Content-Type": "application/offset+octet-stream"}


def metadata_of(**values):
    return ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in values.items())


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


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "HEAD", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/files/", "/files/" + "0" * 32])
@pytest.mark.parametrize("headers", [{}, TUS, {**TUS, **BYTES, "Upload-Offset": "0"}])
def test_every_answer_names_the_version(site, method, path, headers):
    assert site.send(method, path, headers).headers["tus-resumable"] == "1.0.0"


@pytest.mark.parametrize("version", ["0.0.1", "nonsense"])
def test_options_ignores_the_version(site, version):
    assert site.send("OPTIONS", "/files/", {"Tus-Resumable": version}).status == 204


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


@pytest.mark.parametrize(
    ("offset", "headers", "status"),
    [
        (0, {}, 204),
        (3, {}, 409),
        (0, {"Content-Type": "text/plain"}, 415),
        (0, {"Upload-Offset": "x"}, 400),
        (0, {"Upload-Length": "9"}, 400),
        (0, {"Upload-Checksum": "sha1 AAAA"}, 460),
    ],
)
def test_every_answer_to_a_patch_tells_the_expiry(site, offset, headers, status):
    part_id = site.begin(5)

    answer = site.patch(part_id, offset, b"hello", headers)

    assert answer.status == status
    told = parsedate_to_datetime(answer.headers["upload-expires"])
    assert abs(told - site.now() - timedelta(days=7)) < timedelta(minutes=1)


def test_expired_upload_is_gone_and_tells_no_offset(site):
    part_id = site.begin(5)
    site.shift = timedelta(days=7, seconds=2)

    answer = site.head(part_id)

    assert answer.status == 410
    assert "upload-offset" not in answer.headers


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_each_algorithm_told_is_known(site, algorithm):
    part_id = site.begin(5)
    digest = base64.b64encode(hashlib.new(algorithm, b"hello").digest()).decode()

    answer = site.patch(part_id, 0, b"hello", {"Upload-Checksum": f"{algorithm} {digest}"})

    assert algorithm in site.send("OPTIONS", "/files/").headers["tus-checksum-algorithm"]
    assert answer.status == 204


def test_crc32_is_known_too(site):
    # 0x3610a686 is the CRC-32 of "hello" (RFC 1952).
    digest = base64.b64encode(bytes.fromhex("3610a686")).decode()

    answer = site.patch(site.begin(5), 0, b"hello", {"Upload-Checksum": f"crc32 {digest}"})

    assert answer.status == 204


def test_silent_client_s_connection_is_closed(site):
    part_id = site.begin(10)

    with site.open_patch(part_id, 0, 10, b"hello") as connection:
        answer = b""
        while data := connection.recv(1000):
            answer += data

    assert answer.startswith(b"HTTP/1.1 408")


def test_complete_upload_is_terminated_too(site):
    part_id = site.begin(5)
    site.patch(part_id, 0, b"hello")

    assert site.send("DELETE", f"/files/{part_id}", TUS).status == 204
    for method in ("HEAD", "PATCH", "DELETE"):
        assert site.send(method, f"/files/{part_id}", appending(0)).status == 404


def piece(site, token, ticket, data, **metadata):
    header = metadata_of(uploadtoken=ticket, apitoken=token, **metadata)
    more = {"Upload-Concat": "partial", "Upload-Metadata": header}
    part_id = site.create(token, ticket, len(data), headers=more).part_id
    assert site.patch(part_id, 0, data).status == 204
    return part_id


def join(site, token, ticket, value, **more):
    headers = site.headers_of({"uploadtoken": ticket, "apitoken": token})
    return site.send("POST", "/files/", {**headers, "Upload-Concat": value, **more})


def test_pieces_are_named_by_url_or_path_and_more_than_once(site):
    token = site.token()
    ticket = site.ticket(token)
    one, two = (piece(site, token, ticket, data) for data in (b"ab", b"cd"))
    value = f"final;{site.url}/files/{one} /files/{two} /files/{one}"

    joined = join(site, token, ticket, value)

    assert (joined.status, joined.offset) == (201, 6)
    with site.parts.complete(joined.part_id) as path:
        assert path.read_bytes() == b"abcdab"


def test_metadata_of_pieces_are_not_those_of_the_whole(site):
    token = site.token()
    ticket = site.ticket(token)
    one = piece(site, token, ticket, b"ab", filename="piece")

    joined = join(site, token, ticket, f"final;/files/{one}")

    told = site.head(joined.part_id).headers
    assert "upload-metadata" not in told
    assert told["upload-offset"] == told["upload-length"] == "2"


def test_whole_is_begun_without_a_length(site):
    token = site.token()
    ticket = site.ticket(token)
    one = piece(site, token, ticket, b"ab")

    refused = join(site, token, ticket, f"final;/files/{one}", **{"Upload-Length": "2"})

    assert refused.status == 400
    assert site.head(one).offset == 2


def test_patch_of_a_whole_changes_nothing(site):
    token = site.token()
    ticket = site.ticket(token)
    joined = join(site, token, ticket, f"final;/files/{piece(site, token, ticket, b'ab')}")

    assert site.patch(joined.part_id, 2, b"c").status == 403
    assert site.head(joined.part_id).offset == 2


def test_piece_tells_its_offset(site):
    token = site.token()

    part_id = piece(site, token, site.ticket(token), b"ab")

    told = site.head(part_id).headers
    assert (told["upload-offset"], told["upload-concat"]) == ("2", "partial")


def test_metadata_cannot_smuggle_a_header(site):
    token = site.token()
    header = metadata_of(uploadtoken=site.ticket(token), apitoken=token, name="a\r\nX-Evil: 1")

    answer = site.create(token, "", 5, headers={"Upload-Metadata": header})

    with contextlib.suppress(KeyError):
        assert site.head(answer.part_id).headers["x-evil"] == "never"
    assert answer.status == 201
