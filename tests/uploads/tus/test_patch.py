"""PATCH /files/<id> over a socket: bytes, offsets, interruptions and quarrels."""

from __future__ import annotations

import base64
import errno
import hashlib
import http.client
import json
import os
import threading
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest


def sha1_header(data):
    return {"Upload-Checksum": f"sha1 {base64.b64encode(hashlib.sha1(data).digest()).decode()}"}


def content(site, part_id):
    with site.parts.complete(part_id) as path:
        return path.read_bytes()


def test_bytes_move_the_offset(site):
    part_id = site.begin(10)

    first = site.patch(part_id, 0, b"hello")
    second = site.patch(part_id, 5, b"world")

    assert (first.status, first.offset) == (204, 5)
    assert (second.status, second.offset) == (204, 10)
    assert "upload-expires" in second.headers
    assert content(site, part_id) == b"helloworld"


@pytest.mark.parametrize("offset", [0, 4, 6, 10, 11])
def test_bytes_at_another_offset_are_a_conflict_and_change_nothing(site, offset):
    part_id = site.begin(10)
    site.patch(part_id, 0, b"hello")

    answer = site.patch(part_id, offset, b"x")

    assert answer.status == 409
    assert "upload-offset" not in answer.headers
    assert site.head(part_id).offset == 5


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "application/octet-stream"}, 415),
        ({"Content-Type": ""}, 415),
        ({"Upload-Offset": ""}, 400),
        ({"Upload-Offset": "-5"}, 400),
        ({"Tus-Resumable": ""}, 412),
        ({"Upload-Checksum": "md5 YQ=="}, 400),
        ({"Upload-Checksum": "sha1 ?"}, 400),
        ({"Authorization": "Bearer nonsense"}, 401),
    ],
)
def test_malformed_patch_is_refused_with_its_status_and_changes_nothing(site, headers, status):
    part_id = site.begin(10)

    answer = site.patch(part_id, 0, b"hello", headers)

    assert answer.status == status
    assert site.head(part_id).offset == 0


def test_unknown_upload_is_not_found(site):
    assert site.patch("0" * 32, 0, b"x").status == 404


def test_expired_upload_is_gone(site):
    part_id = site.begin(10)
    site.shift = timedelta(days=7, seconds=2)

    assert site.patch(part_id, 0, b"hello").status == 410


def test_bytes_beyond_the_length_are_refused_and_the_part_stays_as_it_was(site):
    part_id = site.begin(10)
    site.patch(part_id, 0, b"hello")

    answer = site.patch(part_id, 5, b"world!")

    assert answer.status == 413
    assert site.head(part_id).offset == 5
    assert site.patch(part_id, 5, b"world").offset == 10
    assert content(site, part_id) == b"helloworld"


@pytest.mark.parametrize("surplus", [1, 3_000_000])
def test_chunked_bytes_beyond_the_length_are_taken_back(site, surplus):
    part_id = site.begin(2_000_010)
    site.patch(part_id, 0, b"0123456789")
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)

    connection.request(
        "PATCH",
        f"/files/{part_id}",
        iter([b"x" * 2_000_000, b"y" * surplus]),
        {
            "Tus-Resumable": "1.0.0",
            "Upload-Offset": "10",
            "Content-Type": "application/offset+octet-stream",
            "Transfer-Encoding": "chunked",
        },
        encode_chunked=True,
    )
    answer = connection.getresponse()
    connection.close()

    assert answer.status == 413
    assert site.head(part_id).offset == 10
    assert site.patch(part_id, 10, b"z" * 2_000_000).status == 204
    assert content(site, part_id) == b"0123456789" + b"z" * 2_000_000


def test_chunked_bytes_that_fit_are_taken(site):
    part_id = site.begin(6)
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)

    connection.request(
        "PATCH",
        f"/files/{part_id}",
        iter([b"abc", b"def"]),
        {
            "Tus-Resumable": "1.0.0",
            "Upload-Offset": "0",
            "Content-Type": "application/offset+octet-stream",
            "Transfer-Encoding": "chunked",
        },
        encode_chunked=True,
    )
    answer = connection.getresponse()
    connection.close()

    assert answer.status == 204
    assert content(site, part_id) == b"abcdef"


def test_refused_body_of_many_bytes_still_gets_its_answer(site):
    part_id = site.begin(20_000_000)

    answer = site.patch(part_id, 7, b"x" * 10_000_000)

    assert answer.status == 409


def test_empty_patch_at_the_end_is_accepted(site):
    part_id = site.begin(0)

    assert site.patch(part_id, 0, b"").offset == 0


