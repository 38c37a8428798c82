"""tus 1.0.0, clause by clause, as decisions over headers."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from records.errors import BusyError, ConflictError, InputError, NotFoundError, RightsError
from uploads import tus, tusheaders
from uploads.parts import (
    ChecksumError,
    DiskFullError,
    OffsetError,
    PartExpiredError,
    PartIncompleteError,
    PartJoinedError,
    PartLengthError,
    PartLockedError,
    PartMissingError,
    PartOverflowError,
    PartState,
)

RESUMABLE = {"tus-resumable": "1.0.0"}
PATCH = {
    **RESUMABLE,
    "content-type": "application/offset+octet-stream",
    "content-length": "5",
    "upload-offset": "0",
}
POST = {**RESUMABLE, "upload-length": "10", "content-length": "0"}


def decide(method, headers, *, names_upload=None, max_bytes=1000):
    names_upload = method != "POST" if names_upload is None else names_upload
    return tus.decide(method, headers, names_upload=names_upload, max_bytes=max_bytes)


def without(headers, name):
    return {key: value for key, value in headers.items() if key != name}


def make_state(*, length=10, offset=4, metadata=""):
    return PartState(
        part_id="0" * 32,
        length=length,
        offset=offset,
        metadata=metadata,
        owner="token:1",
        expires_at=datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
    )


def encoded(text):
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("names_upload", [True, False])
@pytest.mark.parametrize("headers", [{}, {"tus-resumable": "0.2.2"}])
def test_options_tells_the_capabilities_and_ignores_tus_resumable(headers, names_upload):
    reply = decide("OPTIONS", headers, names_upload=names_upload, max_bytes=123)

    assert reply.status == 204
    assert reply.headers["Tus-Version"] == "1.0.0"
    assert reply.headers["Tus-Max-Size"] == "123"
    assert set(reply.headers["Tus-Extension"].split(",")) == {
        "creation",
        "creation-with-upload",
        "creation-defer-length",
        "concatenation",
        "expiration",
        "checksum",
        "termination",
    }
    assert reply.headers["Tus-Checksum-Algorithm"] == "sha1,sha256,crc32"


@pytest.mark.parametrize("method", ["POST", "HEAD", "PATCH", "DELETE"])
@pytest.mark.parametrize("version", [None, "", "0.2.2", "1.0.1", "2.0.0"])
def test_missing_or_other_version_is_precondition_failed(method, version):
    headers = without({**POST, **PATCH}, "tus-resumable")
    if version is not None:
        headers["tus-resumable"] = version

    reply = decide(method, headers)

    assert reply.status == 412
    assert reply.headers["Tus-Version"] == "1.0.0"
    assert reply.headers["Tus-Resumable"] == "1.0.0"


@pytest.mark.parametrize(
    ("method", "names_upload"),
    [("GET", True), ("PUT", True), ("POST", True), ("GET", False), ("PATCH", False)],
)
def test_other_methods_are_not_allowed_and_those_allowed_are_named(method, names_upload):
    reply = decide(method, PATCH, names_upload=names_upload)

    assert reply.status == 405
    assert method not in reply.headers["Allow"].split(", ")


@pytest.mark.parametrize(
    ("override", "kind"), [("PATCH", tus.Append), ("delete", tus.Terminate), ("HEAD", tus.Report)]
)
def test_method_override_stands_above_the_method(override, kind):
    decision = decide("POST", {**PATCH, "x-http-method-override": override}, names_upload=True)

    assert isinstance(decision, kind)


def test_head_asks_for_a_report_and_delete_for_the_end():
    assert isinstance(decide("HEAD", RESUMABLE), tus.Report)
    assert isinstance(decide("DELETE", RESUMABLE), tus.Terminate)


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


@pytest.mark.parametrize("length", [None, "", "-1", "ten", "1e3", "9" * 19])
def test_creation_without_a_whole_length_is_a_bad_request(length):
    headers = without(POST, "upload-length")
    if length is not None:
        headers["upload-length"] = length

    assert decide("POST", headers).status == 400


def test_creation_up_to_the_largest_size_is_accepted_and_beyond_is_too_large():
    assert isinstance(decide("POST", {**POST, "upload-length": "1000"}), tus.Create)
    assert decide("POST", {**POST, "upload-length": "1001"}).status == 413


def test_creation_of_an_empty_file_is_accepted():
    assert decide("POST", {**POST, "upload-length": "0"}) == tus.Create(0, {}, None)


def test_length_may_be_told_later():
    headers = {**without(POST, "upload-length"), "upload-defer-length": "1"}

    assert decide("POST", headers) == tus.Create(None, {}, None)


@pytest.mark.parametrize("value", ["", "0", "2", "true"])
def test_length_is_deferred_by_the_number_one_alone(value):
    headers = {**without(POST, "upload-length"), "upload-defer-length": value}

    assert decide("POST", headers).status == 400


def test_length_that_is_both_told_and_deferred_is_a_bad_request():
    assert decide("POST", {**POST, "upload-defer-length": "1"}).status == 400


def test_length_told_late_comes_with_bytes():
    assert decide("PATCH", {**PATCH, "upload-length": "70"}).length == 70
    assert decide("PATCH", {**PATCH, "upload-length": "x"}).status == 400


def test_piece_of_an_upload_is_told_as_such():
    assert decide("POST", {**POST, "upload-concat": "partial"}).is_partial


def test_final_upload_names_its_pieces_by_path_or_url():
    first, second = "a" * 32, "b" * 32
    value = f"final;/files/{first} https://example.org/x/files/{second}"

    decision = decide("POST", {**without(POST, "upload-length"), "upload-concat": value})

    assert decision.pieces == (first, second)


@pytest.mark.parametrize(
    "value",
    [
        "whole",
        "final",
        "final;",
        "final;/files/x",
        f"final;/files/{'a' * 32},/files/{'b' * 32}",
        "final;" + " ".join(f"/{number:032x}" for number in range(257)),
    ],
)
def test_other_concatenations_are_a_bad_request(value):
    headers = {**without(POST, "upload-length"), "upload-concat": value}

    assert decide("POST", headers).status == 400


@pytest.mark.parametrize(
    "more",
    [
        {"upload-length": "10"},
        {"upload-defer-length": "1"},
        {"content-length": "4", "content-type": tusheaders.BYTES_TYPE},
    ],
    ids=lambda more: next(iter(more)),
)
def test_final_upload_has_no_length_and_no_bytes_of_its_own(more):
    headers = {**without(POST, "upload-length"), "upload-concat": f"final;/{'a' * 32}", **more}

    assert decide("POST", headers).status == 400


def test_bytes_for_a_final_upload_are_forbidden():
    state = dataclasses.replace(make_state(), concat=f"final;/{'a' * 32}")

    with pytest.raises(PartJoinedError):
        tus.check_append(tus.Body(1, None), state, 1000)


def test_report_tells_a_deferred_length_and_a_concatenation():
    reply = tus.reported(dataclasses.replace(make_state(), length=None, concat="partial"))

    assert reply.headers["Upload-Defer-Length"] == "1"
    assert reply.headers["Upload-Concat"] == "partial"
    assert "Upload-Length" not in reply.headers


def test_creation_with_bytes_carries_their_body():
    headers = {**POST, "content-length": "4", "content-type": tusheaders.BYTES_TYPE}

    assert decide("POST", headers).body == tus.Body(4, None)


def test_creation_with_bytes_of_another_type_is_unsupported():
    headers = {**POST, "content-length": "4", "content-type": "text/plain"}

    assert decide("POST", headers).status == 415


def test_creation_with_more_bytes_than_its_length_is_too_large():
    headers = {**POST, "content-length": "11", "content-type": tusheaders.BYTES_TYPE}

    assert decide("POST", headers).status == 413


def test_metadata_keys_are_told_apart_without_regard_to_case():
    header = f" UploadToken {encoded('abc')} , filename {encoded('Ä b.svs')},flag, empty "

    created = decide("POST", {**POST, "upload-metadata": header})

    assert created.text("uploadtoken") == "abc"
    assert created.text("filename") == "Ä b.svs"
    assert created.metadata["flag"] == b""
    assert created.text("missing") is None


@pytest.mark.parametrize("header", ["", "   "])
def test_metadata_is_optional(header):
    assert decide("POST", {**POST, "upload-metadata": header}).metadata == {}


@pytest.mark.parametrize(
    "header",
    [
        "filename !!!!",
        "filename YQ",
        "filename YQ== YQ==",
        "filename é",
        "a YQ==,A Yg==",
        "a YQ==,,b Yg==",
        "ключ YQ==",
        f"a {'A' * 20_000}",
    ],
)
def test_malformed_metadata_is_a_bad_request(header):
    assert decide("POST", {**POST, "upload-metadata": header}).status == 400


def test_metadata_value_that_is_no_text_is_told_by_name():
    value = base64.b64encode(b"\xff").decode()
    created = decide("POST", {**POST, "upload-metadata": f"filename {value}"})

    with pytest.raises(InputError, match="filename"):
        created.text("filename")


def test_public_metadata_leaves_the_tokens_out():
    header = f"uploadtoken {encoded('t')},APIToken {encoded('a')}, FileName {encoded('x')},flag"

    created = decide("POST", {**POST, "upload-metadata": header})

    assert created.public_metadata == f"FileName {encoded('x')},flag"


@given(
    st.dictionaries(
        st.from_regex(r"[!-+\--@\[-~]{1,12}", fullmatch=True), st.binary(max_size=20), max_size=5
    )
)
def test_metadata_is_told_back_as_it_was_sent(values):
    sent = ",".join(f"{k} {base64.b64encode(v).decode()}".strip() for k, v in values.items())

    header = decide("POST", {**POST, "upload-metadata": sent}).public_metadata

    again = decide("POST", {**POST, "upload-metadata": header})
    assert again.metadata == {k: v for k, v in values.items() if k not in tus.SECRET_KEYS}


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


def test_report_tells_offset_length_metadata_and_expiry_and_is_not_cached():
    reply = tus.reported(make_state(metadata="filename eA=="))

    assert reply.status == 200
    assert dict(reply.headers) == {
        "Tus-Resumable": "1.0.0",
        "Cache-Control": "no-store",
        "Upload-Offset": "4",
        "Upload-Length": "10",
        "Upload-Metadata": "filename eA==",
        "Upload-Expires": "Sun, 01 Mar 2026 12:00:00 GMT",
    }


def test_report_without_metadata_leaves_the_header_out():
    assert "Upload-Metadata" not in tus.reported(make_state()).headers


def test_creation_and_append_tell_offset_and_expiry():
    created = tus.created("/files/1", make_state())
    appended = tus.appended(make_state())

    assert (created.status, created.headers["Location"]) == (201, "/files/1")
    assert appended.status == 204
    for reply in (created, appended):
        assert reply.headers["Upload-Offset"] == "4"
        assert reply.headers["Upload-Expires"] == "Sun, 01 Mar 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (PartMissingError, 404),
        (PartExpiredError, 410),
        (PartLockedError, 423),
        (PartJoinedError, 403),
        (PartLengthError, 400),
        (OffsetError, 409),
        (PartIncompleteError, 409),
        (PartOverflowError, 413),
        (ChecksumError, 460),
        (DiskFullError, 507),
        (InputError, 400),
        (RightsError, 401),
        (NotFoundError, 404),
        (ConflictError, 409),
        (BusyError, 503),
    ],
)
def test_every_failure_has_its_status_and_no_offset(error, status):
    reply = tus.refused(error("why"))

    assert reply.status == status
    assert reply.message == "why"
    assert reply.headers["Tus-Resumable"] == "1.0.0"
    assert "Upload-Offset" not in reply.headers
