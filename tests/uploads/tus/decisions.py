"""Requests as headers alone, for tests of what ``uploads.tus`` decides."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

from uploads import tus
from uploads.parts import (
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
