"""What headers ask for, whichever the verb, and what the headers of replies say."""

from __future__ import annotations

import dataclasses

import pytest

from records.errors import BusyError, ConflictError, InputError, NotFoundError, RightsError
from tests.uploads.tus.decisions import PATCH, POST, RESUMABLE, decide, make_state, without
from uploads import tus
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
)


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


def test_report_tells_a_deferred_length_and_a_concatenation():
    reply = tus.reported(dataclasses.replace(make_state(), length=None, concat="partial"))

    assert reply.headers["Upload-Defer-Length"] == "1"
    assert reply.headers["Upload-Concat"] == "partial"
    assert "Upload-Length" not in reply.headers


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
