"""What headers of a PATCH ask for."""

from __future__ import annotations

import base64
import dataclasses
import hashlib

import pytest

from tests.uploads.tus.decisions import PATCH, decide, make_state, without
from uploads import tus
from uploads.parts import (
    PartJoinedError,
    PartOverflowError,
)


def test_patch_names_offset_and_announced_bytes():
    decision = decide("PATCH", {**PATCH, "upload-offset": "70", "content-length": "30"})

    assert decision == tus.Append(70, tus.Body(30, None))


def test_patch_in_chunks_announces_no_length():
    headers = {**without(PATCH, "content-length"), "transfer-encoding": "chunked"}

    assert decide("PATCH", headers) == tus.Append(0, tus.Body(None, None))


@pytest.mark.parametrize("content_type", [None, "", "text/plain", "application/octet-stream"])
def test_patch_of_another_content_type_is_unsupported(content_type):
    headers = without(PATCH, "content-type")
    if content_type is not None:
        headers["content-type"] = content_type

    assert decide("PATCH", headers).status == 415


@pytest.mark.parametrize(
    "content_type",
    ["Application/Offset+Octet-Stream", "application/offset+octet-stream; charset=utf-8"],
)
def test_content_type_is_compared_as_a_media_type(content_type):
    assert isinstance(decide("PATCH", {**PATCH, "content-type": content_type}), tus.Append)


@pytest.mark.parametrize("offset", [None, "", "-1", "+1", "1.0", "0x1", "١", "1 2", "9" * 19])
def test_patch_without_a_whole_offset_is_a_bad_request(offset):
    headers = without(PATCH, "upload-offset")
    if offset is not None:
        headers["upload-offset"] = offset

    assert decide("PATCH", headers).status == 400


def test_length_told_late_comes_with_bytes():
    assert decide("PATCH", {**PATCH, "upload-length": "70"}).length == 70
    assert decide("PATCH", {**PATCH, "upload-length": "x"}).status == 400


def test_bytes_for_a_final_upload_are_forbidden():
    state = dataclasses.replace(make_state(), concat=f"final;/{'a' * 32}")

    with pytest.raises(PartJoinedError):
        tus.check_append(tus.Body(1, None), state, 1000)


@pytest.mark.parametrize(
    ("algorithm", "digest"),
    [
        ("sha1", hashlib.sha1(b"hello").digest()),
        ("SHA256", hashlib.sha256(b"hello").digest()),
        ("crc32", bytes.fromhex("3610a686")),
    ],
)
def test_checksum_names_algorithm_and_digest(algorithm, digest):
    value = f"{algorithm} {base64.b64encode(digest).decode()}"

    checksum = decide("PATCH", {**PATCH, "upload-checksum": value}).body.checksum

    hasher = checksum.hasher()
    hasher.update(b"hel")
    hasher.update(b"lo")
    assert checksum.fits(hasher)


@pytest.mark.parametrize("value", ["", "sha1", "md5 YQ==", "sha1 ???", "sha1  Y Q=="])
def test_unknown_algorithm_or_malformed_checksum_is_a_bad_request(value):
    reply = decide("PATCH", {**PATCH, "upload-checksum": value})

    if value == "sha1":
        # An empty digest fits nothing: 460 once the bytes are here.
        assert reply.body.checksum.digest == b""
    else:
        assert reply.status == 400


@pytest.mark.parametrize("byte_count", [None, 0, 6])
def test_body_that_may_fit_is_read(byte_count):
    tus.check_append(tus.Body(byte_count, None), make_state(), 1000)


def test_body_longer_than_the_room_left_is_refused_before_reading():
    with pytest.raises(PartOverflowError, match="room for 6"):
        tus.check_append(tus.Body(7, None), make_state(), 1000)
