"""Slide links: one slide of one person, for programs that have neither cookie nor token (QuPath).

A link names person, slide and end, signed; nothing is stored. What the person may do is looked up
whenever it is used, so that a right that was taken away, or a closed account, ends it at once.
"""

from __future__ import annotations

import base64
import hmac
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlmodel import Session

from access.rights import ALL_RIGHTS, Actor
from access.tokens import TileTokenError
from records.errors import RightsError
from records.tables import User

LIFETIME = timedelta(days=365)
"""Source: slidescore.md 2.3 and 5: QuPath takes a project older than a year to be expired."""

_BODY = struct.Struct(">QII")
_SIGNATURE_BYTES = 16


@dataclass(frozen=True, slots=True)
class SlideLink:
    """What a link stands for."""

    slide_id: int
    user_id: int
    expires_at: datetime


class SlideLinks:
    """Makes and checks links.

    Parameters
    ----------
    key
        The server's secret key.
    """

    def __init__(self, key: bytes) -> None:
        self._key = hmac.digest(key, b"slide links", "sha256")

    def issue(self, slide_id: int, user_id: int, now: datetime) -> tuple[str, datetime]:
        """Return a text of letters, digits, - and _ for a URL, and until when it holds."""
        expires_at = (now + LIFETIME).replace(microsecond=0)
        body = _BODY.pack(slide_id, user_id, int(expires_at.timestamp()))
        return base64.urlsafe_b64encode(body + self._sign(body)).decode(), expires_at

    def verify(self, slide_id: int, text: str, now: datetime) -> SlideLink:
        """Return what a link stands for.

        Raises
        ------
        TileTokenError
            It was not made here, not for this slide, or is expired: told as 503, which is what
            QuPath takes for an expired link (slidescore.md 2.3).
        """
        refusal = TileTokenError("this link is not valid; download the QuPath project again")
        try:
            data = base64.urlsafe_b64decode(text)
        except ValueError:
            raise refusal from None
        body, signature = data[: _BODY.size], data[_BODY.size :]
        if len(body) < _BODY.size or not hmac.compare_digest(self._sign(body), signature):
            raise refusal
        of_slide, user_id, expires = _BODY.unpack(body)
        if of_slide != slide_id:
            raise refusal
        if expires <= now.timestamp():
            raise TileTokenError("this link has expired; download the QuPath project again")
        return SlideLink(slide_id, user_id, datetime.fromtimestamp(expires, UTC))

    def _sign(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, "sha256")[:_SIGNATURE_BYTES]


def link_actor(session: Session, link: SlideLink) -> Actor:
    """Return the person a link acts for, with what they may do now.

    Raises
    ------
    RightsError
        The account is closed.
    """
    user = session.get(User, link.user_id)
    if user is None or not user.is_active:
        raise RightsError("the account that this link was made for is closed")
    return Actor(
        label=f"user:{user.id}",
        user_id=user.id,
        email=user.email,
        is_admin=user.is_admin,
        rights=ALL_RIGHTS if user.is_admin else frozenset(),
    )
