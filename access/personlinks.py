"""Signed links that stand for one person: to choose a password, or to sign in without one.

Nothing of a link is stored. Its signature covers the password that the account has when it is
made, so that every link of a person dies when a password is chosen.
"""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlmodel import Session

from records.errors import NotFoundError
from records.tables import User

INVITATION_LIFETIME = timedelta(days=14)
"""A choice: long enough for a holiday."""

RESET_LIFETIME = timedelta(hours=2)

LONGEST_LOGIN_LIFETIME = timedelta(days=366)


class Purpose(StrEnum):
    """What a link is for."""

    PASSWORD = "p"  # noqa: S105  (no secret: the kind of the link)
    LOGIN = "l"


class LinkError(NotFoundError):
    """The link was not made here, was used, or is over."""


@dataclass(frozen=True, slots=True)
class PersonLinks:
    """Makes and checks links.

    Parameters
    ----------
    key
        The server's secret key.
    """

    key: bytes

    def issue(self, user: User, purpose: Purpose, expires_at: datetime) -> str:
        """Return the secret end of a link, 45 to 60 letters, digits, dots and dashes."""
        body = f"{purpose}.{user.id}.{int(expires_at.timestamp())}"
        return f"{body}.{self._signature(body, user)}"

    def verify(self, session: Session, text: str, purpose: Purpose, now: datetime) -> User:
        """Return the person a link stands for.

        Raises
        ------
        LinkError
            The link does not hold; why is told alike, for a stranger may ask.
        """
        body, _, signature = text[:200].rpartition(".")
        parts = body.split(".")
        error = LinkError("this link is over or was used already; ask for a new one")
        if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts[1:]):
            raise error
        if len(parts[1]) > 9 or len(parts[2]) > 11 or parts[0] != purpose:
            raise error
        user = session.get(User, int(parts[1]))
        expected = self._signature(body, user or User(email=""))
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            raise error
        expires_at = datetime.fromtimestamp(int(parts[2]), UTC)
        if user is None or not user.is_active or expires_at <= now:
            raise error
        return user

    def _signature(self, body: str, user: User) -> str:
        text = f"{body}|{user.ulid}|{user.password_hash or ''}".encode()
        key = hmac.digest(self.key, b"links of people", "sha256")
        return base64.urlsafe_b64encode(hmac.digest(key, text, "sha256")[:24]).decode()