def test_right_checksum_is_accepted_and_wrong_discards_the_bytes(site):
    part_id = site.begin(10)
    site.patch(part_id, 0, b"hello", sha1_header(b"hello"))

    answer = site.patch(part_id, 5, b"w0rld", sha1_header(b"world"))

    assert answer.status == 460
    assert site.head(part_id).offset == 5
    assert site.patch(part_id, 5, b"world", sha1_header(b"world")).offset == 10
    assert content(site, part_id) == b"helloworld"


def test_method_override_patches_and_deletes(site):
    part_id = site.begin(5)
    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": "0",
        "Content-Type": "application/offset+octet-stream",
        "X-HTTP-Method-Override": "PATCH",
    }

    patched = site.send("POST", f"/files/{part_id}", headers, b"hello")
    headers["X-HTTP-Method-Override"] = "DELETE"
    deleted = site.send("POST", f"/files/{part_id}", headers)

    assert (patched.status, patched.offset) == (204, 5)
    assert deleted.status == 204
    assert site.head(part_id).status == 404


def test_second_writer_is_locked_out_while_the_first_goes_on(site):
    data = b"x" * 2_000_000
    part_id = site.begin(len(data))

    with site.trickling(part_id, data):
        second = site.patch(part_id, 0, b"intruder!!")

    assert second.status == 423
    assert content(site, part_id) == data


def test_second_writer_takes_over_from_a_silent_one(site):
    data = bytes(range(250)) * 12_000
    part_id = site.begin(len(data))

    with site.writing(part_id, data) as first:
        kept = site.head(part_id).offset
        second = site.patch(part_id, kept, data[kept:])
        assert first.recv(100).startswith(b"HTTP/1.1 408")

    assert 0 < kept < len(data) - 1
    assert (second.status, second.offset) == (204, len(data))
    assert content(site, part_id) == data
    assert not any(name.endswith(".wanted") for name in site.part_files())


def test_two_patches_at_once_yield_one_winner_and_one_423_or_409(site):
    data = [bytes([letter]) * 4_000_000 for letter in b"ab"]
    part_id = site.begin(4_000_000)
    answers = []

    threads = [
        threading.Thread(target=lambda piece=piece: answers.append(site.patch(part_id, 0, piece)))
        for piece in data
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    statuses = sorted(answer.status for answer in answers)
    assert statuses[0] == 204
    assert statuses[1] in {409, 423}
    assert content(site, part_id) in data


def test_connection_lost_midway_leaves_what_arrived(site):
    part_id = site.begin(3_000_000)

    with site.open_patch(part_id, 0, 3_000_000, b"x" * 1_234_567):
        site.wait_until(lambda: site.head(part_id).offset > 0)
    site.wait_until_free(part_id)

    kept = site.head(part_id).offset
    # What the web server had read but not handed over when the connection broke is lost.
    assert 1_000_000 < kept <= 1_234_567
    assert site.patch(part_id, kept, b"y" * (3_000_000 - kept)).offset == 3_000_000
    assert content(site, part_id) == b"x" * kept + b"y" * (3_000_000 - kept)


def test_connection_lost_midway_with_a_checksum_leaves_nothing(site):
    data = b"x" * 2_000_000
    part_id = site.begin(len(data))
    undo = f"{part_id}.undo"

    with site.open_patch(part_id, 0, len(data), data[:-1], sha1_header(data)):
        site.wait_until(lambda: undo in site.part_files())
    site.wait_until(lambda: undo not in site.part_files())

    assert site.head(part_id).offset == 0
    assert site.patch(part_id, 0, data, sha1_header(data)).offset == len(data)


def test_silent_client_is_taken_for_dead_and_its_bytes_are_kept(site):
    part_id = site.begin(10)

    with site.open_patch(part_id, 0, 10, b"hello") as connection:
        # The site's idle time is three seconds.
        assert connection.recv(100).startswith(b"HTTP/1.1 408")

    assert site.head(part_id).offset == 5
    assert site.patch(part_id, 5, b"world").offset == 10


def test_failure_of_the_disk_is_told_and_nothing_unwritten_counts(site, monkeypatch):
    part_id = site.begin(10)
    site.patch(part_id, 0, b"hello")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    answer = site.patch(part_id, 5, b"world")
    monkeypatch.undo()

    assert answer.status == 507
    assert site.head(part_id).offset == 5
    assert site.patch(part_id, 5, b"world").offset == 10


def test_info_on_disk_names_the_owner_and_no_secret(site):
    token = site.token()
    part_id = site.begin(10, token)

    info = json.loads((site.folder / "uploads" / f"{part_id}.info").read_text())

    owner = site.actor(token).label
    assert info == {"length": 10, "metadata": "", "owner": owner, "concat": ""}


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


def test_silent_client_s_connection_is_closed(site):
    part_id = site.begin(10)

    with site.open_patch(part_id, 0, 10, b"hello") as connection:
        answer = b""
        while data := connection.recv(1000):
            answer += data

    assert answer.startswith(b"HTTP/1.1 408")


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
