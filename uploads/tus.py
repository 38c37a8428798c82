"""tus 1.0.0 as decisions: what a request's headers ask for, and what a reply's headers say.

No bytes, no disk, no HTTP library: a request's headers go in, a decision comes out.

Source for every clause: https://tus.io/protocols/resumable-upload, version 1.0.0.
"""

from __future__ import annotations

import dataclasses
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
from uploads import tusheaders
from uploads.checksums import ALGORITHMS
from uploads.parts import (
    ChecksumError,
    DiskFullError,
    PartExpiredError,
    PartJoinedError,
    PartLockedError,
    PartOverflowError,
    PartState,
)
from uploads.tusheaders import Body

VERSION: Final = "1.0.0"
EXTENSIONS: Final = ",".join(
    (
        "creation",
        "creation-with-upload",
        "creation-defer-length",
        "expiration",
        "checksum",
        "termination",
        "concatenation",
    )
)

SECRET_KEYS = frozenset({"uploadtoken", "apitoken"})
"""Metadata by which Slide Score clients authorise; never stored or told back, though the protocol
wants all metadata told back: whoever learns an upload's URL must not learn the token (a choice)."""

_COLLECTION_METHODS = "OPTIONS, POST"
_UPLOAD_METHODS = "OPTIONS, HEAD, PATCH, DELETE"


@dataclass(frozen=True, slots=True)
class Reply:
    """A finished answer; the message is for people."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    message: str = ""


@dataclass(frozen=True, slots=True)
class Create:
    """A new upload is asked for, perhaps with its first bytes.

    Parameters
    ----------
    length
        In bytes; None when the client does not know it yet, or when the upload is to be joined.
    is_partial
        Whether it is a piece, to be joined with others later.
    pieces
        Ids of the uploads to be joined into this one, in their order.
    public_metadata
        The metadata as they were sent, without secrets.
    """

    length: int | None
    metadata: Mapping[str, bytes]
    body: Body | None
    is_partial: bool = False
    pieces: tuple[str, ...] = ()
    public_metadata: str = ""

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


@dataclass(frozen=True, slots=True)
class Append:
    """Bytes are sent that begin at an offset.

    Parameters
    ----------
    length
        Of the whole upload, told now when it was deferred at first.
    """

    offset: int
    body: Body
    length: int | None = None


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
    method = method_of(method, headers)
    try:
        return _decide(method, headers, names_upload=names_upload, max_bytes=max_bytes)
    except _RefusedError as refusal:
        return refusal.reply
    except tusheaders.HeaderError as error:
        return _reply(error.status, None, error.message)


def check_append(body: Body, state: PartState, max_bytes: int) -> None:
    """Refuse, before the first byte is read, a body that can have no place in the upload.

    Raises
    ------
    PartJoinedError
        The upload is made of others. Clause: a PATCH against a final upload is 403.
    PartOverflowError
        More bytes are announced than the upload has room for.
    """
    if state.concat.startswith(tusheaders.FINAL):
        raise PartJoinedError("this upload is joined from others; it takes no bytes")
    room = (max_bytes if state.length is None else state.length) - state.offset
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
    headers = {**_offset(state), **_expiry(state)}
    if state.length is None:
        headers["Upload-Defer-Length"] = "1"
    else:
        headers["Upload-Length"] = str(state.length)
    if state.metadata:
        headers["Upload-Metadata"] = state.metadata
    if state.concat:
        headers["Upload-Concat"] = state.concat
    return _reply(200, headers)


def terminated() -> Reply:
    """Return the answer to an upload's end."""
    return _reply(204)


def interrupted() -> Reply:
    """Return the answer to a client that stopped sending and may still be listening.

    Clause: a timeout should be handled by closing the connection.
    """
    message = "the bytes stopped coming; ask with HEAD where to go on"
    return _reply(408, {"Connection": "close"}, message)


def with_expiry(reply: Reply, state: PartState) -> Reply:
    """Return an answer that also tells when the upload expires.

    Clause: every answer to a PATCH does, if the upload is going to expire; so refusals do too.
    """
    return dataclasses.replace(reply, headers={**reply.headers, **_expiry(state)})


def method_of(method: str, headers: Mapping[str, str]) -> str:
    """Return what a request wants. Clause: X-HTTP-Method-Override stands above the method."""
    return headers.get("x-http-method-override", method).strip().upper()


_STATUSES: Mapping[type[AppError], int] = {
    PartExpiredError: 410,
    PartLockedError: 423,
    PartJoinedError: 403,
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
    header = headers.get("upload-metadata", "")
    metadata = tusheaders.read_metadata(header)
    public = tusheaders.leave_out(header, SECRET_KEYS)
    concat = headers.get("upload-concat", "").strip()
    if concat and concat != tusheaders.PARTIAL:
        joined = _joining(headers, concat, metadata)
        return dataclasses.replace(joined, public_metadata=public)
    length = tusheaders.read_length(headers)
    if (length or 0) > max_bytes:
        raise _RefusedError(413, f"the largest upload is {max_bytes} bytes")
    body = tusheaders.read_body(headers) if tusheaders.has_body(headers) else None
    room = max_bytes if length is None else length
    if body is not None and (body.byte_count or 0) > room:
        raise _RefusedError(413, f"the body is longer than the {room} bytes of the upload")
    return Create(length, metadata, body, is_partial=bool(concat), public_metadata=public)


def _joining(headers: Mapping[str, str], concat: str, metadata: Mapping[str, bytes]) -> Create:
    pieces = tusheaders.read_pieces(concat) if concat.startswith(tusheaders.FINAL) else ()
    if not pieces:
        raise _RefusedError(400, "Upload-Concat must be 'partial' or 'final;' and upload URLs")
    # Clause: the client must not tell a length; the bytes are all here, too.
    if "upload-length" in headers or "upload-defer-length" in headers:
        raise _RefusedError(400, "an upload joined from others has their length; send none")
    if tusheaders.has_body(headers):
        raise _RefusedError(400, "an upload joined from others takes no bytes of its own")
    return Create(None, metadata, None, pieces=pieces)


def _append(headers: Mapping[str, str]) -> Append:
    body = tusheaders.read_body(headers)
    length = (
        tusheaders.read_integer(headers, "Upload-Length") if "upload-length" in headers else None
    )
    return Append(tusheaders.read_integer(headers, "Upload-Offset"), body, length)


def _offset(state: PartState) -> dict[str, str]:
    return {"Upload-Offset": str(state.offset)}


def _expiry(state: PartState) -> dict[str, str]:
    return {"Upload-Expires": format_datetime(state.expires_at, usegmt=True)}


def _reply(status: int, headers: Mapping[str, str] | None = None, message: str = "") -> Reply:
    # Clause: Tus-Resumable is in every response; HEAD's must not be cached, nor should any other.
    always = {"Tus-Resumable": VERSION, "Cache-Control": "no-store"}
    return Reply(status, {**always, **(headers or {})}, message)
