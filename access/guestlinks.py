"""Guest links: one slide of a study, for whoever holds the link, without an account.

A link names slide and end, signed; nothing is stored. It names the slide by its ULID, for SQLite
gives the number of a slide that was deleted to a new one. Whether the study still lets its slides
be shared is looked up when the link is used.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import struct
from datetime import datetime

from access.tokens import TileTokenError
from records.people_tables import ULID_LENGTH

PREFIX = "g-"
"""Tells these links from those to files of the server, in the same place of an address."""

_BODY = struct.Struct(f">{ULID_LENGTH}sQ")
_SIGNATURE_BYTES = 16


class GuestLinks:
    """Makes and checks links.

    Parameters
    ----------
    key
        The server's secret key.
    """

    def __init__(self, key: bytes) -> None:
        self._key = hmac.digest(key, b"guest links", "sha256")

    def issue(self, slide_ulid: str, expires_at: datetime) -> str:
        """Return a text of letters, digits, - and _ for a URL."""
        body = _BODY.pack(slide_ulid.encode("ascii"), int(expires_at.timestamp()))
        return PREFIX + base64.urlsafe_b64encode(body + self._sign(body)).decode().rstrip("=")

    def verify(self, text: str, now: datetime) -> str:
        """Return the ULID of the slide that a link names.

        Raises
        ------
        TileTokenError
            The link was not made here, or is expired.
        """
        coded = text.removeprefix(PREFIX)
        try:
            data = base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4))
        except (ValueError, binascii.Error):
            raise TileTokenError("this link is not valid") from None
        body, signature = data[: _BODY.size], data[_BODY.size :]
        if len(body) < _BODY.size or not hmac.compare_digest(self._sign(body), signature):
            raise TileTokenError("this link is not valid")
        slide_ulid, expires = _BODY.unpack(body)
        if expires <= now.timestamp():
            raise TileTokenError("this link has expired")
        return str(slide_ulid, "ascii")

    def _sign(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, "sha256")[:_SIGNATURE_BYTES]
