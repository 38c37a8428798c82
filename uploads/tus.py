"""tus 1.0.0 as decisions: what a request's headers ask for, and what a reply's headers say.

No bytes, no disk, no HTTP library: a request's headers go in, a decision comes out.

Source for every clause: https://tus.io/protocols/resumable-upload, version 1.0.0.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Final

from records.errors import (
    AppError,
    BusyError,
    ConflictError,
    InputError,
    NotFoundError,
    RightsError,
)
from uploads.checksums import ALGORITHMS, Checksum
from uploads.parts import (
    ChecksumError,
    DiskFullError,
    PartExpiredError,
    PartLockedError,
    PartOverflowError,
    PartState,
)

VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,creation-with-upload,expiration,checksum,termination"
BYTES_TYPE: Final = "application/offset+octet-stream"

MAX_METADATA_CHARS = 16 * 1024
"""Tokens and names need a few hundred."""

SECRET_KEYS = frozenset({"uploadtoken", "apitoken"})
"""Metadata by which Slide Score clients authorise; never stored or told back, though the protocol
wants all metadata told back: whoever learns an upload's URL must not learn the token (a choice)."""

_COLLECTION_METHODS = "OPTIONS, POST"
_UPLOAD_METHODS = "OPTIONS, HEAD, PATCH, DELETE"
_MAX_INTEGER_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Reply:
    """A finished answer; the message is for people."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    message: str = ""


@dataclass(frozen=True, slots=True)
class Body:
    """The bytes that come with a request.

    Parameters
    ----------
    byte_count
        What the client announces, or None when it sends chunks.
    checksum
        What the bytes add up to, if the client says so.
    """

    byte_count: int | None
    checksum: Checksum | None


@dataclass(frozen=True, slots=True)
class Create:
    """A new upload is asked for, perhaps with its first bytes."""

    length: int
    metadata: Mapping[str, bytes]
    body: Body | None

    def text(self, key: str) -> str | None:
        """Return a metadata value as text, or None when there is none.

        Raises
        ------
        InputError
            The value is not UTF-8.
        """
        value = self.metadata.get(key)
        if value is None:
            return None
        try:
            return value.decode()
        except UnicodeDecodeError:
            raise InputError(f"the metadata {key} is not UTF-8 text") from None

    @property
    def public_metadata(self) -> str:
        """The metadata as a header again, without secrets."""
        return ",".join(
            f"{key} {base64.b64encode(value).decode()}".strip()
            for key, value in self.metadata.items()
            if key not in SECRET_KEYS
        )


@dataclass(frozen=True, slots=True)
class Append:
    """Bytes are sent that begin at an offset."""

    offset: int
    body: Body


@dataclass(frozen=True, slots=True)
class Report:
    """The client asks how far the upload is."""


@dataclass(frozen=True, slots=True)
class Terminate:
    """The client gives the upload up."""


Decision = Reply | Create | Append | Report | Terminate


class _RefusedError(Exception):
    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.reply = _reply(status, headers, message)


def decide(
    method: str, headers: Mapping[str, str], *, names_upload: bool, max_bytes: int
) -> Decision:
    """Tell what a request asks for, or how it is answered at once.

    Parameters
    ----------
    method
        As sent; ``X-HTTP-Method-Override`` stands above it.
    headers
        By name in lower case.
    names_upload
        Whether the path names one upload, or the collection of all.
    max_bytes
        Size of the largest file accepted.
    """
    method = headers.get("x-http-method-override", method).strip().upper()
    try:
        return _decide(method, headers, names_upload=names_upload, max_bytes=max_bytes)
    except _RefusedError as refusal:
        return refusal.reply


def check_room(body: Body, state: PartState) -> None:
    """Refuse, before the first byte is read, a body that says it is too long for the upload.

    Raises
    ------
    PartOverflowError
        More bytes are announced than the upload has room for.
    """
    room = state.length - state.offset
    if body.byte_count is not None and body.byte_count > room:
        raise PartOverflowError(
            f"{body.byte_count} bytes are announced, but the upload has room for {room}"
        )


def created(location: str, state: PartState) -> Reply:
    """Return the answer to a creation that went well."""
    return _reply(201, {"Location": location, **_offset(state), **_expiry(state)})


def appended(state: PartState) -> Reply:
    """Return the answer to bytes that are on disk now."""
    return _reply(204, {**_offset(state), **_expiry(state)})


def reported(state: PartState) -> Reply:
    """Return the answer to the question how far an upload is."""
    headers = {"Upload-Length": str(state.length), **_offset(state), **_expiry(state)}
    if state.metadata:
        headers["Upload-Metadata"] = state.metadata
    return _reply(200, headers)


def terminated() -> Reply:
    """Return the answer to an upload's end."""
    return _reply(204)


def interrupted() -> Reply:
    """Return the answer to a client that stopped sending and may still be listening."""
    return _reply(408, None, "the bytes stopped coming; ask with HEAD where to go on")


_STATUSES: Mapping[type[AppError], int] = {
    PartExpiredError: 410,
    PartLockedError: 423,
    PartOverflowError: 413,
    ChecksumError: 460,
    DiskFullError: 507,
    RightsError: 401,
    NotFoundError: 404,
    ConflictError: 409,
    InputError: 400,
    BusyError: 503,
}


