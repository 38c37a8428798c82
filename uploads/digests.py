"""SHA-256 of whole files: what a client says, and what arrived.

The sum is made while the bytes stream in (``uploads.sums``). Where that was interrupted by another
process, it is made from the file: in FinishUpload when the client told a sum, else after the upload
is finished (``uploads.checker``), so that FinishUpload of 20 GB answers before a proxy gives up.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from pathlib import Path

from records.errors import InputError
from uploads import tusheaders

METADATA_KEY = "sha256"
"""Under which clients may say the sum when they begin an upload."""


class DigestError(InputError):
    """The file that arrived is not the one that the client summed up."""


def read_sha256(text: str) -> str:
    """Return a SHA-256 in lower-case hex, from hex or base64.

    Raises
    ------
    InputError
        It is neither.
    """
    text = text.strip()
    if re.fullmatch(r"[0-9a-fA-F]{64}", text):
        return text.lower()
    try:
        digest = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if len(digest) != hashlib.sha256().digest_size:
        raise InputError("sha256 must be 64 hexadecimal digits, or base64 of 32 bytes")
    return digest.hex()


def announced_sha256(metadata: str) -> str | None:
    """Return the sum that the metadata of an upload names, or None.

    Parameters
    ----------
    metadata
        The client's ``Upload-Metadata``.

    Raises
    ------
    InputError
        It is no SHA-256.
    """
    value = tusheaders.read_metadata(metadata).get(METADATA_KEY)
    return read_sha256(value.decode("ascii", errors="replace")) if value else None


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hex; blocks as long as reading the file takes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_sha256(path: Path, wanted: str, *, known: str | None = None) -> None:
    """Insist that a file is the one that the client meant.

    Parameters
    ----------
    path
        Read, when its sum is not known.
    wanted
        What the client says, in lower-case hex.
    known
        The sum that was made while the bytes streamed in.

    Raises
    ------
    DigestError
        It has another sum.
    """
    found = known or sha256_of(path)
    if not hmac.compare_digest(found, wanted):
        raise DigestError(
            f"the file arrived with the SHA-256 {found}, but {wanted} was announced; "
            "upload it again"
        )
