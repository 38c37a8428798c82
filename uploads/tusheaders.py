"""Values of the tus headers: what a client wrote, read into numbers, names and bytes.

Source for every clause: https://tus.io/protocols/resumable-upload, version 1.0.0.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Final

from uploads.checksums import ALGORITHMS, Checksum

BYTES_TYPE: Final = "application/offset+octet-stream"

MAX_METADATA_CHARS = 16 * 1024
"""Tokens and names need a few hundred."""

MAX_PIECES = 256
"""Most uploads joined into one; clients send about as many as they have connections."""

PARTIAL: Final = "partial"
"""``Upload-Concat`` of an upload that is a piece of another."""

FINAL: Final = "final;"
"""How ``Upload-Concat`` begins for an upload that is joined from pieces."""

_MAX_INTEGER_DIGITS = 18
_PIECE = re.compile(r"(?:[^\s,]*/)?([0-9a-f]{32})/?")


class HeaderError(Exception):
    """A header is missing or malformed.

    Parameters
    ----------
    message
        For people.
    status
        The protocol's own answer.
    """

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


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


def has_body(headers: Mapping[str, str]) -> bool:
    """Tell whether a request brings bytes."""
    return "transfer-encoding" in headers or headers.get("content-length", "0").strip() != "0"


def read_body(headers: Mapping[str, str]) -> Body:
    """Return what the headers say of the bytes that come with a request."""
    content_type = headers.get("content-type", "").split(";")[0].strip().lower()
    if content_type != BYTES_TYPE:
        raise HeaderError(f"the Content-Type must be {BYTES_TYPE}", 415)
    byte_count = read_integer(headers, "Content-Length") if "content-length" in headers else None
    return Body(byte_count, _checksum(headers))


def read_integer(headers: Mapping[str, str], name: str) -> int:
    """Return a header that counts bytes."""
    text = headers.get(name.lower(), "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_INTEGER_DIGITS):
        raise HeaderError(f"the header {name} must be a whole number of bytes")
    return int(text)


def read_length(headers: Mapping[str, str]) -> int | None:
    """Return the length of a new upload, or None when the client does not know it yet."""
    if "upload-defer-length" not in headers:
        return read_integer(headers, "Upload-Length")
    # Clauses: the only value is 1, and a deferred length is not told.
    if headers["upload-defer-length"].strip() != "1":
        raise HeaderError("the header Upload-Defer-Length must be 1")
    if "upload-length" in headers:
        raise HeaderError("send Upload-Length or Upload-Defer-Length, not both")
    return None


def read_pieces(value: str) -> tuple[str, ...]:
    """Return the ids of the uploads that ``Upload-Concat: final;…`` names, in their order.

    They are named by path or by whole URL, with a space between them; only their end counts.
    """
    names = value.strip().removeprefix(FINAL).split()
    found = [_PIECE.fullmatch(name) for name in names]
    ids = [match[1] for match in found if match]
    if not ids or len(ids) != len(names) or len(ids) > MAX_PIECES:
        raise HeaderError(
            f"Upload-Concat must be 'partial' or 'final;' and 1 to {MAX_PIECES} upload URLs"
        )
    # Clause: a piece may be named more than once.
    return tuple(ids)


def read_metadata(header: str) -> dict[str, bytes]:
    """Return metadata by key in lower case.

    Keys are told apart without regard to case (a choice); a key may stand without a value.
    """
    if len(header) > MAX_METADATA_CHARS:
        raise HeaderError(f"Upload-Metadata is longer than {MAX_METADATA_CHARS} characters")
    metadata: dict[str, bytes] = {}
    for key, encoded in _pairs(header):
        if not re.fullmatch(r"[!-~]+", key):
            raise HeaderError("Upload-Metadata must be 'key base64' pairs, with commas")
        if key.lower() in metadata:
            raise HeaderError(f"Upload-Metadata names {key[:40]} twice")
        try:
            metadata[key.lower()] = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            raise HeaderError(f"Upload-Metadata: {key[:40]} is not base64") from None
    return metadata


def leave_out(header: str, keys: Set[str]) -> str:
    """Return well-formed metadata as it was sent, without some keys (in lower case)."""
    kept = [(key, encoded) for key, encoded in _pairs(header) if key.lower() not in keys]
    return ",".join(f"{key} {encoded}".rstrip() for key, encoded in kept)


def _pairs(header: str) -> Iterator[tuple[str, str]]:
    for pair in header.split(",") if header.strip() else ():
        key, _, encoded = pair.strip().partition(" ")
        yield key, encoded.strip()


def _checksum(headers: Mapping[str, str]) -> Checksum | None:
    value = headers.get("upload-checksum")
    if value is None:
        return None
    algorithm, _, encoded = value.strip().partition(" ")
    if algorithm.lower() not in ALGORITHMS:
        known = ", ".join(ALGORITHMS)
        raise HeaderError(f"Upload-Checksum knows {known}, not {algorithm[:20]!r}")
    try:
        digest = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise HeaderError("Upload-Checksum must be '<algorithm> <base64>'") from None
    return Checksum(algorithm.lower(), digest)