def refused(error: AppError) -> Reply:
    """Return the answer to a request that failed, with the protocol's own statuses."""
    status = next(_STATUSES[kind] for kind in type(error).__mro__ if kind in _STATUSES)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return _reply(status, headers, error.message)


def _decide(
    method: str, headers: Mapping[str, str], *, names_upload: bool, max_bytes: int
) -> Decision:
    if method == "OPTIONS":
        # Clause: the server ignores Tus-Resumable here.
        return _capabilities(max_bytes)
    allowed = _UPLOAD_METHODS if names_upload else _COLLECTION_METHODS
    if method not in allowed.split(", "):
        raise _RefusedError(405, f"this path answers {allowed}", {"Allow": allowed})
    if headers.get("tus-resumable", "").strip() != VERSION:
        message = f"the header Tus-Resumable must be {VERSION}"
        raise _RefusedError(412, message, {"Tus-Version": VERSION})
    if method == "POST":
        return _creation(headers, max_bytes)
    if method == "PATCH":
        return _append(headers)
    return Report() if method == "HEAD" else Terminate()


def _capabilities(max_bytes: int) -> Reply:
    return _reply(
        204,
        {
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(max_bytes),
            "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
        },
    )


def _creation(headers: Mapping[str, str], max_bytes: int) -> Create:
    if "upload-concat" in headers:
        raise _RefusedError(400, "this server does not join uploads (extension concatenation)")
    if "upload-defer-length" in headers:
        raise _RefusedError(400, "this server wants the length first: send Upload-Length")
    length = _integer(headers, "Upload-Length")
    if length > max_bytes:
        raise _RefusedError(413, f"the largest upload is {max_bytes} bytes")
    body = _body(headers) if _has_body(headers) else None
    if body is not None and (body.byte_count or 0) > length:
        raise _RefusedError(413, f"the body is longer than the Upload-Length of {length} bytes")
    return Create(length, _metadata(headers.get("upload-metadata", "")), body)


def _append(headers: Mapping[str, str]) -> Append:
    body = _body(headers)
    return Append(_integer(headers, "Upload-Offset"), body)


def _has_body(headers: Mapping[str, str]) -> bool:
    return "transfer-encoding" in headers or headers.get("content-length", "0").strip() != "0"


def _body(headers: Mapping[str, str]) -> Body:
    content_type = headers.get("content-type", "").split(";")[0].strip().lower()
    if content_type != BYTES_TYPE:
        raise _RefusedError(415, f"the Content-Type must be {BYTES_TYPE}")
    byte_count = _integer(headers, "Content-Length") if "content-length" in headers else None
    return Body(byte_count, _checksum(headers))


def _checksum(headers: Mapping[str, str]) -> Checksum | None:
    value = headers.get("upload-checksum")
    if value is None:
        return None
    algorithm, _, encoded = value.strip().partition(" ")
    if algorithm.lower() not in ALGORITHMS:
        known = ", ".join(ALGORITHMS)
        raise _RefusedError(400, f"Upload-Checksum knows {known}, not {algorithm[:20]!r}")
    try:
        digest = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise _RefusedError(400, "Upload-Checksum must be '<algorithm> <base64>'") from None
    return Checksum(algorithm.lower(), digest)


def _metadata(header: str) -> dict[str, bytes]:
    # Keys are told apart without regard to case (a choice); a key may stand without a value.
    if len(header) > MAX_METADATA_CHARS:
        raise _RefusedError(400, f"Upload-Metadata is longer than {MAX_METADATA_CHARS} characters")
    metadata: dict[str, bytes] = {}
    for pair in header.split(",") if header.strip() else ():
        key, _, encoded = pair.strip().partition(" ")
        if not re.fullmatch(r"[!-~]+", key):
            raise _RefusedError(400, "Upload-Metadata must be 'key base64' pairs, with commas")
        if key.lower() in metadata:
            raise _RefusedError(400, f"Upload-Metadata names {key[:40]} twice")
        try:
            metadata[key.lower()] = base64.b64decode(encoded.strip(), validate=True)
        except (binascii.Error, ValueError):
            raise _RefusedError(400, f"Upload-Metadata: {key[:40]} is not base64") from None
    return metadata


def _integer(headers: Mapping[str, str], name: str) -> int:
    text = headers.get(name.lower(), "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_INTEGER_DIGITS):
        raise _RefusedError(400, f"the header {name} must be a whole number of bytes")
    return int(text)


def _offset(state: PartState) -> dict[str, str]:
    return {"Upload-Offset": str(state.offset)}


def _expiry(state: PartState) -> dict[str, str]:
    return {"Upload-Expires": format_datetime(state.expires_at, usegmt=True)}


def _reply(status: int, headers: Mapping[str, str] | None = None, message: str = "") -> Reply:
    # Clause: Tus-Resumable is in every response; HEAD's must not be cached, nor should any other.
    always = {"Tus-Resumable": VERSION, "Cache-Control": "no-store"}
    return Reply(status, {**always, **(headers or {})}, message)
